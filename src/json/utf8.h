// UTF-8 (RFC 3629): well-formed sequences only, so no overlong forms, no surrogates, nothing above
// U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace apitoolkit::json {

inline constexpr char32_t kReplacement = 0xFFFD;
inline constexpr std::string_view kReplacementUtf8 = "\xEF\xBF\xBD";
inline constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";

// Bytes of the well-formed sequence that `bytes` begins with; 0 if it begins with none.
std::size_t utf8_sequence(std::string_view bytes);

// The code point of the well-formed sequence that `bytes` begins with.
char32_t decode_utf8(std::string_view bytes);

// Appends a Unicode scalar value.
void append_utf8(char32_t code_point, std::string& out);

// Code points of valid UTF-8.
std::size_t count_code_points(std::string_view text);

bool is_valid_utf8(std::string_view bytes);

// The bytes as they are, but for those that are not UTF-8, each of which becomes U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

}  // namespace apitoolkit::json
