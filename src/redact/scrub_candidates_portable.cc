// The search for candidates without vector instructions: eight bytes in a 64-bit word, a lane each.
#include "src/redact/scrub_candidates_block.h"

namespace apitoolkit::redact {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHigh = kOnes * 0x80;
constexpr std::size_t kWords = kScanBlockBytes / 8;

struct Block {
  std::uint64_t words[kWords];

  // Byte n of the text is bits 8n to 8n + 7 of its word, whatever the byte order of the machine.
  static Block load(const char* from) {
    Block block{};
    for (std::uint64_t& word : block.words) {
      word = 0;
      for (int byte = 0; byte < 8; ++byte) {
        word |= static_cast<std::uint64_t>(static_cast<unsigned char>(*from++)) << 8 * byte;
      }
    }
    return block;
  }
  Block folded() const {
    Block block{};
    for (std::size_t i = 0; i < kWords; ++i) block.words[i] = words[i] | kOnes * 0x20;
    return block;
  }

  // Gathers the high bits of the lanes that `of` sets: the multiplication moves each to the top.
  template <class F>
  std::uint64_t mask(F of) const {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      const std::uint64_t lanes = (of(words[i]) & kHigh) >> 7;
      bits |= (lanes * 0x0102040810204080 >> 56) << 8 * i;
    }
    return bits;
  }

  // Adding 0x7f to the low seven bits of a lane sets its high bit unless they are zero, and carries
  // into no other lane.
  std::uint64_t equal(char c) const {
    return mask([c](std::uint64_t word) {
      const std::uint64_t x = word ^ kOnes * static_cast<unsigned char>(c);
      return ~(((x & ~kHigh) + ~kHigh) | x);
    });
  }
  // Both bounds are ASCII; so a lane with its high bit set is outside.
  std::uint64_t between(char from, char to) const {
    return mask([from, to](std::uint64_t word) {
      const std::uint64_t x = word & ~kHigh;
      const std::uint64_t reaches = x + kOnes * (0x80 - static_cast<unsigned char>(from));
      const std::uint64_t exceeds = x + kOnes * (0x7f - static_cast<unsigned char>(to));
      return reaches & ~exceeds & ~word;
    });
  }
};

}  // namespace

std::size_t scan_candidates_portable(const char* bytes, std::size_t blocks, CandidateState& state,
                                     Candidate* out) {
  return scan_candidate_blocks<Block>(bytes, blocks, state, out);
}

}  // namespace apitoolkit::redact
