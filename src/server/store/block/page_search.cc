// Finding rows without putting them together. A word (letters, digits, bytes beyond ASCII) never
// goes over the edge of a hole: within a shape, values stand between quotes, brackets, commas,
// colons and space; and the values of fields by themselves. So a text that has a word has it in one
// literal or in one value.
#include <algorithm>
#include <charconv>

#include "src/server/query/text_search.h"
#include "src/server/store/block/number_filter.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {
namespace {

using query::SearchText;

constexpr std::size_t kWordBytesMin = 2;
constexpr std::size_t kFewRowsPart = 16;  // of a page's rows; to go to one passes several
constexpr std::string_view kEscape = "\\u00";

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

void mark(std::vector<char>& marks, std::size_t which, std::size_t count) {
  if (marks.empty()) marks.resize(count);
  marks[which] = 1;
}

}  // namespace

std::int64_t SoughtText::number() const {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  return std::from_chars(text.data(), end, number).ptr == end ? number : kPlainNumberMax;
}

PageReader::Material PageReader::material_of(unsigned parts) const {
  Material material{std::vector<char>(shapes()), std::vector<char>(values_.count())};
  for (std::uint32_t part = 0; part < 3; ++part) {
    if ((parts >> part & 1) == 0) continue;
    for (std::uint32_t row = 0; row < rows_; ++row) {
      const std::uint32_t number = shape_of(row, part);
      if (material.shapes[number] == 0) add_material(number, material);
    }
  }
  return material;
}

void PageReader::add_material(std::uint32_t number, Material& material) const {
  std::vector<std::uint32_t> left = {number};
  material.shapes[number] = 1;
  while (!left.empty()) {
    const Shape pieces = shape(left.back());
    left.pop_back();
    for (const ShapePiece& piece : pieces) {
      if (piece.stream < 0) break;
      char& is_known = material.streams[static_cast<std::size_t>(piece.stream)];
      if (is_known != 0) continue;
      is_known = 1;
      for (const std::uint32_t element : elements_[static_cast<std::size_t>(piece.stream)]) {
        if (material.shapes[element] == 0) left.push_back(element);
        material.shapes[element] = 1;
      }
    }
  }
}

Result<PageHits> PageReader::find(const SoughtText& sought) {
  PageHits hits;
  hits.parts_ = sought.parts;
  const std::string_view word = longest_word(sought.text);
  if (word.size() < kWordBytesMin && !sought.plain_number) {
    hits.any_ = hits.everywhere_ = rows_ > 0;
    return hits;
  }
  hits.in_shape_.resize(shapes());
  hits.in_all_values_.resize(values_.count());
  hits.in_values_.resize(values_.count());
  const Material material = material_of(sought.parts);
  Status done = sought.plain_number ? find_number(sought, material, hits)
                                    : find_word(sought, word, material, hits);
  if (!done) return tl::unexpected(done.error());
  finish(hits);
  return hits;
}

Status PageReader::find_number(const SoughtText& sought, const Material& material, PageHits& hits) {
  const std::int64_t wanted = sought.number();
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    const ValueStreamsReader::Head& head = values_.head(stream);
    if (material.streams[stream] == 0) continue;
    if (head.kind != ValueKind::kInteger && head.kind != ValueKind::kDecimal) continue;
    // A name may be missing, or written with escapes.
    const bool is_other = !sought.member.empty() && !head.name.empty() &&
                          head.name != sought.member &&
                          head.name.find('\\') == std::string_view::npos;
    if (is_other) continue;
    if (Status done = unpack(stream); !done) return done;
    const Numbers& numbers = values_.numbers(stream);
    for (std::size_t place = 0; place < numbers.size(); ++place) {
      const std::int64_t number = numbers[place];
      const bool is_long = number >= kPlainNumberMax || number <= -kPlainNumberMax;
      if (is_long || whole_part(number, head.kind, head.detail) == wanted) {
        mark(hits.in_values_[stream], place, numbers.size());
      }
    }
  }
  // Numbers with exponents, and what could not be split.
  for (std::size_t number = 0; number < shapes(); ++number) {
    if (material.shapes[number] == 0) continue;
    for (const ShapePiece& piece : shape(number)) {
      if (piece.stream < 0) break;
      const bool is_quoted = !piece.literal.empty() && piece.literal.back() == '"';
      const auto stream = static_cast<std::uint32_t>(piece.stream);
      if (!is_quoted && values_.head(stream).kind == ValueKind::kText) hits.in_shape_[number] = 1;
    }
  }
  return {};
}

