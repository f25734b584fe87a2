// Finding rows without putting them together. A word (letters, digits, bytes beyond ASCII) never
// goes over the edge of a hole: within a shape, values stand between quotes, brackets, commas,
// colons and space; and the values of fields by themselves. So a text that has a word has it in one
// literal or in one value.
#include <algorithm>
#include <charconv>

#include "src/server/query/text_search.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {
namespace {

using query::SearchText;

constexpr std::size_t kWordBytesMin = 2;
constexpr std::string_view kEscape = "\\u00";
// Numbers of more digits may say something else than their digits do.
constexpr std::int64_t kPlainNumberMax = 1'000'000'000'000'000;

std::string_view longest_word(std::string_view text) {
  std::string_view longest;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && query::is_word_byte(text[end])) ++end;
    if (end - at > longest.size()) longest = text.substr(at, end - at);
    at = end + 1;
  }
  return longest;
}

bool consists_of(std::string_view word, std::string_view characters) {
  return word.find_first_not_of(characters) == std::string_view::npos;
}

std::int64_t whole_part(std::int64_t number, ValueKind kind, std::uint8_t detail) {
  for (int i = 0; kind == ValueKind::kDecimal && i < detail; ++i) number /= 10;
  return number < 0 ? -number : number;
}

}  // namespace

struct PageReader::Hits {
  explicit Hits(const ValueStreamsReader& of, std::size_t shapes)
      : values(of.count()), every_value(of.count(), 0), in_shape(shapes, 0) {}

  // Of each stream: by the places of numbers, by the codes of texts and ids; empty where none is.
  std::vector<std::vector<char>> values;
  std::vector<char> every_value;
  std::vector<char> in_shape;
  bool any = false;

  void add_shape(std::size_t shape) {
    in_shape[shape] = 1;
    any = true;
  }
  void add_every_value(std::uint32_t stream) {
    every_value[stream] = 1;
    any = true;
  }
  void add(std::uint32_t stream, std::size_t which, std::size_t count) {
    if (values[stream].empty()) values[stream].resize(count);
    values[stream][which] = 1;
    any = true;
  }
};

Status PageReader::find(const SoughtText& sought, std::vector<char>& rows) {
  rows.resize(rows_, 0);
  const std::string_view word = longest_word(sought.text);
  if (word.size() < kWordBytesMin && !sought.plain_number) {
    std::fill(rows.begin(), rows.end(), 1);
    return {};
  }
  Hits hits(values_, shapes_.size());
  Status done = sought.plain_number ? find_number(sought, hits) : find_word(sought, word, hits);
  if (!done || !hits.any) return done;
  if (Status walked = walk_rows(); !walked) return walked;
  for (std::uint32_t row = 0; row < rows_; ++row) {
    for (std::uint32_t part = 0; part < 3 && rows[row] == 0; ++part) {
      if ((sought.parts >> part & 1) == 0) continue;
      std::size_t next = begins_[3 * std::size_t{row} + part];
      const auto shape = static_cast<std::uint32_t>(values_.number(part, row));
      if (has_hit(hits, shape, next)) rows[row] = 1;
    }
  }
  return {};
}

Status PageReader::find_number(const SoughtText& sought, Hits& hits) {
  std::int64_t wanted = 0;
  const char* const end = sought.text.data() + sought.text.size();
  if (std::from_chars(sought.text.data(), end, wanted).ptr != end) wanted = kPlainNumberMax;
  if (Status done = take_numbers(); !done) return done;
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    const StreamHead& head = values_.head(stream);
    if (head.kind != ValueKind::kInteger && head.kind != ValueKind::kDecimal) continue;
    // A name may be missing, or written with escapes.
    const bool is_other = !sought.member.empty() && !head.name.empty() &&
                          head.name != sought.member && head.name.find('\\') == std::string::npos;
    if (is_other) continue;
    values_.unpack_numbers(stream);
    const Numbers& numbers = values_.numbers(stream);
    for (std::size_t place = 0; place < numbers.size(); ++place) {
      const std::int64_t number = numbers[place];
      const bool is_long = number >= kPlainNumberMax || number <= -kPlainNumberMax;
      if (is_long || whole_part(number, head.kind, head.detail) == wanted) {
        hits.add(stream, place, numbers.size());
      }
    }
  }
  // Numbers with exponents, and what could not be split.
  for (std::size_t shape = 0; shape < shapes_.size(); ++shape) {
    for (const ShapePiece& piece : shapes_[shape]) {
      if (piece.stream < 0) break;
      const bool is_quoted = !piece.literal.empty() && piece.literal.back() == '"';
      const auto stream = static_cast<std::uint32_t>(piece.stream);
      if (!is_quoted && values_.head(stream).kind == ValueKind::kText) hits.add_shape(shape);
    }
  }
  return {};
}

