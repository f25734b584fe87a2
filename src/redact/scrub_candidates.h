// Finds the few places of a text at which a detector must look, 64 bytes at a step.
//
// A place is reported for a detector if what stands there could be what the detector is anchored at
// (scrub_detectors.h): "@", "bearer", "eyJ", the first digit of a card number. No value is missed,
// and in ordinary text few places are reported in vain, so that a text without any value costs
// little more than reading it. One pass serves all detectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/json/simd_level.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_candidates_state.h"

namespace apitoolkit::redact {

// What a scan looks for: the bits of a DetectorSet, and one that is no detector's: a backslash
// before a letter or "/".
inline constexpr std::uint8_t kEscapeKinds = 0x80;

// Goes through a text, which must outlive it. About 6 KB, for the stack.
class CandidateScan {
 public:
  CandidateScan(std::string_view text, std::uint8_t kinds,
                json::SimdLevel level = json::simd_level());

  // Goes on to the next places; false at the end of the text. They are valid until the next call.
  // They come in the order in which what was recognised there ends: a card number's and an IBAN's
  // beginning may come after a place that is inside it.
  bool next();
  const Candidate* begin() const { return found_.data(); }
  const Candidate* end() const { return found_.data() + state_.count; }

 private:
  std::string_view text_;
  ScanCandidates scan_;
  std::size_t blocks_read_ = 0;
  CandidateState state_;
  std::array<Candidate, kCandidateBatch> found_;
};

}  // namespace apitoolkit::redact
