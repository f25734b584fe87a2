#include "src/redact/scrub_candidates.h"

#include <algorithm>
#include <cstring>

#include "src/redact/scrub_candidates_block.h"

namespace apitoolkit::redact {
namespace {

constexpr std::uint8_t bit_of(Detector detector) {
  DetectorSet set;
  set.add(detector);
  return set.bits();
}
static_assert(bit_of(Detector::kCreditCard) == kCardBit && bit_of(Detector::kJwt) == kJwtBit &&
              bit_of(Detector::kEmail) == kEmailBit && bit_of(Detector::kIban) == kIbanBit &&
              bit_of(Detector::kSsn) == kSsnBit && bit_of(Detector::kBearer) == kBearerBit &&
              kUnicodeEscapeBit == kUnicodeBit);

ScanCandidates scan_of(json::SimdLevel level) {
#if defined(__x86_64__)
  if (json::simd_level_supported(level)) {
    if (level == json::SimdLevel::kAvx512) return scan_candidates_avx512;
    if (level == json::SimdLevel::kAvx2) return scan_candidates_avx2;
  }
#else
  static_cast<void>(level);
#endif
  return scan_candidates_portable;
}

}  // namespace

CandidateScan::CandidateScan(std::string_view text, std::uint8_t kinds, json::SimdLevel level)
    : text_(text), scan_(scan_of(level)) {
  state_.kinds = kinds;
}

bool CandidateScan::next() {
  state_.count = 0;
  // Blocks that can be read where they stand.
  const std::size_t in_place =
      text_.size() < kScanReadBytes ? 0 : (text_.size() - kScanReadBytes) / kScanBlockBytes + 1;
  if (blocks_read_ < in_place) {
    blocks_read_ += scan_(text_.data() + blocks_read_ * kScanBlockBytes, in_place - blocks_read_,
                          state_, found_.data());
    if (state_.count > 0 && blocks_read_ < in_place) return true;
  }
  // The rest is at most a block and a byte; then a block of zeros, since the candidates of a block
  // are known only with the one after it.
  constexpr std::size_t kTailBlocks = 3;
  const std::size_t total = in_place + kTailBlocks;
  if (blocks_read_ < total) {
    std::array<char, kTailBlocks * kScanBlockBytes + kScanReadBytes> tail{};
    const std::string_view rest = text_.substr(in_place * kScanBlockBytes);
    std::copy(rest.begin(), rest.end(), tail.begin());
    const std::size_t done = blocks_read_ - in_place;
    blocks_read_ +=
        scan_(tail.data() + done * kScanBlockBytes, total - blocks_read_, state_, found_.data());
  }
  return state_.count > 0;
}

}  // namespace apitoolkit::redact
