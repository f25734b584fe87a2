// The search for candidates with AVX2: a block is two registers, masks come by way of movemask.
#include <immintrin.h>

#include "src/redact/scrub_candidates_block.h"

namespace apitoolkit::redact {
namespace {

struct Block {
  __m256i first;
  __m256i second;

  static Block load(const char* bytes) {
    const auto* from = reinterpret_cast<const __m256i*>(bytes);
    return {_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)};
  }
  Block folded() const {
    const __m256i bit = _mm256_set1_epi8(0x20);
    return {_mm256_or_si256(first, bit), _mm256_or_si256(second, bit)};
  }
  static std::uint64_t mask_of(__m256i a, __m256i b) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(a)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(b))) << 32;
  }
  std::uint64_t equal(char c) const {
    const __m256i wanted = _mm256_set1_epi8(c);
    return mask_of(_mm256_cmpeq_epi8(first, wanted), _mm256_cmpeq_epi8(second, wanted));
  }
  std::uint64_t between(char from, char to) const {
    // There is no unsigned comparison: x <= span if and only if min(x, span) is x.
    const __m256i start = _mm256_set1_epi8(from);
    const __m256i span = _mm256_set1_epi8(static_cast<char>(to - from));
    const __m256i a = _mm256_sub_epi8(first, start);
    const __m256i b = _mm256_sub_epi8(second, start);
    return mask_of(_mm256_cmpeq_epi8(_mm256_min_epu8(a, span), a),
                   _mm256_cmpeq_epi8(_mm256_min_epu8(b, span), b));
  }
};

}  // namespace

std::size_t scan_candidates_avx2(const char* bytes, std::size_t blocks, CandidateState& state,
                                 Candidate* out) {
  return scan_candidate_blocks<Block>(bytes, blocks, state, out);
}

}  // namespace apitoolkit::redact
