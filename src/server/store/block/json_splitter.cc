// A value's stream is named by the member that it is, or whose list it is in: what has the same
// name is alike in most of an application's bodies.
#include <algorithm>
#include <bit>
#include <cstring>

#include "src/server/store/block/shape.h"
#include "src/server/store/block/text_hash.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kSplitBytesMax = 256 << 10;  // larger texts are one value

constexpr std::size_t kLikenessBytes = 24;     // with which like texts begin
constexpr std::ptrdiff_t kGuessBytesMin = 16;  // that a wrong guess counts as, at least
constexpr std::string_view kWords[] = {"false", "true", "null"};

constexpr bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool is_of_number(char c) {
  return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

// The high bit of each byte of `word` that is `byte`; above the lowest of them perhaps of others,
// too.
constexpr std::uint64_t bytes_that_are(std::uint64_t word, char byte) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t apart = word ^ kOnes * static_cast<std::uint8_t>(byte);
  return (apart - kOnes) & ~apart & kOnes << 7;
}

const char* find_quote_or_backslash(const char* at, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 8; at += 8) {
      const std::uint64_t word = load64(at);
      const std::uint64_t found = bytes_that_are(word, '"') | bytes_that_are(word, '\\');
      if (found != 0) return at + std::countr_zero(found) / 8;
    }
  }
  while (at < end && *at != '"' && *at != '\\') ++at;
  return at;
}

// Digits only, too many to be counted as a number: what it says cannot be anything short.
bool is_long_whole(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  return !number.empty() && number[0] != '0' && std::all_of(number.begin(), number.end(), is_digit);
}

// A text that begins with a byte order mark may, too: readers of JSON may skip it (RFC 8259, 8.1).
bool may_be_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) return true;
  const std::size_t begin = text.find_first_not_of(" \n\t\r");
  return begin != std::string_view::npos && (text[begin] == '{' || text[begin] == '[');
}

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::uint32_t JsonSplitter::split(std::string_view text) {
  const std::size_t mark = values_.mark();
  at_ = literal_ = text.data();
  end_ = at_ + text.size();
  guesses_left_bytes_ = static_cast<std::ptrdiff_t>(text.size());
  if (!text.empty() && text.size() <= kSplitBytesMax) {
    const std::uint64_t key = text_hash(text.substr(0, kLikenessBytes)) | 1;
    if (const auto shape = whole({}, key, 0)) return *shape;
  }
  values_.undo_to(mark);
  std::string& shape = levels_[0];
  shape.clear();
  if (text.empty()) {
    append_end({}, shape);
  } else {
    has_odd_numbers_ = has_odd_numbers_ || may_be_json(text);
    literal_ = text.data();
    put({}, {ValueKind::kText, 0, 0, text}, literal_, end_, shape);
    append_end({}, shape);
  }
  return shapes_.intern(shape);
}

// Texts have odd keys, elements those of their streams.
std::optional<std::uint32_t> JsonSplitter::whole(std::string_view name, std::uint64_t key,
                                                 int level) {
  const char* const begin = at_;
  const std::size_t mark = values_.mark();
  for (const std::uint32_t likely : known_.likely(key)) {
    if (likely == 0 || guesses_left_bytes_ <= 0) break;
    if (match(likely - 1, level) && is_at_end(level)) return likely - 1;
    guesses_left_bytes_ -= kGuessBytesMin + (at_ - begin);
    values_.undo_to(mark);
    at_ = begin;
  }
  std::string& shape = levels_[static_cast<std::size_t>(level)];
  shape.clear();
  literal_ = at_;
  if (!value(name, level + 1, shape)) return std::nullopt;
  skip_space();
  if (!is_at_end(level)) return std::nullopt;
  append_end(between(literal_, at_), shape);
  const std::uint32_t code = shapes_.intern(shape);
  known_.remember(key, code, shape, values_);
  return code;
}

bool JsonSplitter::is_at_end(int level) const {
  if (level == 0) return at_ == end_;
  return at_ < end_ && (*at_ == ',' || *at_ == ']');
}

bool JsonSplitter::match(std::uint32_t code, int level) {
  for (std::size_t i = 0;; ++i) {
    // Inner lists are remembered while this one is matched, so what is known may have moved.
    const KnownShape& known = known_.at(code);
    const KnownShape::Piece piece = known.pieces[i];
    const std::string_view literal = known.literal(piece);
    if (static_cast<std::size_t>(end_ - at_) < literal.size() ||
        !same_text({at_, literal.size()}, literal)) {
      return false;
    }
    at_ += literal.size();
    if (piece.is_last) return true;
    if (!match_value(piece, level)) return false;
  }
}

bool JsonSplitter::match_value(const KnownShape::Piece& piece, int level) {
  switch (piece.kind) {
    case ValueKind::kInteger:
    case ValueKind::kDecimal: {
      const char* const begin = at_;
      while (at_ < end_ && is_of_number(*at_)) ++at_;
      const TypedValue value = type_of_number(between(begin, at_));
      if (value.kind != piece.kind || value.detail != piece.detail) return false;
      values_.add(piece.stream, value);
      return true;
    }
    case ValueKind::kWord:
      for (std::int64_t i = 0; i < 3; ++i) {
        if (!between(at_, end_).starts_with(kWords[i])) continue;
        at_ += kWords[i].size();
        values_.add(piece.stream, {ValueKind::kWord, 0, i, {}});
        return true;
      }
      return false;
    case ValueKind::kList: {
      const std::string name = values_.head(piece.stream).name;
      return level < kShapeLevelsMax && elements(piece.stream, name, level + 1);
    }
    default:
      return piece.is_quoted && match_quoted(piece);
  }
}

