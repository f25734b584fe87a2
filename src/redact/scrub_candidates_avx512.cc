// The search for candidates with AVX-512: a block is one register, a comparison gives its mask.
#include <immintrin.h>

#include "src/redact/scrub_candidates_block.h"

namespace apitoolkit::redact {
namespace {

struct Block {
  __m512i bytes;

  static Block load(const char* from) { return {_mm512_loadu_si512(from)}; }
  Block folded() const { return {_mm512_or_si512(bytes, _mm512_set1_epi8(0x20))}; }
  std::uint64_t equal(char c) const { return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c)); }
  std::uint64_t between(char from, char to) const {
    return _mm512_cmple_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8(from)),
                                  _mm512_set1_epi8(static_cast<char>(to - from)));
  }
};

}  // namespace

std::size_t scan_candidates_avx512(const char* bytes, std::size_t blocks, CandidateState& state,
                                   Candidate* out) {
  return scan_candidate_blocks<Block>(bytes, blocks, state, out);
}

}  // namespace apitoolkit::redact
