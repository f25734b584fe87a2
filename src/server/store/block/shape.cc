#include "src/server/store/block/shape.h"

#include <cstring>

#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {

void append_hole(std::string_view literal, std::uint32_t stream, std::string& shape) {
  if (literal.size() < 128 && stream < 127) {
    const std::size_t begin = shape.size();
    shape.resize(begin + literal.size() + 2);
    char* const at = shape.data() + begin;
    at[0] = static_cast<char>(literal.size());
    std::memcpy(at + 1, literal.data(), literal.size());
    at[literal.size() + 1] = static_cast<char>(stream + 1);
    return;
  }
  append_varint(literal.size(), shape);
  shape += literal;
  append_varint(std::uint64_t{1} + stream, shape);
}

void append_end(std::string_view literal, std::string& shape) {
  append_varint(literal.size(), shape);
  shape += literal;
  shape += '\0';
}

bool read_shape(std::string_view bytes, std::size_t streams, std::vector<ShapePiece>& pieces) {
  for (;;) {
    const auto size = take_varint(bytes);
    const auto literal = size ? take_bytes(bytes, *size) : std::nullopt;
    const auto hole = literal ? take_varint(bytes) : std::nullopt;
    if (!hole || *hole > streams) return false;
    pieces.push_back({*literal, static_cast<std::int64_t>(*hole) - 1});
    if (*hole == 0) return bytes.empty();
  }
}

}  // namespace apitoolkit::server::store
