// For tests: an exchange as the golden vectors describe it (wire/vectors/README.md), both ways.
#pragma once

#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/json/document.h"

namespace apitoolkit::wire {

// The members that differ from a default Exchange, in the order of exchange.h.
std::string describe(const Exchange& exchange);

// What describe wrote, or a vector's "exchange" or "expect" member. An unknown name is an error, so
// that a misspelt expectation cannot pass.
Result<Exchange> from_description(const json::Document& document, std::uint32_t object);

}  // namespace apitoolkit::wire
