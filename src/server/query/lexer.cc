#include "src/server/query/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "src/json/unescape.h"
#include "src/json/utf8.h"

namespace apitoolkit::server::query {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t scale;
  bool is_time;
};
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::array kUnits{
    Unit{"ns", 1, true},
    Unit{"us", 1000, true},
    Unit{"\xC2\xB5s", 1000, true},
    Unit{"ms", 1'000'000, true},
    Unit{"s", kSecondNs, true},
    Unit{"m", 60 * kSecondNs, true},
    Unit{"h", 3600 * kSecondNs, true},
    Unit{"d", 86'400 * kSecondNs, true},
    Unit{"w", 7 * 86'400 * kSecondNs, true},
    Unit{"b", 1, false},
    Unit{"kb", 1 << 10, false},
    Unit{"mb", 1 << 20, false},
    Unit{"gb", 1 << 30, false},
};
constexpr std::string_view kUnitNames = "ns, us, ms, s, m, h, d, w, b, kb, mb or gb";

constexpr std::array<std::string_view, 19> kSymbols{"==", "!=", ">=", "<=", "=~", "|", "(",
                                                    ")",  "[",  "]",  ",",  "=",  ">", "<",
                                                    "+",  "-",  "*",  "/",  "%"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

const Unit* find_unit(std::string_view name) {
  const auto found = std::find_if(kUnits.begin(), kUnits.end(), [name](const Unit& unit) {
    return equals_word(name, unit.name);
  });
  return found == kUnits.end() ? nullptr : &*found;
}

// The digits, of which one dot may be, times `scale`; nullopt where that is over 64 bits. What is
// below 1 is cut off.
std::optional<std::int64_t> scaled(std::string_view digits, std::int64_t scale) {
  const std::size_t dot = std::min(digits.find('.'), digits.size());
  std::int64_t out = 0;
  for (const char c : digits.substr(0, dot)) {
    if (__builtin_mul_overflow(out, 10, &out) || __builtin_add_overflow(out, c - '0', &out)) {
      return std::nullopt;
    }
  }
  constexpr std::size_t kFractionDigitsMax = 18;
  __extension__ using Wide = __int128;  // 18 digits times any scale fit
  Wide fraction = 0;
  Wide divisor = 1;
  for (const char c :
       digits.substr(std::min(dot + 1, digits.size())).substr(0, kFractionDigitsMax)) {
    fraction = fraction * 10 + (c - '0');
    divisor *= 10;
  }
  const auto part = static_cast<std::int64_t>(fraction * scale / divisor);
  if (__builtin_mul_overflow(out, scale, &out) || __builtin_add_overflow(out, part, &out)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

bool is_name_start(char c) {
  return is_letter(c) || c == '_';
}

bool is_name_character(char c) {
  return is_name_start(c) || is_digit(c);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && is_name_start(name[0]) &&
         std::all_of(name.begin(), name.end(), is_name_character) && json::is_valid_utf8(name);
}

bool equals_word(std::string_view text, std::string_view lower_case_word) {
  return std::equal(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                    [](char a, char b) { return lower(a) == b; });
}

tl::unexpected<QueryError> query_error(std::string message, Span span, std::string suggestion) {
  return tl::unexpected(QueryError{std::move(message), span.at, span.width, std::move(suggestion)});
}

std::size_t Lexer::after_blanks(std::size_t at) const {
  while (at < text_.size()) {
    const char c = text_[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
    } else if (text_.substr(at, 2) == "//") {
      at = std::min(text_.find('\n', at), text_.size());
    } else {
      break;
    }
  }
  return at;
}

char Lexer::peek() const {
  const std::size_t at = after_blanks(at_);
  return at < text_.size() ? text_[at] : '\0';
}

bool Lexer::is_assignment_next() const {
  const std::string_view rest = text_.substr(after_blanks(at_));
  return rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=~");
}

bool Lexer::is_word_next(std::string_view word) const {
  const std::string_view rest = text_.substr(after_blanks(at_));
  return equals_word(rest.substr(0, word.size()), word) &&
         (rest.size() == word.size() || !is_name_character(rest[word.size()]));
}

Token Lexer::token(Token::Kind kind, std::size_t begin) const {
  Token out;
  out.kind = kind;
  out.text = text_.substr(begin, at_ - begin);
  out.span = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_ - begin)};
  return out;
}

tl::expected<Token, QueryError> Lexer::next() {
  at_ = after_blanks(at_);
  if (at_ == text_.size()) return token(Token::Kind::kEnd, at_);
  const char c = text_[at_];
  if (is_name_start(c)) return name();
  if (is_digit(c)) return number();
  if (c == '"' || c == '\'') return quoted(c);
  const std::size_t begin = at_;
  if (c == '!' && at_ + 1 < text_.size() && is_name_start(text_[at_ + 1])) {  // !in, !has
    ++at_;
    return name().map([&](const Token&) { return token(Token::Kind::kSymbol, begin); });
  }
  for (const std::string_view symbol : kSymbols) {
    if (!text_.substr(at_).starts_with(symbol)) continue;
    at_ += symbol.size();
    return token(Token::Kind::kSymbol, begin);
  }
  const Span here{static_cast<std::uint32_t>(at_), 1};
  if (c == '&') return query_error("'&' means nothing here", here, "and");
  if (c == '!') return query_error("'!' means nothing by itself", here, "not");
  if (c == '.')
    return query_error(
        "a path is written without blanks, and a number with a digit before its point", here);
  return query_error("unexpected character", here);
}

tl::expected<Token, QueryError> Lexer::name() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_name_character(text_[at_])) {
    ++at_;
  }
  Token out = token(Token::Kind::kName, begin);
  if (!json::is_valid_utf8(out.text)) return query_error("not valid UTF-8", out.span);
  return out;
}

std::string_view Lexer::path_name(bool hyphens) {
  const std::size_t begin = at_;
  while (at_ < text_.size()) {
    const bool hyphen = hyphens && text_[at_] == '-' && at_ + 1 < text_.size() &&
                        (is_name_character(text_[at_ + 1]) || text_[at_ + 1] == '-');
    if (!is_name_character(text_[at_]) && !hyphen) break;
    ++at_;
  }
  return text_.substr(begin, at_ - begin);
}

tl::expected<Token, QueryError> Lexer::number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  };
  const auto at = [this](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
  digits();
  bool real = false;
  if (at(at_) == '.' && is_digit(at(at_ + 1))) {
    real = true;
    ++at_;
    digits();
  }
  const std::size_t sign = at(at_ + 1) == '+' || at(at_ + 1) == '-' ? 1 : 0;
  if (lower(at(at_)) == 'e' && is_digit(at(at_ + 1 + sign))) {
    real = true;
    at_ += 1 + sign;
    digits();
  } else if (is_letter(at(at_))) {
    return with_units(begin);
  }
  if (is_name_character(at(at_))) {
    const std::size_t end = at_;
    while (is_name_character(at(at_))) ++at_;
    Token bad = token(Token::Kind::kLiteral, end);
    return query_error("expected the number's end, or a unit: " + std::string(kUnitNames),
                       bad.span);
  }
  Token out = token(Token::Kind::kLiteral, begin);
  const char* const end = out.text.data() + out.text.size();
  if (real) {
    double value = 0;
    if (std::from_chars(out.text.data(), end, value).ec != std::errc() || !std::isfinite(value)) {
      return query_error("the number is out of range", out.span);
    }
    out.literal = Value::real(value);
    return out;
  }
  std::int64_t value = 0;
  if (std::from_chars(out.text.data(), end, value).ec != std::errc()) {
    return query_error("the number is over 64 bits", out.span);
  }
  out.literal = Value::integer(value);
  return out;
}