bool JsonSplitter::match_quoted(const KnownShape::Piece& piece) {
  const auto text = quoted();
  if (!text) return false;
  --at_;  // the quote is the next literal's
  IdBytes id;
  const TypedValue value = type_of(*text, id);
  if (value.kind != piece.kind || value.detail != piece.detail) return false;
  values_.add(piece.stream, value);
  return true;
}

void JsonSplitter::skip_space() {
  while (at_ < end_ && is_space(*at_)) ++at_;
}

// Puts a hole in the place of what is between `begin` and `end`.
void JsonSplitter::put(std::string_view name, const TypedValue& value, const char* begin,
                       const char* end, std::string& shape) {
  const std::uint32_t stream = values_.stream(name, value.kind, value.detail);
  append_hole(between(literal_, begin), stream, shape);
  values_.add(stream, value);
  literal_ = end;
}

bool JsonSplitter::value(std::string_view name, int level, std::string& shape) {
  skip_space();
  if (at_ == end_ || level > kShapeLevelsMax) return false;
  switch (*at_) {
    case '{':
      return object(level, shape);
    case '[':
      return list(name, level, shape);
    case '"':
      return string(name, shape);
    case 't':
    case 'f':
    case 'n':
      return word(name, shape);
    default:
      return number(name, shape);
  }
}

bool JsonSplitter::object(int level, std::string& shape) {
  ++at_;
  skip_space();
  if (at_ < end_ && *at_ == '}') {
    ++at_;
    return true;
  }
  for (;;) {
    skip_space();
    if (at_ == end_ || *at_++ != '"') return false;
    const auto name = quoted();
    if (!name) return false;
    skip_space();
    if (at_ == end_ || *at_ != ':') return false;
    ++at_;
    if (!value(*name, level + 1, shape)) return false;
    skip_space();
    if (at_ == end_ || (*at_ != ',' && *at_ != '}')) return false;
    if (*at_++ == '}') return true;
  }
}

bool JsonSplitter::list(std::string_view name, int level, std::string& shape) {
  const std::uint32_t stream = values_.stream(name, ValueKind::kList);
  ++at_;
  append_hole(between(literal_, at_), stream, shape);
  if (!elements(stream, name, level)) return false;
  literal_ = at_;
  skip_space();
  if (at_ == end_ || *at_ != ']') return false;
  ++at_;
  return true;
}

// `at_` is behind the bracket that begins the list, and then at the one that ends it; where there
// are no elements, it stays where it is.
bool JsonSplitter::elements(std::uint32_t stream, std::string_view name, int level) {
  const std::size_t count_place = values_.add_later(stream);
  const char* const begin = at_;
  skip_space();
  const bool is_empty = at_ < end_ && *at_ == ']';
  at_ = begin;
  if (is_empty) return true;
  for (std::int64_t count = 1;; ++count) {
    const std::size_t shape_place = values_.add_later(stream);
    const auto shape = whole(name, std::uint64_t{2} * stream, level);
    if (!shape) return false;
    values_.set(stream, shape_place, *shape);
    if (*at_ == ']') {
      values_.set(stream, count_place, count);
      return true;
    }
    ++at_;
  }
}

bool JsonSplitter::number(std::string_view name, std::string& shape) {
  const char* const begin = at_;
  // Most are whole, and known for what they are by the time that their end is found.
  constexpr std::ptrdiff_t kDigitsMax = 18;
  std::int64_t value = 0;
  for (; at_ < end_ && is_digit(*at_) && at_ - begin < kDigitsMax; ++at_) {
    value = value * 10 + (*at_ - '0');
  }
  const bool has_zero_in_front = at_ - begin > 1 && *begin == '0';
  if (at_ > begin && !has_zero_in_front && (at_ == end_ || !is_of_number(*at_))) {
    put(name, {ValueKind::kInteger, 0, value, {}}, begin, at_, shape);
    return true;
  }
  while (at_ < end_ && is_of_number(*at_)) ++at_;
  if (at_ == begin) return false;
  const TypedValue typed = type_of_number(between(begin, at_));
  has_odd_numbers_ =
      has_odd_numbers_ || (typed.kind == ValueKind::kText && !is_long_whole(between(begin, at_)));
  put(name, typed, begin, at_, shape);
  return true;
}

bool JsonSplitter::word(std::string_view name, std::string& shape) {
  for (std::int64_t i = 0; i < 3; ++i) {
    const std::string_view word = kWords[i];
    if (!between(at_, end_).starts_with(word)) continue;
    const char* const begin = at_;
    at_ += word.size();
    put(name, {ValueKind::kWord, 0, i, {}}, begin, at_, shape);
    return true;
  }
  return false;
}

std::optional<std::string_view> JsonSplitter::quoted() {
  const char* const begin = at_;
  for (;;) {
    at_ = find_quote_or_backslash(at_, end_);
    if (at_ == end_ || *at_ == '"') break;
    at_ += 2;
    if (at_ >= end_) return std::nullopt;
  }
  if (at_ == end_) return std::nullopt;
  return between(begin, at_++);
}

bool JsonSplitter::string(std::string_view name, std::string& shape) {
  ++at_;
  const auto text = quoted();
  if (!text) return false;
  IdBytes id;
  put(name, type_of(*text, id), text->data(), text->data() + text->size(), shape);
  return true;
}

}  // namespace apitoolkit::server::store
