// Inside src/wire: writing a message in three steps, of which encode_message is the sum.
#pragma once

#include <string>

#include "apitoolkit/exchange.h"

namespace apitoolkit::wire {

// Every member in the order of wire/README.md, no white space, no bound applied. Valid JSON for any
// exchange.
std::string write_members(const Exchange& exchange);

// Whether its lists or bodies alone are over the bounds of limits.h. The message may still be too
// long when this is false: its size decides.
bool may_exceed_limits(const Exchange& exchange);

// The exchange with the least cut away so that its message keeps the bounds of limits.h.
Exchange fitted(Exchange exchange);

}  // namespace apitoolkit::wire