tl::expected<Token, QueryError> Lexer::with_units(std::size_t begin) {
  std::int64_t sum = 0;
  const Unit* unit = nullptr;
  at_ = begin;
  while (at_ < text_.size() && is_digit(text_[at_])) {
    const std::size_t first = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
    const std::string_view digits = text_.substr(first, at_ - first);
    const std::size_t unit_at = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    const Token name = token(Token::Kind::kName, unit_at);
    const Unit* const found = find_unit(name.text);
    if (found == nullptr || std::count(digits.begin(), digits.end(), '.') > 1) {
      return query_error("expected a unit: " + std::string(kUnitNames), name.span);
    }
    if (unit != nullptr && (!unit->is_time || !found->is_time)) {
      return query_error("only units of time add up", name.span);
    }
    unit = found;
    const auto part = scaled(digits, unit->scale);
    if (!part || __builtin_add_overflow(sum, *part, &sum)) {
      return query_error("the number is over 64 bits", token(Token::Kind::kLiteral, begin).span);
    }
  }
  Token out = token(Token::Kind::kLiteral, begin);
  if (is_name_character(adjacent())) return query_error("expected the number's end", out.span);
  const bool is_time = unit != nullptr && unit->is_time;
  out.literal = is_time ? Value::duration(sum) : Value::integer(sum);
  return out;
}

