// Base64 (RFC 4648, sections 4 and 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::base {

// The standard alphabet, padded.
std::string base64_encode(std::string_view bytes);
// Appends to `out` what base64_encode would return.
void base64_append(std::string_view bytes, std::string& out);

// The URL-safe alphabet without padding, as JWTs use it (RFC 7515 section 2).
std::string base64url_encode(std::string_view bytes);

// Either alphabet, even mixed; padding optional but right if present; no white space. nullopt on
// anything else.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace apitoolkit::base
