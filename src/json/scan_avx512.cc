// The scan with AVX-512 (BW, VBMI, VBMI2): a block is one register, masks come from comparisons,
// and tokens are compacted in a register and then stored. (Compressing straight into memory is
// microcode on Zen 4, ten times slower than all the rest.)

#include <immintrin.h>

#include "src/json/scan_block.h"
#include "src/json/scan_link.h"
#include "src/json/scan_state.h"
#include "src/json/scan_utf8.h"

namespace apitoolkit::json {
namespace {

// The numbers from `first` on, one a byte.
struct Iota {
  alignas(64) std::uint8_t bytes[64] = {};
  constexpr explicit Iota(int first) {
    for (int i = 0; i < 64; ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
  }
  __m512i load() const { return _mm512_load_si512(bytes); }
};
constexpr Iota kIndices(0);

inline __m512i repeat(const std::uint8_t (&table)[16]) {
  return _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(table)));
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
  alignas(64) std::uint8_t bytes[64] = {};
  constexpr CompleteAtEnd() {
    for (std::uint8_t& byte : bytes) byte = 0xff;
    bytes[61] = 0xf0 - 1;
    bytes[62] = 0xe0 - 1;
    bytes[63] = 0xc0 - 1;
  }
};
constexpr CompleteAtEnd kCompleteAtEnd;

// g++ would rather build a constant anew from a general register, each time that it is used, than
// keep it in one of thirty-two vector registers; it does not look into an empty statement.
inline __m512i keep(__m512i constant) {
  asm("" : "+v"(constant));
  return constant;
}

// Nor does it leave arithmetic on masks where it stands: it would move general registers back into
// mask registers for it, which costs more than the arithmetic.
inline std::uint64_t general(__mmask64 mask) {
  std::uint64_t value = _cvtmask64_u64(mask);
  asm("" : "+r"(value));
  return value;
}

struct Block {
  __m512i bytes;

  using Needle = __m512i;
  static Needle needle(char c) { return keep(_mm512_set1_epi8(c)); }

  struct Constants {
    __m512i backslash = needle('\\');
    __m512i quote = needle('"');
    __m512i space = keep(_mm512_set1_epi8(' '));
    __m512i blanks = keep(repeat(kBlanks));
    __m512i structurals = keep(repeat(kStructurals));
  };

  static Block load(const std::uint8_t* from) { return {_mm512_loadu_si512(from)}; }

