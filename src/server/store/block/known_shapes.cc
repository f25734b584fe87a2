#include "src/server/store/block/known_shapes.h"

#include <algorithm>

#include "src/server/store/block/varint.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::uint32_t kKnownMax = 4096;  // of a page; more are no likeness

}  // namespace

void KnownShapes::remember(std::uint64_t key, std::uint32_t code, std::string_view shape,
                           const ValueStreamsWriter& values) {
  if (code >= kKnownMax) return;
  Likely& likely = slots_[key % kSlots];
  if (likely[0] != code + 1) likely = {code + 1, likely[0]};
  if (shapes_.size() <= code) shapes_.resize(code + 1);
  KnownShape& known = shapes_[code];
  if (!known.pieces.empty()) return;
  known.bytes = shape;
  std::string_view rest = known.bytes;
  for (bool is_last = false; !is_last;) {
    const auto size = take_varint(rest);
    if (!size || *size > rest.size()) return;
    KnownShape::Piece& piece = known.pieces.emplace_back();
    piece.begin = static_cast<std::uint32_t>(known.bytes.size() - rest.size());
    piece.size = static_cast<std::uint32_t>(*size);
    rest.remove_prefix(piece.size);
    const auto hole = take_varint(rest);
    piece.is_last = is_last = hole.value_or(0) == 0;
    if (is_last) break;
    piece.stream = static_cast<std::uint32_t>(*hole - 1);
    piece.kind = values.head(piece.stream).kind;
    piece.detail = values.head(piece.stream).detail;
    piece.is_quoted = piece.size > 0 && known.literal(piece).back() == '"';
  }
}

void KnownShapes::clear() {
  for (KnownShape& shape : shapes_) shape.pieces.clear();
  std::fill(slots_.begin(), slots_.end(), Likely{});
}

}  // namespace apitoolkit::server::store
