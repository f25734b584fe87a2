// The scan with AVX2: a block is two registers, masks come from comparisons by way of movemask, and
// tokens are written one by one, eight at a time.

#include <immintrin.h>

#include "src/json/scan_block.h"
#include "src/json/scan_link.h"
#include "src/json/scan_state.h"
#include "src/json/scan_utf8.h"

namespace apitoolkit::json {
namespace {

inline __m256i repeat(const std::uint8_t (&table)[16]) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
}

inline __m256i load32(const std::uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

inline void store32(std::uint8_t* to, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value);
}

constexpr std::uint8_t kNo = 0x80;  // no byte below 0x80 equals it, and no other looks it up
alignas(16) constexpr std::uint8_t kBlanks[16] = {' ', kNo,  kNo,  kNo, kNo, kNo,  kNo, kNo,
                                                  kNo, '\t', '\n', kNo, kNo, '\r', kNo, kNo};
// With 0x20 set, so that brackets and braces fall together. Two control characters do too; the scan
// refuses them anyway.
alignas(16) constexpr std::uint8_t kStructurals[16] = {kNo, kNo, kNo, kNo, kNo, kNo, kNo, kNo,
                                                       kNo, kNo, ':', '{', ',', '}', kNo, kNo};

// The largest last bytes that do not begin a sequence longer than what is left of the block.
struct CompleteAtEnd {
  alignas(32) std::uint8_t bytes[32] = {};
  constexpr CompleteAtEnd() {
    for (std::uint8_t& byte : bytes) byte = 0xff;
    bytes[29] = 0xf0 - 1;
    bytes[30] = 0xe0 - 1;
    bytes[31] = 0xc0 - 1;
  }
};
constexpr CompleteAtEnd kCompleteAtEnd;

struct Block {
  __m256i low;
  __m256i high;
  const std::uint8_t* from;

  using Needle = __m256i;
  static Needle needle(char c) { return _mm256_set1_epi8(c); }

  struct Constants {};

  static Block load(const std::uint8_t* from) { return {load32(from), load32(from + 32), from}; }

