// Writes protobuf messages (protobuf.dev/programming-guides/encoding).
//
//   message := field*
//   field   := tag:varint value          ; tag = number << 3 | type
//   value   := varint                    ; type 0
//            | 8 bytes, the least significant first     ; type 1
//            | length:varint bytes[length]              ; type 2: bytes, text, a message
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "src/json/utf8.h"

namespace apitoolkit::wire {

// Fields are written in the order of the calls, those with default values too: proto3 reads both.
class ProtobufWriter {
 public:
  // An int64 or an enum: a negative one takes ten bytes, as the format has it.
  void integer(int field, std::int64_t value) {
    tag(field, 0);
    varint(static_cast<std::uint64_t>(value));
  }
  void fixed64(int field, std::uint64_t value) {
    tag(field, 1);
    for (int shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(value >> shift & 0xFF);
  }
  void real(int field, double value) { fixed64(field, std::bit_cast<std::uint64_t>(value)); }

  void bytes(int field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    out_ += value;
  }

  // Readers refuse the whole message for one text that is not UTF-8: what is not becomes U+FFFD.
  void text(int field, std::string_view value) {
    if (json::is_valid_utf8(value)) return bytes(field, value);
    bytes(field, json::to_valid_utf8(value));
  }

  // A message within this one: what `write`, a function without arguments, adds to this writer.
  template <class Write>
  void message(int field, Write write) {
    const std::size_t start = out_.size();
    write();
    const std::size_t size = out_.size() - start;
    // Its length is known only now. The lengths take one to five bytes and few levels are nested,
    // so moving it costs less than to measure everything first.
    ProtobufWriter head;
    head.tag(field, 2);
    head.varint(size);
    out_.insert(start, head.out_);
  }

  std::string str() && { return std::move(out_); }

 private:
  void tag(int field, int type) { varint(static_cast<std::uint64_t>(field << 3 | type)); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
    out_ += static_cast<char>(value);
  }

  std::string out_;
};

}  // namespace apitoolkit::wire
