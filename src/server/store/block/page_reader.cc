#include <algorithm>
#include <numeric>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kShapesMax = std::size_t{1} << 24;

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::kCorrupt, std::string("a stored page is damaged: ") + what);
}

}  // namespace

Status PageReader::open(std::uint32_t rows, Sections sections) {
  rows_ = rows;
  sections_ = std::move(sections);
  has_numbers_ = is_texts_inflated_ = has_texts_ = has_ids_ = false;
  planned_parts_ = 0;
  if (Status read = read_structure(); !read) return read;
  read_elements();
  return {};
}

Status PageReader::read_structure() {
  if (Status done = sections_(PageSection::kStructure, structure_); !done) return done;
  std::string_view rest = structure_;
  if (!values_.take_streams(rest) || !shape_texts_.take_values(rest, kShapesMax) || !rest.empty()) {
    return damaged("its structure cannot be read");
  }
  if (values_.count() < 3) return damaged("streams are missing");
  for (std::uint32_t part = 0; part < 3; ++part) {
    if (values_.head(part).kind != ValueKind::kList || values_.values(part) != rows_) {
      return damaged("rows are missing");
    }
  }
  is_list_.resize(values_.count());
  counts_.resize(values_.count());
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    is_list_[stream] = values_.head(stream).kind == ValueKind::kList ? 1 : 0;
    counts_[stream] = static_cast<std::uint32_t>(values_.values(stream));
  }
  pieces_.clear();
  holes_.clear();
  shape_ends_.clear();
  for (std::uint32_t code = 0; code < shape_texts_.distinct(); ++code) {
    if (!read_shape(shape_texts_.value(code), values_.count(), pieces_)) {
      return damaged("a shape cannot be read");
    }
    shape_ends_.push_back(pieces_.size());
  }
  for (const ShapePiece& piece : pieces_) {
    if (piece.stream >= 0 && piece.stream < 3) return damaged("a shape holds rows");
    const auto stream = static_cast<std::uint32_t>(std::max<std::int64_t>(piece.stream, 0));
    holes_.push_back({stream, is_list(stream)});
  }
  is_prepared_.assign(shapes(), 0);
  for (std::uint32_t part = 0; part < 3; ++part) {
    for (const std::int64_t number : values_.numbers(part)) {
      if (static_cast<std::uint64_t>(number) >= shapes()) return damaged("a shape is not there");
    }
  }
  return {};
}

// The values of a list are how many elements it has, and the shape of each. That is wrong behind
// the first list that has one of its own stream in its elements, which is seen from the shapes that
// stand in front of it.
void PageReader::read_elements() {
  elements_.resize(std::max(elements_.size(), values_.count()));
  std::vector<char> is_element;
  elements_known_ = true;
  for (std::uint32_t stream = 3; stream < values_.count(); ++stream) {
    elements_[stream].clear();
    if (!is_list(stream)) continue;
    is_element.assign(shapes(), 0);
    const Numbers& numbers = values_.numbers(stream);
    for (std::size_t at = 0; at < numbers.size();) {
      for (std::int64_t left = numbers[at++]; left > 0 && at < numbers.size(); --left, ++at) {
        const auto element = static_cast<std::uint64_t>(numbers[at]);
        if (element >= shapes()) {
          elements_known_ = false;
        } else if (is_element[element] == 0) {
          is_element[element] = 1;
          elements_[stream].push_back(static_cast<std::uint32_t>(element));
        }
      }
    }
  }
  std::vector<Visit> visits(values_.count(), Visit::kNot);
  for (std::uint32_t stream = 3; stream < values_.count() && elements_known_; ++stream) {
    elements_known_ = !is_in_itself(stream, visits);
  }
  if (elements_known_) return;
  for (std::uint32_t stream = 3; stream < values_.count(); ++stream) {
    if (!is_list(stream)) continue;
    elements_[stream].resize(shapes());
    std::iota(elements_[stream].begin(), elements_[stream].end(), 0u);
  }
}

