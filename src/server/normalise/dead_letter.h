// What is kept of a message that could not be decoded.
#pragma once

#include <string>

#include "src/server/redaction/project_redactor.h"

namespace apitoolkit::server::normalise {

// `bytes` with the secrets masked that can be found without understanding the message: where it is
// a JSON object, the values of secret headers, of the project's too, in request_headers and
// response_headers. Where the project has rules for bodies or a scrubber, all that they look at is
// masked as well, and what is no JSON object is the marker as a whole, since what those rules hide
// may be in it. Everything else stays as it came, so that somebody can see what was wrong.
std::string mask_dead_letter(std::string bytes, const redaction::ProjectRedactor& rules);

}  // namespace apitoolkit::server::normalise
