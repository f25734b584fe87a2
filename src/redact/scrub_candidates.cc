#include "src/redact/scrub_candidates.h"

#include <algorithm>
#include <cstring>

#include "src/redact/scrub_candidates_block.h"

namespace apitoolkit::redact {
namespace {

static_assert(kCard == static_cast<int>(Detector::kCreditCard) &&
              kJwt == static_cast<int>(Detector::kJwt) &&
              kEmail == static_cast<int>(Detector::kEmail) &&
              kIban == static_cast<int>(Detector::kIban) &&
              kSsn == static_cast<int>(Detector::kSsn) &&
              kBearer == static_cast<int>(Detector::kBearer) && kEscapeKinds == 1U << kEscape);

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

// Only what a scan has written to `found_` is read.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
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
    if (state_.count > 0) return true;
  }
  // The rest is at most a block and two bytes; what follows it reads as zeros.
  const std::string_view rest = text_.substr(in_place * kScanBlockBytes);
  const std::size_t rest_blocks = (rest.size() + kScanBlockBytes - 1) / kScanBlockBytes;
  const std::size_t done = blocks_read_ - in_place;
  if (done < rest_blocks) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
    std::array<char, kScanBlockBytes + kScanReadBytes> tail;
    std::copy(rest.begin(), rest.end(), tail.begin());
    std::fill(tail.begin() + static_cast<std::ptrdiff_t>(rest.size()), tail.end(), '\0');
    blocks_read_ +=
        scan_(tail.data() + done * kScanBlockBytes, rest_blocks - done, state_, found_.data());
  }
  return state_.count > 0;
}

}  // namespace apitoolkit::redact
