// Undoes Content-Encoding (RFC 9110, section 8.4): gzip, deflate, br, zstd.
#pragma once

#include <string>
#include <string_view>

#include "src/redact/reason.h"

namespace apitoolkit::redact {

// Whether a Content-Encoding header changes the body at all.
bool is_encoded(std::string_view content_encoding);

// Puts the plain body into `out`: limits::kInflatedBodyBytesMax at most, after each of the codings.
// kNone, kInflate, or kUnknownEncoding. A body that carries the header of a coding but was decoded
// before it came to us, as HTTP clients give it, is taken as it is: it is text, and does not begin
// as the coding would.
Reason inflate(std::string_view body, std::string_view content_encoding, std::string& out);

}  // namespace apitoolkit::redact