  static std::uint64_t prefix_xor(std::uint64_t mask) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(mask)),
                                                 _mm_set1_epi8('\xff'), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }

  std::uint64_t equal(Needle c) const { return general(_mm512_cmpeq_epi8_mask(bytes, c)); }
  std::uint64_t equal(char c) const { return equal(_mm512_set1_epi8(c)); }
  std::uint64_t above(Needle c) const { return general(_mm512_cmpgt_epu8_mask(bytes, c)); }
  std::uint64_t backslash(const Constants& c) const { return equal(c.backslash); }
  std::uint64_t quote(const Constants& c) const { return equal(c.quote); }
  std::uint64_t control(const Constants& c) const {
    return general(_mm512_cmplt_epu8_mask(bytes, c.space));
  }
  std::uint64_t blank(const Constants& c) const {
    return general(_mm512_cmpeq_epi8_mask(bytes, _mm512_shuffle_epi8(c.blanks, bytes)));
  }
  std::uint64_t structural(const Constants& c) const {
    return general(_mm512_cmpeq_epi8_mask(_mm512_or_si512(bytes, c.space),
                                          _mm512_shuffle_epi8(c.structurals, bytes)));
  }
  std::uint64_t hexadecimal() const {
    const __m512i digit = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
    const __m512i letter =
        _mm512_sub_epi8(_mm512_or_si512(bytes, _mm512_set1_epi8(0x20)), _mm512_set1_epi8('a'));
    return _mm512_cmplt_epu8_mask(digit, _mm512_set1_epi8(10)) |
           _mm512_cmplt_epu8_mask(letter, _mm512_set1_epi8(6));
  }

  // Sixteen bytes from each of four places.
  static Block load4(const std::uint8_t* a, const std::uint8_t* b, const std::uint8_t* c,
                     const std::uint8_t* d) {
    const auto load = [](const std::uint8_t* from) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    };
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(load(a)), load(b), 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(load(c)), load(d), 1);
    return {_mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1)};
  }

  std::uint64_t decimal() const {
    return general(_mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8('0')),
                                          _mm512_set1_epi8(10)));
  }

  class Writer {
   public:
    Writer(std::uint32_t base, std::uint32_t* positions, std::uint8_t* tokens)
        : positions_(positions),
          tokens_(tokens),
          bases_(_mm512_set1_epi32(static_cast<int>(base))) {}

    std::uint8_t* tokens() const { return tokens_; }

    // Sixteen positions a store. Dense texts have about sixteen tokens a block and few have more
    // than thirty-two: a branch between the first two stores would be mispredicted all the time.
    void write(const Block& block, std::uint64_t found) {
      const __m512i compact = _mm512_maskz_compress_epi8(found, block.bytes);
      const __m512i indices = _mm512_maskz_compress_epi8(found, indices_);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(tokens_), _mm512_castsi512_si256(compact));
      store(0, _mm512_castsi512_si128(indices));
      store(16, _mm512_extracti32x4_epi32(indices, 1));
      const int count = __builtin_popcountll(found);
      if (__builtin_expect(count > 32, 0)) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(tokens_ + 32),
                            _mm512_extracti64x4_epi64(compact, 1));
        store(32, _mm512_extracti32x4_epi32(indices, 2));
        store(48, _mm512_extracti32x4_epi32(indices, 3));
      }
      positions_ += count;
      tokens_ += count;
      bases_ = _mm512_add_epi32(bases_, step_);
    }

   private:
    void store(int offset, __m128i sixteen) {
      _mm512_storeu_si512(positions_ + offset,
                          _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), bases_));
    }

    std::uint32_t* positions_;
    std::uint8_t* tokens_;
    __m512i bases_;
    __m512i step_ = keep(_mm512_set1_epi32(kBlockBytes));
    __m512i indices_ = keep(kIndices.load());
  };

  class Utf8 {
   public:
    explicit Utf8(const std::uint8_t* state)
        : previous_(_mm512_load_si512(state)),
          cut_(_mm512_load_si512(state + 64)),
          previous_high_(_mm512_movepi8_mask(previous_)) {}

    void check(const Block& block) {
      // A sequence may begin in one block and end, or break off, in the next.
      const __mmask64 high = _mm512_movepi8_mask(block.bytes);
      if (__builtin_expect((high | previous_high_) != 0, 0)) check_pairs(block.bytes);
      previous_high_ = high;
      previous_ = block.bytes;
    }

    bool finish(std::uint8_t* state) const {
      _mm512_store_si512(state, previous_);
      _mm512_store_si512(state + 64, cut_);
      return _mm512_test_epi8_mask(error_, error_) != 0;
    }

   private:
    // The block moved by `by` input, the end of the previous one coming in.
    template <int by>
    __m512i moved(__m512i input) const {
      static constexpr Iota kMoved(64 - by);
      return _mm512_permutex2var_epi8(previous_, kMoved.load(), input);
    }

    void check_pairs(__m512i input) {
      const __m512i nibble = _mm512_set1_epi8(0x0f);
      const __m512i first = moved<1>(input);
      const auto upper = [&](__m512i x) {
        return _mm512_and_si512(_mm512_srli_epi16(x, 4), nibble);
      };
      const __m512i classes = _mm512_ternarylogic_epi64(
          _mm512_shuffle_epi8(repeat(kUtf8FirstHigh), upper(first)),
          _mm512_shuffle_epi8(repeat(kUtf8FirstLow), _mm512_and_si512(first, nibble)),
          _mm512_shuffle_epi8(repeat(kUtf8SecondHigh), upper(input)), 0x80);
      // The high bit where a lead two or three input before asks for a continuation.
      const __m512i third = _mm512_subs_epu8(moved<2>(input), _mm512_set1_epi8(0xe0 - 0x80));
      const __m512i fourth = _mm512_subs_epu8(moved<3>(input), _mm512_set1_epi8(0xf0 - 0x80));
      const __m512i due = _mm512_and_si512(_mm512_or_si512(third, fourth),
                                           _mm512_set1_epi8(static_cast<char>(0x80)));
      error_ = _mm512_or_si512(error_, _mm512_xor_si512(classes, due));
      cut_ = _mm512_subs_epu8(input, _mm512_load_si512(kCompleteAtEnd.bytes));
    }

    __m512i previous_;
    __m512i cut_;
    __mmask64 previous_high_;
    __m512i error_ = _mm512_setzero_si512();
  };
};

bool utf8_cut_short(const ScanState& state) {
  std::uint8_t any = 0;
  for (int i = 64; i < 128; ++i) any |= state.utf8[i];
  return any != 0;
}

}  // namespace

const ScanKernel& scan_kernel_avx512() {
  static constexpr ScanKernel kKernel = {scan_blocks<Block>, utf8_cut_short, link_tokens<Block>};
  return kKernel;
}

}  // namespace apitoolkit::json