  static std::uint64_t prefix_xor(std::uint64_t mask) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(mask)),
                                                 _mm_set1_epi8('\xff'), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }

  // The high bits of both halves.
  static std::uint64_t mask_of(__m256i a, __m256i b) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(a)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(b))) << 32;
  }

  template <class F>
  std::uint64_t mask(F of) const {
    return mask_of(of(low), of(high));
  }

  std::uint64_t equal(Needle c) const {
    return mask([&](__m256i x) { return _mm256_cmpeq_epi8(x, c); });
  }
  std::uint64_t equal(char c) const { return equal(needle(c)); }
  std::uint64_t above(Needle c) const {
    return ~mask([&](__m256i x) { return _mm256_cmpeq_epi8(_mm256_min_epu8(x, c), x); });
  }
  std::uint64_t backslash(const Constants&) const { return equal('\\'); }
  std::uint64_t quote(const Constants&) const { return equal('"'); }
  std::uint64_t control(const Constants&) const {
    const __m256i last = _mm256_set1_epi8(0x1f);
    return mask([&](__m256i x) { return _mm256_cmpeq_epi8(_mm256_min_epu8(x, last), x); });
  }
  std::uint64_t blank(const Constants&) const {
    return mask(
        [](__m256i x) { return _mm256_cmpeq_epi8(x, _mm256_shuffle_epi8(repeat(kBlanks), x)); });
  }
  std::uint64_t structural(const Constants&) const {
    return mask([](__m256i x) {
      return _mm256_cmpeq_epi8(_mm256_or_si256(x, _mm256_set1_epi8(0x20)),
                               _mm256_shuffle_epi8(repeat(kStructurals), x));
    });
  }
  std::uint64_t hexadecimal() const {
    return mask([](__m256i x) {
      const __m256i digit = _mm256_sub_epi8(x, _mm256_set1_epi8('0'));
      const __m256i letter =
          _mm256_sub_epi8(_mm256_or_si256(x, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
      const __m256i is_digit =
          _mm256_cmpeq_epi8(_mm256_min_epu8(digit, _mm256_set1_epi8(9)), digit);
      const __m256i is_letter =
          _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)), letter);
      return _mm256_or_si256(is_digit, is_letter);
    });
  }

  // Sixteen bytes from each of four places.
  static Block load4(const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                     const std::uint8_t* d) {
    const auto load = [](const std::uint8_t* at) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    };
    return {_mm256_inserti128_si256(_mm256_castsi128_si256(load(a)), load(b), 1),
            _mm256_inserti128_si256(_mm256_castsi128_si256(load(c)), load(d), 1), nullptr};
  }

  std::uint64_t decimal() const {
    return mask([](__m256i x) {
      const __m256i value = _mm256_sub_epi8(x, _mm256_set1_epi8('0'));
      return _mm256_cmpeq_epi8(_mm256_min_epu8(value, _mm256_set1_epi8(9)), value);
    });
  }

  class Writer {
   public:
    Writer(std::uint32_t base, std::uint32_t* positions, std::uint8_t* tokens)
        : base_(base), positions_(positions), tokens_(tokens) {}

    std::uint8_t* tokens() const { return tokens_; }

    // Writes eight tokens more often than there are as many, but tests only every eighth.
    void write(const Block& block, std::uint64_t found) {
      const int count = __builtin_popcountll(found);
      for (int i = 0; i < count; i += 8) {
        for (int k = i; k < i + 8; ++k) {
          const auto index = static_cast<std::uint32_t>(_tzcnt_u64(found)) & 63;
          positions_[k] = base_ + index;
          tokens_[k] = block.from[index];
          found &= found - 1;
        }
      }
      positions_ += count;
      tokens_ += count;
      base_ += kBlockBytes;
    }

   private:
    std::uint32_t base_;
    std::uint32_t* positions_;
    std::uint8_t* tokens_;
  };

  class Utf8 {
   public:
    explicit Utf8(const std::uint8_t* state)
        : previous_(load32(state + 32)), cut_(load32(state + 64)) {}

    void check(const Block& block) {
      if (_mm256_movemask_epi8(_mm256_or_si256(block.low, block.high)) == 0) {
        error_ = _mm256_or_si256(error_, cut_);
        cut_ = _mm256_setzero_si256();
      } else {
        check_pairs(block.low, previous_);
        check_pairs(block.high, block.low);
        cut_ = _mm256_subs_epu8(block.high, load32(kCompleteAtEnd.bytes));
      }
      previous_ = block.high;
    }

    bool finish(std::uint8_t* state) const {
      store32(state + 32, previous_);
      store32(state + 64, cut_);
      return _mm256_testz_si256(error_, error_) == 0;
    }

   private:
    void check_pairs(__m256i input, __m256i before) {
      // The 32 input that end 16 before the end of `input`, which the moves within lanes need.
      const __m256i middle = _mm256_permute2x128_si256(before, input, 0x21);
      const __m256i nibble = _mm256_set1_epi8(0x0f);
      const __m256i first = _mm256_alignr_epi8(input, middle, 15);
      const auto upper = [&](__m256i x) {
        return _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
      };
      const __m256i classes = _mm256_and_si256(
          _mm256_and_si256(
              _mm256_shuffle_epi8(repeat(kUtf8FirstHigh), upper(first)),
              _mm256_shuffle_epi8(repeat(kUtf8FirstLow), _mm256_and_si256(first, nibble))),
          _mm256_shuffle_epi8(repeat(kUtf8SecondHigh), upper(input)));
      // The high bit where a lead two or three input before asks for a continuation.
      const __m256i third =
          _mm256_subs_epu8(_mm256_alignr_epi8(input, middle, 14), _mm256_set1_epi8(0xe0 - 0x80));
      const __m256i fourth =
          _mm256_subs_epu8(_mm256_alignr_epi8(input, middle, 13), _mm256_set1_epi8(0xf0 - 0x80));
      const __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                           _mm256_set1_epi8(static_cast<char>(0x80)));
      error_ = _mm256_or_si256(error_, _mm256_xor_si256(classes, due));
    }

    __m256i previous_;
    __m256i cut_;
    __m256i error_ = _mm256_setzero_si256();
  };
};

bool utf8_cut_short(const ScanState& state) {
  std::uint8_t any = 0;
  for (int i = 64; i < 96; ++i) any |= state.utf8[i];
  return any != 0;
}

}  // namespace

const ScanKernel& scan_kernel_avx2() {
  static constexpr ScanKernel kKernel = {scan_blocks<Block>, utf8_cut_short, link_tokens<Block>};
  return kKernel;
}

}  // namespace apitoolkit::json