Status PageReader::find_word(const SoughtText& sought, std::string_view word,
                             const Material& material, PageHits& hits) {
  const SearchText text(word);
  const auto is_in = [&](std::string_view in) {
    return text.is_in(in) || (sought.in_json_text && in.find(kEscape) != std::string_view::npos);
  };
  if (is_in(structure_)) {
    for (std::size_t number = 0; number < shapes(); ++number) {
      const Shape pieces = shape(number);
      const bool has_it = material.shapes[number] != 0 &&
                          std::any_of(pieces.begin(), pieces.end(), [&](const ShapePiece& piece) {
                            return is_in(piece.literal);
                          });
      if (has_it) hits.in_shape_[number] = 1;
    }
  }
  if (Status done = inflate_texts(); !done) return done;
  if (is_in(texts_)) {
    if (Status done = read_texts(); !done) return done;
    for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
      if (material.streams[stream] == 0 || values_.head(stream).kind != ValueKind::kText) continue;
      if (Status done = find_in_texts(stream, text, hits); !done) return done;
      if (!sought.in_json_text) continue;
      if (Status done = find_in_texts(stream, SearchText(kEscape), hits); !done) return done;
    }
  }
  return find_in_typed_values(text, material, hits);
}

// All different texts of the stream are searched as one; what goes over an edge is none.
Status PageReader::find_in_texts(std::uint32_t stream, const SearchText& text, PageHits& hits) {
  const std::string_view all = values_.all_different(stream);
  const std::size_t size = text.folded().size();
  std::size_t at = text.find(all);
  if (at == std::string_view::npos) return {};
  if (Status done = unpack(stream); !done) return done;
  while (at != std::string_view::npos) {
    const std::uint32_t code = values_.code_at(stream, at);
    const std::string_view found = values_.different(stream, code);
    const auto end = static_cast<std::size_t>(found.data() + found.size() - all.data());
    if (at + size > end) {
      at = text.find(all, at + 1);
      continue;
    }
    mark(hits.in_values_[stream], code, values_.distinct(stream));
    at = text.find(all, end);
  }
  return {};
}

Status PageReader::find_in_typed_values(const SearchText& text, const Material& material,
                                        PageHits& hits) {
  const std::string& word = text.folded();
  const bool may_be_word = text.is_in("false") || text.is_in("true") || text.is_in("null");
  const bool may_be_number = consists_of(word, "0123456789tz");
  const bool may_be_id = consists_of(word, "0123456789abcdef");
  std::string rendered;
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    const ValueStreamsReader::Head& head = values_.head(stream);
    if (material.streams[stream] == 0 || values_.values(stream) == 0) continue;
    if (head.kind == ValueKind::kWord) {
      if (may_be_word) hits.in_all_values_[stream] = 1;
    } else if (is_id(head.kind) && may_be_id) {
      if (Status done = unpack(stream); !done) return done;
      for (std::uint32_t code = 0; code < values_.distinct(stream); ++code) {
        rendered.clear();
        append_id_text(head.kind, values_.different(stream, code), rendered);
        if (text.is_in(rendered)) mark(hits.in_values_[stream], code, values_.distinct(stream));
      }
    } else if (is_number(head.kind) && !is_list(stream) && may_be_number) {
      if (Status done = unpack(stream); !done) return done;
      for (std::size_t place = 0; place < values_.values(stream); ++place) {
        rendered.clear();
        append_number_text(head.kind, head.detail, values_.number(stream, place), rendered);
        if (text.is_in(rendered)) mark(hits.in_values_[stream], place, values_.values(stream));
      }
    }
  }
  return {};
}

void PageReader::finish(PageHits& hits) const {
  hits.may_be_in_.resize(shapes());
  std::vector<MayHave> known(shapes(), MayHave::kUnknown);
  for (std::uint32_t number = 0; number < shapes(); ++number) {
    hits.may_be_in_[number] = may_have(hits, number, known) ? 1 : 0;
    hits.any_ = hits.any_ || hits.may_be_in_[number] != 0;
  }
}

// In the shape itself, in the values of its holes, or in those of a list's elements.
bool PageReader::may_have(const PageHits& hits, std::uint32_t number,
                          std::vector<MayHave>& known) const {
  if (known[number] != MayHave::kUnknown) return known[number] == MayHave::kYes;
  const Shape pieces = shape(number);
  const bool has_it =
      hits.in_shape_[number] != 0 ||
      std::any_of(pieces.begin(), pieces.end(), [&](const ShapePiece& piece) {
        if (piece.stream < 0) return false;
        const auto stream = static_cast<std::uint32_t>(piece.stream);
        if (!is_list(stream)) {
          return hits.in_all_values_[stream] != 0 || !hits.in_values_[stream].empty();
        }
        const std::vector<std::uint32_t>& elements = elements_[stream];
        if (!elements_known_) return true;
        return std::any_of(elements.begin(), elements.end(),
                           [&](std::uint32_t element) { return may_have(hits, element, known); });
      });
  known[number] = has_it ? MayHave::kYes : MayHave::kNo;
  return has_it;
}

