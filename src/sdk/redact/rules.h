// The third stage's rules: the application's own, and those that the server adds to them. The
// engine is src/redact, which the server shares.
#pragma once

#include <string>
#include <vector>

#include "apitoolkit/config.h"
#include "apitoolkit/result.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit::sdk {

// What the configuration asks for.
redact::Rules local_rules(const Config& config);

// Whether the server asks for anything at all.
bool has_rules(const redact::Rules& remote);

// Adds the server's rules to the application's: nothing that the application masks is ever
// unmasked. A path that this version cannot read is not ignored: the body that it was for is masked
// whole, and `complaints` gets a sentence about it.
Result<redact::ExchangeRedactor> combine(redact::Rules local, const redact::Rules& remote,
                                         std::vector<std::string>& complaints);

}  // namespace apitoolkit::sdk
