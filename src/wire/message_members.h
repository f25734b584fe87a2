// Inside src/wire: writing a message in steps, of which encode_message is the sum, and reading a
// single member.
#pragma once

#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::wire {

// Every member in the order of wire/README.md, no white space, no bound applied. Valid JSON for any
// exchange.
std::string write_members(const Exchange& exchange);

// Single members of it, each as its own JSON text. query_params as encode_message has them.
std::string path_params_json(const Exchange& exchange);
std::string query_params_json(const Exchange& exchange);
std::string errors_json(const Exchange& exchange);

// The reverse, for any member of the message: its JSON text into the exchange, as decode_message
// reads it. kCorrupt for what is not JSON, or not of that member's type; the member is then as it
// was, or empty.
Status read_member(std::string_view name, std::string_view json, Exchange& exchange);

// Whether its lists or bodies alone are over the bounds of limits.h. The message may still be too
// long when this is false: its size decides.
bool may_exceed_limits(const Exchange& exchange);

// The exchange with the least cut away so that its message keeps the bounds of limits.h.
Exchange fitted(Exchange exchange);

}  // namespace apitoolkit::wire
