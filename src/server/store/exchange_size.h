// How much memory an exchange takes: what every bound on exchanges in memory counts.
#pragma once

#include <cstdint>

#include "apitoolkit/exchange.h"

namespace apitoolkit::server::store {

// Every text, and every element of its lists, even an empty one.
std::int64_t memory_bytes(const Exchange& exchange);

}  // namespace apitoolkit::server::store
