// The scan with 64-bit words only: for processors without AVX2, and the yardstick that the vector
// levels are tested against.

#include "src/json/scan_block.h"
#include "src/json/scan_link.h"
#include "src/json/scan_state.h"

namespace apitoolkit::json {
namespace {

constexpr int kWords = 8;

// The high bits of eight bytes, gathered into the low byte: the factor moves bit 8i + 7 to 56 + i.
inline std::uint64_t gather(std::uint64_t high_bits) {
  return ((high_bits >> 7) * 0x0102040810204080) >> 56;
}

// The high bit of each byte that is not zero, exactly.
inline std::uint64_t non_zero(std::uint64_t word) {
  return (((word & ~kHighBits) + ~kHighBits) | word) & kHighBits;
}

// The high bit of each byte below `bound`, which is at most 0x80.
inline std::uint64_t less(std::uint64_t word, std::uint8_t bound) {
  const std::uint64_t at_least = (word & ~kHighBits) + kEachByte * (0x80u - bound);
  return ~(at_least | word) & kHighBits;
}

struct Block {
  std::uint64_t words[kWords];
  const std::uint8_t* from;

  using Needle = char;
  static Needle needle(char c) { return c; }

  struct Constants {};

  static Block load(const std::uint8_t* from) {
    Block block{};
    block.from = from;
    for (int i = 0; i < kWords; ++i) block.words[i] = load_word(from + i * 8);
    return block;
  }

  static std::uint64_t prefix_xor(std::uint64_t mask) {
    for (int shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
    return mask;
  }

  // `of` maps a word to the high bits of its bytes.
  template <class F>
  std::uint64_t mask(F of) const {
    std::uint64_t result = 0;
    for (int i = 0; i < kWords; ++i) result |= gather(of(words[i])) << (i * 8);
    return result;
  }

  static std::uint64_t equals(std::uint64_t word, char c) {
    return ~non_zero(word ^ (kEachByte * static_cast<std::uint8_t>(c))) & kHighBits;
  }

  std::uint64_t equal(char c) const {
    return mask([=](std::uint64_t word) { return equals(word, c); });
  }
  std::uint64_t above(Needle c) const {
    const auto bound = static_cast<std::uint8_t>(c + 1);
    return ~mask([=](std::uint64_t word) { return less(word, bound); });
  }
  std::uint64_t backslash(const Constants&) const { return equal('\\'); }
  std::uint64_t quote(const Constants&) const { return equal('"'); }
  std::uint64_t control(const Constants&) const {
    return mask([](std::uint64_t word) { return less(word, 0x20); });
  }
  std::uint64_t blank(const Constants&) const {
    return mask([](std::uint64_t word) {
      return equals(word, ' ') | equals(word, '\t') | equals(word, '\n') | equals(word, '\r');
    });
  }
  std::uint64_t structural(const Constants&) const {
    return mask([](std::uint64_t word) {
      const std::uint64_t folded = word | kEachByte * 0x20;  // brackets become braces
      return equals(folded, '{') | equals(folded, '}') | equals(word, ':') | equals(word, ',');
    });
  }
  std::uint64_t hexadecimal() const {
    return mask([](std::uint64_t word) {
      const std::uint64_t folded = word | kEachByte * 0x20;
      const std::uint64_t letter = less(folded, 'f' + 1) & ~less(folded, 'a');
      return (~non_digits(word) & kHighBits) | letter;
    });
  }

  // Sixteen bytes from each of four places.
  static Block load4(const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                     const std::uint8_t* d) {
    return {{load_word(a), load_word(a + 8), load_word(b), load_word(b + 8), load_word(c),
             load_word(c + 8), load_word(d), load_word(d + 8)},
            nullptr};
  }

  std::uint64_t decimal() const {
    return mask([](std::uint64_t word) { return ~non_digits(word) & kHighBits; });
  }

  class Writer {
   public:
    Writer(std::uint32_t base, std::uint32_t* positions, std::uint8_t* tokens)
        : base_(base), positions_(positions), tokens_(tokens) {}

    std::uint8_t* tokens() const { return tokens_; }

    void write(const Block& block, std::uint64_t found) {
      for (; found != 0; found &= found - 1) {
        const auto index = static_cast<std::uint32_t>(__builtin_ctzll(found));
        *positions_++ = base_ + index;
        *tokens_++ = block.from[index];
      }
      base_ += kBlockBytes;
    }

   private:
    std::uint32_t base_;
    std::uint32_t* positions_;
    std::uint8_t* tokens_;
  };

  // Byte by byte where a block is not ASCII. The state: how many continuations are due, and between
  // which bounds the next one must be.
  class Utf8 {
   public:
    explicit Utf8(const std::uint8_t* state) : due_(state[0]), least_(state[1]), most_(state[2]) {}

    void check(const Block& block) {
      std::uint64_t any = 0;
      for (const std::uint64_t word : block.words) any |= word;
      if ((any & kHighBits) == 0) {
        bad_ |= due_ != 0;
        due_ = 0;
        return;
      }
      for (std::uint32_t i = 0; i < kBlockBytes; ++i) check(block.from[i]);
    }

    bool finish(std::uint8_t* state) const {
      state[0] = due_;
      state[1] = least_;
      state[2] = most_;
      return bad_;
    }

   private:
    void check(std::uint8_t byte) {
      if (due_ != 0) {
        bad_ |= byte < least_ || byte > most_;
        --due_;
        expect_any();
      } else if (byte >= 0x80) {
        bad_ |= byte < 0xc2 || byte > 0xf4;
        due_ = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
        expect_any();
        if (byte == 0xe0) least_ = 0xa0;  // not longer than need be
        if (byte == 0xed) most_ = 0x9f;   // no surrogates
        if (byte == 0xf0) least_ = 0x90;  // not longer than need be
        if (byte == 0xf4) most_ = 0x8f;   // not above U+10FFFF
      }
    }

    void expect_any() {
      least_ = 0x80;
      most_ = 0xbf;
    }

    std::uint8_t due_;
    std::uint8_t least_;
    std::uint8_t most_;
    bool bad_ = false;
  };
};

bool utf8_cut_short(const ScanState& state) {
  return state.utf8[0] != 0;
}

}  // namespace

const ScanKernel& scan_kernel_portable() {
  static constexpr ScanKernel kKernel = {scan_blocks<Block>, utf8_cut_short, link_tokens<Block>};
  return kKernel;
}

}  // namespace apitoolkit::json
