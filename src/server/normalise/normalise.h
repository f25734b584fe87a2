// Turns what a client said about an exchange into what the server is willing to keep.
#pragma once

#include <cstdint>

#include "apitoolkit/exchange.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::normalise {

// What the server itself knows about an exchange.
struct Receipt {
  Uuid project{};   // of the key or the topic, never of the message
  Uuid identity{};  // wire::identity of the message as it came
  std::int64_t received_ns = 0;
};

// A start before the year 2000 or more than a day after the receipt becomes the time of receipt,
// and the record says so. The project's id is the receipt's. Methods are upper case, negative
// durations 0, empty tags gone; an exchange without a msg_id gets its identity as its id. Of a list
// that is longer than wire/README.md lets our own SDK send, the first elements stay.
store::Record normalise(Exchange exchange, const Receipt& receipt);

}  // namespace apitoolkit::server::normalise
