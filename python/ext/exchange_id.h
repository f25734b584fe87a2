// Ids of exchanges, made on the request's thread.
#pragma once

#include <cstdint>

#include "apitoolkit/exchange.h"

namespace apitoolkit::python {

// A UUIDv7 of that time, as make_id() makes one, at a fraction of its price: the operating system's
// generator is asked for many ids' bits at once. A forked child asks anew and repeats none of its
// parent's. Called with the GIL held.
Uuid next_exchange_id(std::int64_t unix_ns);

}  // namespace apitoolkit::python