Status PageReader::find_word(const SoughtText& sought, std::string_view word, Hits& hits) {
  const SearchText text(word);
  const auto is_in = [&](std::string_view in) {
    return text.is_in(in) || (sought.in_json_text && in.find(kEscape) != std::string_view::npos);
  };
  if (is_in(structure_)) {
    for (std::size_t shape = 0; shape < shapes_.size(); ++shape) {
      const Shape& pieces = shapes_[shape];
      if (std::any_of(pieces.begin(), pieces.end(),
                      [&](const ShapePiece& piece) { return is_in(piece.literal); })) {
        hits.add_shape(shape);
      }
    }
  }
  if (Status done = inflate_texts(); !done) return done;
  if (is_in(texts_)) {
    if (Status done = read_texts(); !done) return done;
    for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
      if (values_.head(stream).kind != ValueKind::kText) continue;
      const std::vector<std::string_view>& dictionary = values_.dictionary(stream);
      for (std::size_t code = 0; code < dictionary.size(); ++code) {
        if (is_in(dictionary[code])) hits.add(stream, code, dictionary.size());
      }
    }
  }
  return find_in_typed_values(word, hits);
}

Status PageReader::find_in_typed_values(std::string_view word, Hits& hits) {
  const SearchText text(word);
  const bool may_be_word = text.is_in("false") || text.is_in("true") || text.is_in("null");
  const bool may_be_number = consists_of(word, "0123456789tz");
  const bool may_be_id = consists_of(word, "0123456789abcdef");
  if (may_be_number) {
    if (Status done = read_numbers(); !done) return done;
  }
  if (may_be_id) {
    if (Status done = read_ids(); !done) return done;
  }
  std::string rendered;
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    const StreamHead& head = values_.head(stream);
    if (head.kind == ValueKind::kWord) {
      if (may_be_word) hits.add_every_value(stream);
    } else if (is_id(head.kind) && may_be_id) {
      const std::vector<std::string_view>& dictionary = values_.dictionary(stream);
      for (std::size_t code = 0; code < dictionary.size(); ++code) {
        rendered.clear();
        append_id_text(head.kind, dictionary[code], rendered);
        if (text.is_in(rendered)) hits.add(stream, code, dictionary.size());
      }
    } else if (is_number(head.kind) && head.kind != ValueKind::kList && may_be_number) {
      for (std::size_t place = 0; place < values_.values(stream); ++place) {
        rendered.clear();
        append_number_text(head.kind, head.detail, values_.number(stream, place), rendered);
        if (text.is_in(rendered)) hits.add(stream, place, values_.values(stream));
      }
    }
  }
  return {};
}

bool PageReader::has_hit(const Hits& hits, std::uint32_t shape, std::size_t& next) const {
  if (hits.in_shape[shape] != 0) return true;
  for (const ShapePiece& piece : shapes_[shape]) {
    if (piece.stream < 0) break;
    const auto stream = static_cast<std::uint32_t>(piece.stream);
    const std::size_t place = places_[next++];
    const ValueKind kind = values_.head(stream).kind;
    if (kind == ValueKind::kList) {
      for (std::int64_t left = values_.number(stream, place); left > 0; --left) {
        const auto element = static_cast<std::uint32_t>(values_.number(stream, places_[next++]));
        if (has_hit(hits, element, next)) return true;
      }
      continue;
    }
    if (hits.every_value[stream] != 0) return true;
    const std::vector<char>& of_stream = hits.values[stream];
    if (of_stream.empty()) continue;
    if (of_stream[is_number(kind) ? place : values_.code(stream, place)] != 0) return true;
  }
  return false;
}

}  // namespace apitoolkit::server::store
