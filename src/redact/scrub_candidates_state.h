// What the scan for candidates carries from block to block, and the function of each vector level.
//
// Plain data only: this header is read by code that is compiled with vector flags, which other
// objects must not inherit by way of an inline function.
#pragma once

#include <cstddef>
#include <cstdint>

namespace apitoolkit::redact {

// A place at which a detector must look: its number, or 7 for an escape.
struct Candidate {
  std::size_t at;
  std::uint8_t kind;
};

inline constexpr std::size_t kScanBlockBytes = 64;
// A block is read with the first bytes of the one after it.
inline constexpr std::size_t kScanReadBytes = kScanBlockBytes + 3;
// At one byte three kinds can end that consist of digits, or of digits and letters, or one of those
// and one that begins.
inline constexpr std::size_t kCandidatesPerBlock = 3 * kScanBlockBytes;
inline constexpr std::size_t kCandidateBatch = 2 * kCandidatesPerBlock;

// For each byte of a block, bit n standing for byte n, whether it is of a class.
struct ClassMasks {
  std::uint64_t digit = 0;
  std::uint64_t letter = 0;
  std::uint64_t space = 0;
  std::uint64_t dash = 0;
  std::uint64_t backslash = 0;
};

struct CandidateState {
  std::uint8_t kinds = 0;  // bit n: the kind n is wanted
  ClassMasks before;       // of the block before the next
  std::size_t base = 0;    // the offset in the text of the next block
  std::size_t count = 0;   // candidates in the batch
};

// Reads blocks of 64 bytes, the last with three bytes after it, and writes their candidates to
// `out`, which has room for kCandidateBatch, in the order in which what was recognised ends. Stops
// when there may be no room for another block's. Adds to state.count. Returns how many blocks were
// read.
using ScanCandidates = std::size_t (*)(const char* bytes, std::size_t blocks, CandidateState& state,
                                       Candidate* out);
std::size_t scan_candidates_portable(const char* bytes, std::size_t blocks, CandidateState& state,
                                     Candidate* out);
std::size_t scan_candidates_avx2(const char* bytes, std::size_t blocks, CandidateState& state,
                                 Candidate* out);
std::size_t scan_candidates_avx512(const char* bytes, std::size_t blocks, CandidateState& state,
                                   Candidate* out);

}  // namespace apitoolkit::redact
