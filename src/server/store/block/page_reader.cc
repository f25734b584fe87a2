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

Result<std::unique_ptr<PageReader>> PageReader::open(std::uint32_t rows, Sections sections) {
  std::unique_ptr<PageReader> reader(new PageReader(rows, std::move(sections)));
  if (Status read = reader->read_structure(); !read) return tl::unexpected(read.error());
  return reader;
}

Status PageReader::read_structure() {
  Result<std::string> structure = sections_(PageSection::kStructure);
  if (!structure) return tl::unexpected(structure.error());
  structure_ = std::move(*structure);
  std::string_view rest = structure_;
  Texts shapes;
  if (!values_.take_streams(rest) || !shapes.take_values(rest, kShapesMax) || !rest.empty()) {
    return damaged("its structure cannot be read");
  }
  if (values_.count() < 3) return damaged("streams are missing");
  for (std::uint32_t part = 0; part < 3; ++part) {
    if (values_.head(part).kind != ValueKind::kList || values_.values(part) != rows_) {
      return damaged("rows are missing");
    }
  }
  // The shapes' literals are views into structure_, not into `shapes`.
  if (shapes.value_bytes() > structure_.size()) return damaged("its shapes cannot be read");
  std::size_t begin = structure_.size() - shapes.value_bytes();
  for (std::uint32_t code = 0; code < shapes.distinct(); ++code) {
    const std::size_t size = shapes.value(code).size();
    auto shape = read_shape(std::string_view(structure_).substr(begin, size), values_.count());
    if (!shape) return damaged("a shape cannot be read");
    shapes_.push_back(std::move(*shape));
    begin += size;
  }
  return {};
}

Status PageReader::walk_rows() {
  if (!begins_.empty()) return {};
  reached_.assign(values_.count(), 0);
  begins_.reserve(3 * std::size_t{rows_} + 1);
  for (std::uint32_t row = 0; row < rows_; ++row) {
    for (std::uint32_t part = 0; part < 3; ++part) {
      begins_.push_back(places_.size());
      const auto shape = static_cast<std::uint64_t>(values_.number(part, row));
      if (shape >= shapes_.size() || !walk(static_cast<std::uint32_t>(shape), 0)) {
        begins_.clear();
        places_.clear();
        return damaged("values are missing");
      }
    }
  }
  begins_.push_back(places_.size());
  return {};
}

bool PageReader::walk(std::uint32_t shape, int level) {
  if (level > kShapeLevelsMax) return false;
  for (const ShapePiece& piece : shapes_[shape]) {
    if (piece.stream < 3) return piece.stream < 0;
    const auto stream = static_cast<std::uint32_t>(piece.stream);
    const std::size_t values = values_.values(stream);
    std::size_t& reached = reached_[stream];
    if (reached == values) return false;
    places_.push_back(static_cast<std::uint32_t>(reached));
    if (values_.head(stream).kind != ValueKind::kList) {
      ++reached;
      continue;
    }
    for (std::int64_t left = values_.number(stream, reached++); left > 0; --left) {
      if (reached == values) return false;
      const auto element = static_cast<std::uint64_t>(values_.number(stream, reached));
      places_.push_back(static_cast<std::uint32_t>(reached++));
      if (element >= shapes_.size() || !walk(static_cast<std::uint32_t>(element), level + 1)) {
        return false;
      }
    }
  }
  return false;
}

Status PageReader::take_numbers() {
  if (has_numbers_) return {};
  Result<std::string> numbers = sections_(PageSection::kNumbers);
  if (!numbers) return tl::unexpected(numbers.error());
  numbers_ = std::move(*numbers);
  if (!values_.take_numbers_of_all(numbers_)) return damaged("its numbers cannot be read");
  has_numbers_ = true;
  return {};
}

Status PageReader::read_numbers() {
  if (Status done = take_numbers(); !done) return done;
  for (std::uint32_t stream = 0; stream < values_.count(); ++stream) {
    values_.unpack_numbers(stream);
  }
  return {};
}

Status PageReader::inflate_texts() {
  if (!texts_.empty()) return {};
  Result<std::string> texts = sections_(PageSection::kTexts);
  if (!texts) return tl::unexpected(texts.error());
  texts_ = std::move(*texts);
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
  Result<std::string> ids = sections_(PageSection::kIds);
  if (!ids) return tl::unexpected(ids.error());
  ids_ = std::move(*ids);
  if (!values_.take_ids(ids_)) return damaged("its ids cannot be read");
  has_ids_ = true;
  return {};
}

bool PageReader::append_body(std::uint32_t shape, std::size_t& next, std::string& out) const {
  for (const ShapePiece& piece : shapes_[shape]) {
    out += piece.literal;
    if (piece.stream < 0) break;
    if (out.size() > static_cast<std::size_t>(limits::kStoredRecordBytesMax)) return false;
    const auto stream = static_cast<std::uint32_t>(piece.stream);
    const std::size_t place = places_[next++];
    if (values_.head(stream).kind != ValueKind::kList) {
      values_.append_text(stream, place, out);
      continue;
    }
    const std::int64_t elements = values_.number(stream, place);
    for (std::int64_t i = 0; i < elements; ++i) {
      if (i > 0) out += ',';
      const auto element = static_cast<std::uint32_t>(values_.number(stream, places_[next++]));
      if (!append_body(element, next, out)) return false;
    }
  }
  return true;
}

Status PageReader::read(std::size_t row, unsigned parts, Record& record) {
  if (row >= rows_) return damaged("a row is not there");
  for (Status done : {walk_rows(), read_numbers(), read_texts(), read_ids()}) {
    if (!done) return done;
  }
  const auto shape_of = [&](std::uint32_t part) {
    return static_cast<std::uint32_t>(values_.number(part, row));
  };
  if ((parts & kRowFields) != 0) {
    const std::size_t begin = begins_[3 * row];
    const std::span<const std::uint32_t> places(places_.data() + begin,
                                                begins_[3 * row + 1] - begin);
    Status read = read_record_fields(shapes_[shape_of(0)], values_, places, record);
    if (!read) return read;
  }
  const auto read_body = [&](std::uint32_t part, std::string& bytes) {
    bytes.clear();
    std::size_t next = begins_[3 * row + part];
    return append_body(shape_of(part), next, bytes);
  };
  Exchange& exchange = record.exchange;
  if (((parts & kRowRequestBody) != 0 && !read_body(1, exchange.request_body.bytes)) ||
      ((parts & kRowResponseBody) != 0 && !read_body(2, exchange.response_body.bytes))) {
    return damaged("a body is too large");
  }
  return {};
}

}  // namespace apitoolkit::server::store
