// Shapes that were met in a page, taken apart, so that a text can be matched with what its like
// looked like the last time: that is cheaper than to split it anew.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/value_streams.h"

namespace apitoolkit::server::store {

struct KnownShape {
  struct Piece {
    std::uint32_t begin = 0;  // of the literal, in `bytes`
    std::uint32_t size = 0;
    std::uint32_t stream = 0;  // of the hole behind it
    ValueKind kind = ValueKind::kText;
    std::uint8_t detail = 0;
    bool is_quoted = false;
    bool is_last = false;  // there is no hole behind it
  };
  std::string bytes;
  std::vector<Piece> pieces;

  std::string_view literal(const Piece& piece) const {
    return std::string_view(bytes).substr(piece.begin, piece.size);
  }
};

// By a key that the like have in common, such as how a text begins: the last two that differ.
// Used by one thread at a time.
class KnownShapes {
 public:
  using Likely = std::array<std::uint32_t, 2>;  // 1 + their codes, the last one first; 0: none

  Likely likely(std::uint64_t key) const { return slots_[key % kSlots]; }
  // Valid until the next call of remember.
  const KnownShape& at(std::uint32_t code) const { return shapes_[code]; }
  // `shape` is one that a JsonSplitter has made.
  void remember(std::uint64_t key, std::uint32_t code, std::string_view shape,
                const ValueStreamsWriter& values);
  void clear();

 private:
  static constexpr std::size_t kSlots = 512;

  std::vector<KnownShape> shapes_;  // by their code; without pieces where it is not known
  std::vector<Likely> slots_ = std::vector<Likely>(kSlots);
};

}  // namespace apitoolkit::server::store
