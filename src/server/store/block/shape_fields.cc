#include "src/server/store/block/shape_fields.h"

#include <algorithm>

#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {

void ShapeFieldWriter::operation(std::uint32_t tag, std::uint32_t kind) {
  append_varint(tag << 2 | kind, literal_);
}

void ShapeFieldWriter::constant(std::uint32_t tag, std::string_view value) {
  operation(tag, 3);
  append_varint(value.size(), literal_);
  literal_ += value;
}

void ShapeFieldWriter::hole(std::uint32_t tag, std::string_view value) {
  IdBytes id;
  hole(tag, type_of(value, id));
}

void ShapeFieldWriter::hole(std::uint32_t tag, const TypedValue& value) {
  const char unnamed[] = {'#', static_cast<char>('0' + tag)};
  const std::string_view name = name_.empty() ? std::string_view(unnamed, sizeof unnamed) : name_;
  const std::uint32_t stream = values_.stream(name, value.kind, value.detail);
  operation(tag, 0);
  append_hole(literal_, stream, shape_);
  literal_.clear();
  values_.add(stream, value);
}

bool ShapeFieldReader::next() {
  if (kind_ == Kind::kOpen) {
    // Of a tag that is not known.
    for (int level = 1; level > 0;) {
      if (!read_operation()) {
        refuse();
        return false;
      }
      level += kind_ == Kind::kOpen ? 1 : kind_ == Kind::kClose ? -1 : 0;
    }
  }
  return read_operation() && kind_ != Kind::kClose;
}

bool ShapeFieldReader::read_operation() {
  if (!ok_) return false;
  kind_ = Kind::kDone;
  const ShapePiece& piece = shape_[piece_];
  if (literal_.empty() && piece.stream < 0) return false;
  ok_ = false;
  const auto operation = take_varint(literal_);
  if (!operation) return false;
  tag_ = *operation >> 2;
  kind_ = static_cast<Kind>(*operation & 3);
  if (kind_ == Kind::kConstant) {
    const auto size = take_varint(literal_);
    const auto constant = size ? take_bytes(literal_, *size) : std::nullopt;
    if (!constant) return false;
    constant_ = *constant;
  } else if (kind_ == Kind::kHole) {
    if (!literal_.empty() || piece.stream < 0 || next_place_ == places_.size()) return false;
    stream_ = static_cast<std::uint32_t>(piece.stream);
    if (values_.head(stream_).kind == ValueKind::kList) return false;
    place_ = places_[next_place_++];
    literal_ = shape_[++piece_].literal;
  }
  ok_ = true;
  return true;
}

void ShapeFieldReader::text(std::uint32_t tag, std::string& value) {
  if (tag != tag_) return;
  value.clear();
  if (kind_ == Kind::kConstant) {
    value = constant_;
  } else if (kind_ == Kind::kHole) {
    values_.append_text(stream_, place_, value);
  } else {
    refuse();
  }
}

void ShapeFieldReader::optional_id(std::uint32_t tag, std::optional<Uuid>& value) {
  if (tag != tag_) return;
  if (kind_ != Kind::kHole || values_.head(stream_).kind != ValueKind::kUuid) return refuse();
  const std::string_view bytes = values_.bytes(stream_, place_);
  Uuid& id = value.emplace();
  std::copy(bytes.begin(), bytes.end(), id.begin());
}

std::int64_t ShapeFieldReader::read_integer() {
  if (kind_ == Kind::kHole && values_.head(stream_).kind == ValueKind::kInteger) {
    return values_.number(stream_, place_);
  }
  refuse();
  return 0;
}

}  // namespace apitoolkit::server::store
