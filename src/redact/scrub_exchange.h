// The value scrubber on the parts of one exchange.
#pragma once

#include <string>

#include "apitoolkit/exchange.h"
#include "src/redact/scrub.h"

namespace apitoolkit::redact {

// A header's value, a URL, a message: text that may hold percent-encoded text.
void scrub_value(const Scrubber& scrubber, std::string& text);

// In place: URLs, path and query parameters, bodies, and the messages and stack traces of errors;
// headers are left to scrub_value. Bodies must be as Redactor leaves them. One with a NUL is of an
// encoding in which no value can be recognised: it becomes the marker as a whole, with the reason
// "unknown_encoding". One that was cut loses what could be the beginning of a value at its end.
void scrub_exchange(const Scrubber& scrubber, Exchange& exchange);

}  // namespace apitoolkit::redact
