// What the scan for candidates carries from block to block, and the function of each vector level.
//
// Plain data only: this header is read by code that is compiled with vector flags, which other
// objects must not inherit by way of an inline function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace apitoolkit::redact {

// A place at which the detectors of `kinds` (bits of a DetectorSet) must look.
struct Candidate {
  std::size_t at;
  std::uint8_t kinds;
};

inline constexpr std::size_t kScanBlockBytes = 64;
// A block is read with the first bytes of the one after it.
inline constexpr std::size_t kScanReadBytes = kScanBlockBytes + 2;
// A block has at most one candidate a byte; a batch must hold those of several.
inline constexpr std::size_t kCandidateBatch = 4 * kScanBlockBytes;

// For each byte of a block, bit n standing for byte n, whether it is of a class.
struct ClassMasks {
  std::uint64_t digit = 0;
  std::uint64_t letter = 0;
  std::uint64_t space = 0;
  std::uint64_t dash = 0;
  std::uint64_t backslash = 0;
  std::uint64_t at_sign = 0;
  std::uint64_t bearer = 0;   // "bea" begins here, in any case
  std::uint64_t jose = 0;     // "{" and a quote or a blank, in base64, begin here
  std::uint64_t unicode = 0;  // "\u" begins here
};

struct CandidateState {
  std::uint8_t kinds = 0;
  ClassMasks before;     // of the block before `current`
  ClassMasks current;    // read, but not searched until the block after it is known
  std::size_t base = 0;  // the offset in the text of the block after `current`
  std::size_t count = 0;
};

// Reads blocks of 64 bytes, the last with two bytes after it, and writes the candidates of each
// block before the one read to `found`, until all are read or there is no room for another block's.
// Returns how many were read.
using ScanCandidates = std::size_t (*)(const char* bytes, std::size_t blocks, CandidateState& state,
                                       Candidate* found);
std::size_t scan_candidates_portable(const char* bytes, std::size_t blocks, CandidateState& state,
                                     Candidate* found);
std::size_t scan_candidates_avx2(const char* bytes, std::size_t blocks, CandidateState& state,
                                 Candidate* found);
std::size_t scan_candidates_avx512(const char* bytes, std::size_t blocks, CandidateState& state,
                                   Candidate* found);

}  // namespace apitoolkit::redact