Status PageReader::keep(std::span<const PageHits> any_of, std::vector<char>& marked) {
  const auto asked = static_cast<std::size_t>(std::count(marked.begin(), marked.end(), 1));
  std::vector<char> found(rows_);
  for (const PageHits& hits : any_of) {
    Status done;
    if (hits.everywhere_) {
      found.assign(rows_, 1);
    } else if (asked < rows_ / kFewRowsPart) {
      done = look_at_rows(hits, marked, found);
    } else {
      done = look_at_all(hits, marked, found);
    }
    if (!done) return done;
  }
  for (std::uint32_t row = 0; row < rows_; ++row) marked[row] &= found[row];
  return {};
}

// Marks those of the asked rows that have one of the hits, passing all rows once for these hits.
Status PageReader::look_at_all(const PageHits& hits, const std::vector<char>& asked,
                               std::vector<char>& found) const {
  const Plan plan = plan_of(streams_of(hits));
  Places next(values_.count());
  for (std::uint32_t row = 0; row < rows_; ++row) {
    bool has_one = asked[row] == 0 || found[row] != 0;  // or need not be looked for
    if (!search_row(plan, hits, row, next, has_one)) return values_missing();
    if (asked[row] != 0 && has_one) found[row] = 1;
  }
  return {};
}

// The same by the places of all values of the parts, which are wanted next of the rows that are
// kept.
Status PageReader::look_at_rows(const PageHits& hits, const std::vector<char>& asked,
                                std::vector<char>& found) {
  Places next;
  for (std::uint32_t row = 0; row < rows_; ++row) {
    if (asked[row] == 0 || found[row] != 0) continue;
    if (Status done = go_to(row, hits.parts_); !done) return done;
    next = next_;
    bool has_one = false;
    if (!search_row(plan_, hits, row, next, has_one)) return values_missing();
    if (has_one) found[row] = 1;
  }
  return {};
}

bool PageReader::search_row(const Plan& plan, const PageHits& hits, std::size_t row, Places& next,
                            bool& has_one) const {
  for (std::uint32_t part = 0; part < 3; ++part) {
    const std::uint32_t number = shape_of(row, part);
    const bool may = !has_one && (hits.parts_ >> part & 1) != 0 && hits.may_be_in_[number] != 0;
    const bool passed =
        may ? search(plan, hits, number, 0, next, has_one) : pass(plan, number, 1, 0, next);
    if (!passed) return false;
  }
  return true;
}

// Those with hits in their values, and the lists with a hit in the shape of an element.
std::vector<char> PageReader::streams_of(const PageHits& hits) const {
  std::vector<char> streams(values_.count());
  for (std::uint32_t stream = 3; stream < values_.count(); ++stream) {
    const std::vector<std::uint32_t>& elements = elements_[stream];
    const bool has_one = hits.in_all_values_[stream] != 0 || !hits.in_values_[stream].empty() ||
                         std::any_of(elements.begin(), elements.end(),
                                     [&](std::uint32_t one) { return hits.in_shape_[one] != 0; });
    streams[stream] = has_one ? 1 : 0;
  }
  return streams;
}

// Passes the shape's values, and tells whether one of the hits is in it.
bool PageReader::search(const Plan& plan, const PageHits& hits, std::uint32_t number, int level,
                        Places& next, bool& has_one) const {
  if (level > kShapeLevelsMax) return false;
  has_one = has_one || hits.in_shape_[number] != 0;
  for (const Hole& hole : plan.of(number)) {
    if (hole.is_list) {
      if (!search_list(plan, hits, hole.stream, level, next, has_one)) return false;
      continue;
    }
    std::uint32_t& place = next[hole.stream];
    if (place == counts_[hole.stream]) return false;
    has_one = has_one || is_hit(hits, hole.stream, place);
    ++place;
  }
  return true;
}

bool PageReader::search_list(const Plan& plan, const PageHits& hits, std::uint32_t stream,
                             int level, Places& next, bool& has_one) const {
  std::uint32_t& place = next[stream];
  if (place == counts_[stream]) return false;
  for (std::int64_t left = values_.number(stream, place++); left > 0; --left) {
    if (place == counts_[stream]) return false;
    const auto element = static_cast<std::uint64_t>(values_.number(stream, place++));
    if (element >= shapes()) return false;
    const auto number = static_cast<std::uint32_t>(element);
    const bool passed = has_one || hits.may_be_in_[number] == 0
                            ? pass(plan, number, 1, level + 1, next)
                            : search(plan, hits, number, level + 1, next, has_one);
    if (!passed) return false;
  }
  return true;
}

bool PageReader::is_hit(const PageHits& hits, std::uint32_t stream, std::size_t place) const {
  if (hits.in_all_values_[stream] != 0) return true;
  const std::vector<char>& in_values = hits.in_values_[stream];
  if (in_values.empty()) return false;
  const bool is_one = is_number(values_.head(stream).kind);
  return in_values[is_one ? place : values_.code(stream, place)] != 0;
}

}  // namespace apitoolkit::server::store
