// What is kept of a message that could not be decoded.
#pragma once

#include <string>

namespace apitoolkit::server::normalise {

// `bytes` with the secrets masked that can be found without understanding the message: where it is
// a JSON object, the values of secret headers (redact::is_secret_header) in request_headers and
// response_headers. Everything else stays as it came, so that somebody can see what was wrong.
std::string mask_dead_letter(std::string bytes);

}  // namespace apitoolkit::server::normalise
