// The third and fourth stage for one exchange: redact, then encode. Nothing unredacted comes out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/redact/exchange_redactor.h"

namespace apitoolkit::sdk {

struct Encoded {
  std::string message;                 // as wire/README.md describes it
  std::vector<std::string> redaction;  // why bodies were masked whole
};

// Takes a copy, since the original may have to be redacted again by newer rules. Bodies are cut to
// `body_bytes_max` after they were redacted: what is cut first cannot be read any more.
Encoded redact_and_encode(Exchange exchange, const redact::ExchangeRedactor& redactor,
                          const std::string& project_id, std::int64_t body_bytes_max);

// A message that was made before, by rules that may have grown since: redacted again. What is
// masked already stays as it is; a message in which nothing more is masked stays byte for byte,
// further members included. kCorrupt if it cannot be read.
Result<Encoded> redact_message(std::string_view message, const redact::ExchangeRedactor& redactor,
                               std::int64_t body_bytes_max);

}  // namespace apitoolkit::sdk
