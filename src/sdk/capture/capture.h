// The first stage: what becomes of an exchange on the way from the application into the queue.
#pragma once

#include <cstdint>

#include "apitoolkit/captured_exchange.h"
#include "apitoolkit/config.h"

namespace apitoolkit::sdk {

// Bytes that the exchange occupies while it waits, near enough to bound a queue by. Runs on the
// request's thread: adds up sizes and nothing else.
std::int64_t footprint(const CapturedExchange& captured);

// A fresh msg_id, where there is none yet.
void give_id(Exchange& exchange);

// Fills in what every exchange of a client has in common, where the exchange does not say it
// itself: an id, the service's version, the tags, the SDK's version. Runs on the worker.
void complete(Exchange& exchange, const Config& config);

}  // namespace apitoolkit::sdk
