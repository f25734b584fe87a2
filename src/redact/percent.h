// Percent-encoding of queries and forms (WHATWG URL, application/x-www-form-urlencoded).
#pragma once

#include <string>
#include <string_view>

namespace apitoolkit::redact {

// "%41+b" is "A b"; a "%" that two hexadecimal digits do not follow stands for itself.
std::string decode_form_text(std::string_view text);

}  // namespace apitoolkit::redact