tl::expected<Token, QueryError> Lexer::quoted(char quote) {
  const std::size_t begin = at_++;
  std::string value;
  while (true) {
    const std::size_t stop = text_.find_first_of(quote == '"' ? "\"\\" : "'\\", at_);
    if (stop == std::string_view::npos) {
      at_ = text_.size();
      return query_error("the text has no end", token(Token::Kind::kLiteral, begin).span,
                         std::string(1, quote));
    }
    value.append(text_.substr(at_, stop - at_));
    at_ = stop;
    if (text_[at_] == quote) break;
    if (auto done = escape(value); !done) return tl::unexpected(std::move(done.error()));
  }
  ++at_;
  Token out = token(Token::Kind::kLiteral, begin);
  if (!json::is_valid_utf8(value)) return query_error("the text is not valid UTF-8", out.span);
  out.literal = Value::text(std::move(value));
  return out;
}

// At a backslash.
tl::expected<void, QueryError> Lexer::escape(std::string& out) {
  constexpr std::string_view kSimple = "\"'\\/bfnrt";
  constexpr std::string_view kMeaning = "\"'\\/\b\f\n\r\t";
  const std::size_t begin = at_;
  const char c = begin + 1 < text_.size() ? text_[begin + 1] : '\0';
  if (const std::size_t i = kSimple.find(c); i != std::string_view::npos && c != '\0') {
    out.push_back(kMeaning[i]);
    at_ += 2;
    return {};
  }
  if (c == 'u' && json::read_hex4(text_.substr(std::min(begin + 2, text_.size()))) >= 0) {
    std::size_t length = 0;
    json::append_utf8(json::read_escape(text_.substr(begin), length), out);
    at_ += length;
    return {};
  }
  return query_error(R"(expected one of \" \' \\ \/ \b \f \n \r \t \uXXXX)",
                     {static_cast<std::uint32_t>(begin), c == '\0' ? 1U : 2U}, "\\\\");
}

tl::expected<Token, QueryError> Lexer::next_regex() {
  at_ = after_blanks(at_);
  if (at_ == text_.size() || text_[at_] != '/') {
    return query_error("expected a regular expression between slashes, such as /^a.*z$/i",
                       {static_cast<std::uint32_t>(at_), at_ < text_.size() ? 1U : 0U});
  }
  const std::size_t begin = at_++;
  std::string pattern;
  while (at_ < text_.size() && text_[at_] != '/' && text_[at_] != '\n') {
    if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      if (text_[at_ + 1] != '/') pattern.push_back('\\');
      ++at_;
    }
    pattern.push_back(text_[at_++]);
  }
  if (adjacent() != '/') {
    return query_error("the regular expression has no end",
                       token(Token::Kind::kLiteral, begin).span, "/");
  }
  ++at_;
  while (is_name_character(adjacent())) ++at_;
  Token out = token(Token::Kind::kLiteral, begin);
  if (!json::is_valid_utf8(pattern)) return query_error("not valid UTF-8", out.span);
  out.literal = Value::text(std::move(pattern));
  return out;
}

}  // namespace apitoolkit::server::query
