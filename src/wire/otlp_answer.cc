#include "src/wire/otlp_answer.h"

namespace apitoolkit::wire {
namespace {

// One field of a message (the grammar is in protobuf_writer.h).
struct Field {
  std::uint64_t number = 0;
  std::uint64_t integer = 0;  // of type varint
  std::string_view bytes;     // of type 2
  int type = 0;
};

bool take_varint(std::string_view& rest, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64 && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool take_bytes(std::string_view& rest, std::uint64_t size, std::string_view& bytes) {
  if (size > rest.size()) return false;
  bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

bool take_field(std::string_view& rest, Field& field) {
  std::uint64_t tag = 0;
  if (!take_varint(rest, tag)) return false;
  field = {tag >> 3, 0, {}, static_cast<int>(tag & 7)};
  if (field.number == 0) return false;
  switch (field.type) {
    case 0:
      return take_varint(rest, field.integer);
    case 1:
      return take_bytes(rest, 8, field.bytes);
    case 2:
      return take_varint(rest, field.integer) && take_bytes(rest, field.integer, field.bytes);
    case 5:
      return take_bytes(rest, 4, field.bytes);
    default:
      return false;
  }
}

}  // namespace

std::optional<std::int64_t> decode_rejected_spans(std::string_view body) {
  std::uint64_t rejected = 0;
  Field outer;
  while (!body.empty()) {
    if (!take_field(body, outer)) return std::nullopt;
    if (outer.number != 1 || outer.type != 2) continue;
    std::string_view partial = outer.bytes;
    Field inner;
    while (!partial.empty()) {
      if (!take_field(partial, inner)) return std::nullopt;
      if (inner.number == 1 && inner.type == 0) rejected = inner.integer;
    }
  }
  return static_cast<std::int64_t>(rejected);
}

}  // namespace apitoolkit::wire
