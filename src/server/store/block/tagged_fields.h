// Writes and reads fields of (tag:varint length:varint bytes[length]).
//
// Both classes have the same members, so that one template names every field of a type once, for
// both directions:
//
//   template <class Io, class T> void fields(Io& io, T& header) {
//     io.text(1, header.name);
//     io.text(2, header.value);
//   }
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {

class FieldWriter {
 public:
  explicit FieldWriter(std::string& out) : out_(out) {}

  void text(std::uint32_t tag, std::string_view value) {
    if (!value.empty()) field(tag, value);
  }
  // Integers, flags, enumerations.
  template <class T>
  void integer(std::uint32_t tag, const T& value, std::type_identity_t<T> default_value) {
    if (value != default_value) integer_field(tag, static_cast<std::int64_t>(value));
  }
  void real(std::uint32_t tag, double value, double default_value);
  void id(std::uint32_t tag, const Uuid& value) {
    field(tag, {reinterpret_cast<const char*>(value.data()), value.size()});
  }
  void optional_id(std::uint32_t tag, const std::optional<Uuid>& value) {
    if (value) id(tag, *value);
  }
  void optional_text(std::uint32_t tag, const std::optional<std::string>& value) {
    if (value) field(tag, *value);
  }
  void texts(std::uint32_t tag, const std::vector<std::string>& values) {
    for (const std::string& value : values) field(tag, value);
  }
  template <class T>
  void group(std::uint32_t tag, const T& value) {
    const std::size_t before = out_.size();
    if (nested(tag, value) == 0) out_.resize(before);
  }
  template <class T>
  void list(std::uint32_t tag, const std::vector<T>& values) {
    for (const T& value : values) nested(tag, value);
  }

 private:
  // Appends the field and returns the size of what is in it.
  template <class T>
  std::size_t nested(std::uint32_t tag, const T& value) {
    append_varint(tag, out_);
    const std::size_t begin = out_.size();
    out_.push_back('\0');  // the length, which is one byte as a rule
    fields(*this, value);
    return close(begin);
  }
  std::size_t close(std::size_t begin);
  void integer_field(std::uint32_t tag, std::int64_t value);
  void field(std::uint32_t tag, std::string_view bytes);

  std::string& out_;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  // Reads everything into `value`; false if the bytes are not fields, or a field not of its type.
  template <class T>
  bool read_all(T& value) {
    while (next()) fields(*this, value);
    return ok_;
  }

  // Moves to the next field; false at the end, or when something was wrong.
  bool next();
  bool ok() const { return ok_; }

  void text(std::uint32_t tag, std::string& value) {
    if (tag == tag_) value.assign(bytes_);
  }
  template <class T>
  void integer(std::uint32_t tag, T& value, std::type_identity_t<T> /*default_value*/) {
    if (tag != tag_) return;
    const std::int64_t number = read_integer();
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      if (!std::in_range<T>(number)) return refuse();
    } else {
      if (number != 0 && number != 1) return refuse();  // flags and Direction
    }
    value = static_cast<T>(number);
  }
  void real(std::uint32_t tag, double& value, double default_value);
  void id(std::uint32_t tag, Uuid& value);
  void optional_id(std::uint32_t tag, std::optional<Uuid>& value) {
    if (tag == tag_) id(tag, value.emplace());
  }
  void optional_text(std::uint32_t tag, std::optional<std::string>& value) {
    if (tag == tag_) value.emplace(bytes_);
  }
  void texts(std::uint32_t tag, std::vector<std::string>& values) {
    if (tag == tag_) values.emplace_back(bytes_);
  }
  template <class T>
  void group(std::uint32_t tag, T& value) {
    if (tag == tag_ && !FieldReader(bytes_).read_all(value)) refuse();
  }
  template <class T>
  void list(std::uint32_t tag, std::vector<T>& values) {
    if (tag == tag_ && !FieldReader(bytes_).read_all(values.emplace_back())) refuse();
  }

 private:
  std::int64_t read_integer();
  void refuse() { ok_ = false; }

  std::string_view rest_;
  std::string_view bytes_;  // of the current field
  std::uint64_t tag_ = 0;
  bool ok_ = true;
};

}  // namespace apitoolkit::server::store
