// The values that JSON string literals stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/json/utf8.h"

namespace apitoolkit::json {

// The value of four hexadecimal digits; -1 if there are not four.
std::int32_t read_hex4(std::string_view text);

// Reads the escape sequence that `text` begins with, which must be a valid one of JSON: its scalar
// value (a lone surrogate becomes U+FFFD, a pair its character) and, in `length`, its bytes.
char32_t read_escape(std::string_view text, std::size_t& length);

// The value of a JSON string literal including its quotes, which must be valid JSON.
std::string unescape(std::string_view literal);
// The same in `out`, whose memory is used again.
void unescape_into(std::string_view literal, std::string& out);

// Whether the literal (valid, with its quotes) has exactly this value. Allocates nothing.
bool literal_equals(std::string_view literal, std::string_view value);

}  // namespace apitoolkit::json
