#include "src/json/unescape.h"

#include <algorithm>

namespace apitoolkit::json {
namespace {

constexpr bool is_high_surrogate(std::int32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool is_low_surrogate(std::int32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

std::int32_t hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view without_quotes(std::string_view literal) {
  return literal.substr(1, literal.size() - 2);
}

}  // namespace

std::int32_t read_hex4(std::string_view text) {
  if (text.size() < 4) return -1;
  std::int32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int32_t digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

char32_t read_escape(std::string_view text, std::size_t& length) {
  length = 2;
  switch (text[1]) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'u':
      break;
    default:
      return static_cast<char32_t>(static_cast<unsigned char>(text[1]));
  }
  length = 6;
  const std::int32_t unit = read_hex4(text.substr(2));
  if (is_high_surrogate(unit) && text.size() >= 12 && text[6] == '\\' && text[7] == 'u') {
    const std::int32_t second = read_hex4(text.substr(8));
    if (is_low_surrogate(second)) {
      length = 12;
      return static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00));
    }
  }
  if (is_high_surrogate(unit) || is_low_surrogate(unit)) return kReplacement;
  return static_cast<char32_t>(unit);
}

std::string unescape(std::string_view literal) {
  std::string out;
  unescape_into(literal, out);
  return out;
}

void unescape_into(std::string_view literal, std::string& out) {
  std::string_view rest = without_quotes(literal);
  out.clear();
  out.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    std::size_t length = 0;
    append_utf8(read_escape(rest, length), out);
    rest.remove_prefix(length);
  }
}

bool literal_equals(std::string_view literal, std::string_view value) {
  std::string_view rest = without_quotes(literal);
  while (!rest.empty()) {
    if (rest.front() != '\\') {
      if (value.empty() || value.front() != rest.front()) return false;
      rest.remove_prefix(1);
      value.remove_prefix(1);
      continue;
    }
    std::size_t length = 0;
    const char32_t code_point = read_escape(rest, length);
    const std::size_t sequence = utf8_sequence(value);
    if (sequence == 0 || decode_utf8(value) != code_point) return false;
    rest.remove_prefix(length);
    value.remove_prefix(sequence);
  }
  return value.empty();
}

}  // namespace apitoolkit::json