// Whether a list of the stream may be in an element of one.
bool PageReader::is_in_itself(std::uint32_t stream, std::vector<Visit>& visits) const {
  if (visits[stream] != Visit::kNot) return visits[stream] == Visit::kOpen;
  visits[stream] = Visit::kOpen;
  for (const std::uint32_t element : elements_[stream]) {
    for (const ShapePiece& piece : shape(element)) {
      if (piece.stream >= 3 && is_list(static_cast<std::uint32_t>(piece.stream)) &&
          is_in_itself(static_cast<std::uint32_t>(piece.stream), visits)) {
        return true;
      }
    }
  }
  visits[stream] = Visit::kDone;
  return false;
}

Status PageReader::read_numbers() {
  if (has_numbers_) return {};
  if (Status done = sections_(PageSection::kNumbers, numbers_); !done) return done;
  if (!values_.take_numbers_of_all(numbers_)) return damaged("its numbers cannot be read");
  has_numbers_ = true;
  return {};
}

Status PageReader::inflate_texts() {
  if (is_texts_inflated_) return {};
  if (Status done = sections_(PageSection::kTexts, texts_); !done) return done;
  is_texts_inflated_ = true;
  return {};
}

Status PageReader::read_texts() {
  if (has_texts_) return {};
  if (Status done = inflate_texts(); !done) return done;
  if (!values_.take_texts(texts_)) return damaged("its texts cannot be read");
  has_texts_ = true;
  return {};
}

Status PageReader::read_ids() {
  if (has_ids_) return {};
  if (Status done = sections_(PageSection::kIds, ids_); !done) return done;
  if (!values_.take_ids(ids_)) return damaged("its ids cannot be read");
  has_ids_ = true;
  return {};
}

Status PageReader::unpack(std::uint32_t stream) {
  const ValueKind kind = values_.head(stream).kind;
  Status done;
  if (kind == ValueKind::kText) {
    done = read_texts();
  } else if (is_id(kind)) {
    done = read_ids();
  } else if (kind != ValueKind::kList) {
    done = read_numbers();
  }
  if (!done) return done;
  if (!values_.unpack(stream)) return damaged("the values of a stream cannot be read");
  return {};
}

// Unpacks what is in the holes of the shape.
Status PageReader::prepare(std::uint32_t number) {
  if (is_prepared_[number] != 0) return {};
  for (const ShapePiece& piece : shape(number)) {
    if (piece.stream < 0) break;
    if (Status done = unpack(static_cast<std::uint32_t>(piece.stream)); !done) return done;
  }
  is_prepared_[number] = 1;
  return {};
}

Status PageReader::append_body(std::uint32_t number, std::size_t& next, std::string& out) {
  if (Status done = prepare(number); !done) return done;
  for (const ShapePiece& piece : shape(number)) {
    out += piece.literal;
    if (piece.stream < 0) break;
    if (out.size() > static_cast<std::size_t>(limits::kStoredRecordBytesMax)) {
      return damaged("a body is too large");
    }
    const auto stream = static_cast<std::uint32_t>(piece.stream);
    const std::size_t place = places_[next++];
    if (!is_list(stream)) {
      values_.append_text(stream, place, out);
      continue;
    }
    const std::int64_t elements = values_.number(stream, place);
    for (std::int64_t i = 0; i < elements; ++i) {
      if (i > 0) out += ',';
      const auto element = static_cast<std::uint32_t>(values_.number(stream, places_[next++]));
      if (Status done = append_body(element, next, out); !done) return done;
    }
  }
  return {};
}

Status PageReader::read(std::size_t row, unsigned parts, Record& record) {
  if (row >= rows_) return damaged("a row is not there");
  if (Status done = place_row(row, parts); !done) return done;
  if ((parts & kRowFields) != 0) {
    const std::uint32_t fields = shape_of(row, 0);
    if (Status done = prepare(fields); !done) return done;
    const std::span<const std::uint32_t> places(places_.data(), begins_[1]);
    Status read = read_record_fields(shape(fields), values_, places, record);
    if (!read) return read;
  }
  const auto read_body = [&](std::uint32_t part, std::string& bytes) {
    bytes.clear();
    std::size_t next = begins_[part];
    return append_body(shape_of(row, part), next, bytes);
  };
  Exchange& exchange = record.exchange;
  Status done;
  if ((parts & kRowRequestBody) != 0) done = read_body(1, exchange.request_body.bytes);
  if (done && (parts & kRowResponseBody) != 0) done = read_body(2, exchange.response_body.bytes);
  return done;
}

}  // namespace apitoolkit::server::store
