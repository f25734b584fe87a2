// Writes and reads fields as a shape and values (shape.h). The literals of such a shape are
// operations:
//
//   tag << 2 | 0   the value of field `tag` is the hole behind it
//   tag << 2 | 1   an element of the list `tag` begins
//   tag << 2 | 2   the element ends
//   tag << 2 | 3   size bytes[size]: the value of field `tag`, which is no hole
//
// Both classes have the same members, so that one template names every field of a type once, for
// both directions:
//
//   template <class Io, class T> void fields(Io& io, T& header) {
//     io.name(1, header.name);
//     io.text(2, header.value);
//   }
//
// A field with its default value is left out. Readers skip tags that they do not know.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/server/store/block/shape.h"

namespace apitoolkit::server::store {

class ShapeFieldWriter {
 public:
  // Appends to `shape`.
  ShapeFieldWriter(ValueStreamsWriter& values, std::string& shape)
      : values_(values), shape_(shape) {}

  // A text that is part of the shape, and names the values that follow.
  void name(std::uint32_t tag, std::string_view value) {
    name_ = value;
    if (!value.empty()) constant(tag, value);
  }
  void text(std::uint32_t tag, std::string_view value) {
    if (!value.empty()) hole(tag, value);
  }
  void flag(std::uint32_t tag, bool value) {
    if (value) constant(tag, {});
  }
  void integer(std::uint32_t tag, std::int64_t value, std::int64_t default_value) {
    if (value != default_value) hole(tag, {ValueKind::kInteger, 0, value, {}});
  }
  void optional_id(std::uint32_t tag, const std::optional<Uuid>& value) {
    if (!value) return;
    hole(tag,
         {ValueKind::kUuid, 0, 0, {reinterpret_cast<const char*>(value->data()), value->size()}});
  }
  void optional_text(std::uint32_t tag, const std::optional<std::string>& value) {
    if (value) hole(tag, *value);
  }
  void texts(std::uint32_t tag, const std::vector<std::string>& values) {
    for (const std::string& value : values) hole(tag, value);
  }
  template <class T>
  void list(std::uint32_t tag, const std::vector<T>& values) {
    for (const T& value : values) {
      operation(tag, 1);
      fields(*this, value);
      operation(tag, 2);
      name_ = {};
    }
  }
  void end() { append_end(literal_, shape_); }

 private:
  void operation(std::uint32_t tag, std::uint32_t kind);
  void constant(std::uint32_t tag, std::string_view value);
  void hole(std::uint32_t tag, std::string_view value);
  void hole(std::uint32_t tag, const TypedValue& value);

  ValueStreamsWriter& values_;
  std::string& shape_;
  std::string literal_;
  std::string_view name_;
};

class ShapeFieldReader {
 public:
  // `places` are those of the holes' values, in order; their streams are unpacked. All must outlive
  // it.
  ShapeFieldReader(Shape shape, const ValueStreamsReader& values,
                   std::span<const std::uint32_t> places)
      : shape_(shape), values_(values), places_(places), literal_(shape[0].literal) {}

  // Moves to the next field; false at the end of the element or of all, or when something was
  // wrong.
  bool next();
  bool ok() const { return ok_; }

  void name(std::uint32_t tag, std::string& value) { text(tag, value); }
  void text(std::uint32_t tag, std::string& value);
  void flag(std::uint32_t tag, bool& value) {
    if (tag == tag_) value = true;
  }
  template <class T>
  void integer(std::uint32_t tag, T& value, std::type_identity_t<T> /*default_value*/) {
    if (tag == tag_) value = read_integer();
  }
  void optional_id(std::uint32_t tag, std::optional<Uuid>& value);
  void optional_text(std::uint32_t tag, std::optional<std::string>& value) {
    if (tag == tag_) text(tag, value.emplace());
  }
  void texts(std::uint32_t tag, std::vector<std::string>& values) {
    if (tag == tag_) text(tag, values.emplace_back());
  }
  template <class T>
  void list(std::uint32_t tag, std::vector<T>& values) {
    if (tag != tag_) return;
    if (kind_ != Kind::kOpen) return refuse();
    kind_ = Kind::kDone;
    T& value = values.emplace_back();
    while (next()) fields(*this, value);
    if (kind_ != Kind::kClose) refuse();
    tag_ = tag;
    kind_ = Kind::kDone;
  }

 private:
  enum class Kind : std::uint8_t { kHole, kOpen, kClose, kConstant, kDone };
  bool read_operation();
  std::int64_t read_integer();
  void refuse() { ok_ = false; }

  const Shape shape_;
  const ValueStreamsReader& values_;
  const std::span<const std::uint32_t> places_;
  std::string_view literal_;  // what is left of it in front of the current hole
  std::size_t piece_ = 0;
  std::size_t next_place_ = 0;
  bool ok_ = true;
  // The current field:
  std::uint64_t tag_ = 0;
  Kind kind_ = Kind::kDone;
  std::uint32_t stream_ = 0;
  std::uint32_t place_ = 0;
  std::string_view constant_;
};

}  // namespace apitoolkit::server::store
