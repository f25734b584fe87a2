// Inside src/wire: writing a message in steps, of which encode_message is the sum.
#pragma once

#include <string>

#include "apitoolkit/exchange.h"

namespace apitoolkit::wire {

// Every member in the order of wire/README.md, no white space, no bound applied. Valid JSON for any
// exchange.
std::string write_members(const Exchange& exchange);

// Single members of it, each as its own JSON text. query_params as encode_message has them.
std::string path_params_json(const Exchange& exchange);
std::string query_params_json(const Exchange& exchange);
std::string errors_json(const Exchange& exchange);

// Whether its lists or bodies alone are over the bounds of limits.h. The message may still be too
// long when this is false: its size decides.
bool may_exceed_limits(const Exchange& exchange);

// The exchange with the least cut away so that its message keeps the bounds of limits.h.
Exchange fitted(Exchange exchange);

}  // namespace apitoolkit::wire
