// Reads protobuf messages (the grammar is in protobuf_writer.h) without copying: any bytes.
//
//   for (ProtobufReader reader(bytes); reader.next();) {
//     if (reader.number() == 1) name = reader.bytes();
//   }
//
// Fields may come in any order, repeated or not at all; whoever reads ignores the numbers that it
// does not know. The views that are given out point into the message, which must outlive them.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace apitoolkit::wire {

class ProtobufReader {
 public:
  enum class Type : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  explicit ProtobufReader(std::string_view message)
      : at_(message.data()), end_(message.data() + message.size()) {}

  // Goes to the next field; false at the message's end, and where the bytes are not a message,
  // which failed() tells apart. Groups, which no message of today has, are such bytes.
  bool next() {
    if (at_ == end_) return false;
    std::uint64_t tag = 0;
    if (!take_varint(tag) || tag >> 3 == 0 || tag >> 32 != 0) return fail();
    number_ = static_cast<std::uint32_t>(tag >> 3);
    type_ = static_cast<Type>(tag & 7);
    bytes_ = {};
    integer_ = 0;
    switch (type_) {
      case Type::kVarint:
        return take_varint(integer_) || fail();
      case Type::kFixed64:
        return take_fixed(8) || fail();
      case Type::kBytes: {
        std::uint64_t size = 0;
        if (!take_varint(size) || size > static_cast<std::uint64_t>(end_ - at_)) return fail();
        bytes_ = {at_, static_cast<std::size_t>(size)};
        at_ += size;
        return true;
      }
      case Type::kFixed32:
        return take_fixed(4) || fail();
    }
    return fail();
  }

  bool failed() const { return failed_; }

  std::uint32_t number() const { return number_; }
  Type type() const { return type_; }
  bool is_bytes() const { return type_ == Type::kBytes; }
  // Of a field of type kBytes; else empty.
  std::string_view bytes() const { return bytes_; }
  // Of any other field, without regard to sign; 0 for kBytes.
  std::uint64_t integer() const { return integer_; }
  std::int64_t int64() const { return static_cast<std::int64_t>(integer_); }
  double real() const { return std::bit_cast<double>(integer_); }

 private:
  bool fail() {
    at_ = end_;
    failed_ = true;
    return false;
  }

  // At most ten bytes, of which the last has one bit that counts.
  bool take_varint(std::uint64_t& value) {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0) {  // one byte, as nearly always
      value = static_cast<std::uint8_t>(*at_++);
      return true;
    }
    value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool take_fixed(unsigned size) {
    if (static_cast<std::size_t>(end_ - at_) < size) return false;
    for (unsigned i = 0; i < size; ++i) {
      integer_ |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(*at_++)) << (8 * i);
    }
    return true;
  }

  const char* at_;
  const char* const end_;
  std::string_view bytes_;
  std::uint64_t integer_ = 0;
  std::uint32_t number_ = 0;
  Type type_ = Type::kVarint;
  bool failed_ = false;
};

}  // namespace apitoolkit::wire
