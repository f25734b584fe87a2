#include <algorithm>
#include <charconv>

#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;  // I-JSON's exact integers
constexpr std::string_view kIntegerRange = "an integer from -9007199254740991 to 9007199254740991";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_first(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool Parser::Nesting::check() {
  if (parser_.nesting_ <= limits::kJsonpathDepthMax) return true;
  return parser_.expected("at most " + std::to_string(limits::kJsonpathDepthMax) +
                          " nested brackets");
}

bool Parser::expected(std::string_view what, std::size_t at) {
  error_.column = 1 + static_cast<int>(json::count_code_points(text_.substr(0, at)));
  error_.expected = what;
  return false;
}

bool Parser::accept(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Parser::accept(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

void Parser::skip_blanks() {
  while (!at_end() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
}

bool Parser::at_name() const {
  const char c = peek();
  if (is_name_first(c)) return true;
  if (!compatible()) return false;
  // "@type", "$ref", "-x", "1": not "@." or "$[", which are queries.
  if (c == '@' || c == '$') return is_name_first(peek(1));
  return c == '-' || is_digit(c);
}

// A member-name-shorthand; the caller has looked at its first character.
std::string Parser::name() {
  const std::size_t begin = at_++;
  while (!at_end() &&
         (is_name_first(peek()) || is_digit(peek()) || (compatible() && peek() == '-'))) {
    ++at_;
  }
  return std::string(text_.substr(begin, at_ - begin));
}

bool Parser::string_literal(std::string& value) {
  const char quote = text_[at_++];
  while (!accept(quote)) {
    if (at_end()) return expected("a closing quote");
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) return expected("no control character in a string");
    if (c == '\\') {
      if (!escape(quote, value)) return false;
    } else {
      value += c;
      ++at_;
    }
  }
  return true;
}

bool Parser::escape(char quote, std::string& value) {
  const std::size_t begin = at_++;
  const char c = peek();
  if (c != 'u') {
    const bool known = c == quote || std::string_view("bfnrt/\\").find(c) != std::string_view::npos;
    if (at_end() || !known) return expected("an escape character");
    std::size_t length = 0;
    json::append_utf8(json::read_escape(text_.substr(begin), length), value);
    ++at_;
    return true;
  }
  const std::int32_t unit = json::read_hex4(text_.substr(at_ + 1));
  if (unit < 0) return expected("four hexadecimal digits", at_ + 1);
  if (unit >= 0xDC00 && unit <= 0xDFFF) return expected("a high surrogate first", begin);
  if (unit >= 0xD800 && unit <= 0xDBFF) {
    const std::size_t second_at = begin + 6;
    const bool escaped = text_.substr(second_at, 2) == "\\u";
    const std::int32_t second = escaped ? json::read_hex4(text_.substr(second_at + 2)) : -1;
    if (second < 0xDC00 || second > 0xDFFF) return expected("an escaped low surrogate", second_at);
  }
  std::size_t length = 0;
  json::append_utf8(json::read_escape(text_.substr(begin), length), value);
  at_ = begin + length;
  return true;
}

// int = "0" / ( ["-"] DIGIT1 *DIGIT ), within I-JSON's range.
bool Parser::integer(std::int64_t& value) {
  const std::size_t begin = at_;
  accept('-');
  const std::size_t digits = at_;
  while (is_digit(peek())) ++at_;
  const std::string_view text = text_.substr(begin, at_ - begin);
  if (at_ == digits) return expected("a digit");
  if (text_[digits] == '0' && text != "0")
    return expected("an integer without leading zeros", begin);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > kIntegerMax || value < -kIntegerMax) {
    return expected(kIntegerRange, begin);
  }
  return true;
}

// number = (int / "-0") [ frac ] [ exp ], which is JSON's grammar.
bool Parser::number_literal(std::string& literal) {
  const std::size_t length = json::number_length(text_, at_);
  if (length == 0) return expected("a number");
  literal = text_.substr(at_, length);
  at_ += length;
  return true;
}

}  // namespace apitoolkit::jsonpath
