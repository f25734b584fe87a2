// What the scan carries from block to block and hands to the linker: plain data, so that the three
// vector levels, each compiled with its own flags, can share it.
#pragma once

#include <cstdint>

#include "src/base/limits.h"

namespace apitoolkit::json {

// The token byte of a string that holds a backslash. No token begins with a blank, so nothing in
// the source can be mistaken for it.
inline constexpr std::uint8_t kEscapedString = ' ';

inline constexpr std::uint32_t kBlockBytes = 64;   // of source a step of the scan
inline constexpr std::uint32_t kGroupTokens = 64;  // tokens a step of the linker

struct ScanState {
  std::uint32_t count = 0;         // tokens written so far
  std::uint64_t escape_carry = 0;  // 1: the next byte follows an escaping backslash
  std::uint64_t in_string = 0;     // all ones: the next byte is inside a string
  std::uint64_t scalar_carry = 0;  // 1: the last byte belonged to a number or literal
  std::uint64_t hex_due = 0;       // bits of the next block that must be hexadecimal digits
  std::uint64_t bad_text = 0;      // not 0: a control character or an escape that JSON forbids
  std::uint64_t bad_utf8 = 0;      // not 0: invalid UTF-8
  alignas(64) std::uint8_t utf8[128] = {};  // the level's own: previous block, sequence cut short
};

// Where a container ends: the token of its closing bracket, and the ordinal of the first container
// that opens after that. Containers are numbered in the order in which they open.
struct Container {
  std::uint32_t close;
  std::uint32_t after;
};

// What is known of 64 tokens at once.
struct TokenGroup {
  std::uint64_t names;    // bit i: token i is the name of a member
  std::uint64_t escaped;  // bit i: token i is a string with a backslash
  std::uint64_t opens;    // bit i: token i is an opening bracket
  std::uint32_t ordinal;  // of the first container that opens in this group
};

struct LinkState {
  // The inputs. `tokens` is readable up to 64 bytes after the last token; before the first stands a
  // comma.
  const std::uint8_t* source = nullptr;
  std::uint32_t source_size = 0;
  const std::uint32_t* positions = nullptr;
  const std::uint8_t* tokens = nullptr;
  // The outputs, with room for every token that is linked.
  Container* containers = nullptr;
  TokenGroup* groups = nullptr;

  std::uint32_t container_count = 0;
  std::uint64_t bad = 0;  // not 0: a token where the grammar has none, or a wrong scalar
  bool too_deep = false;
  std::uint64_t after_name = 0;  // 1: the token before the next group is a name
  std::uint32_t depth = 0;
  // Open containers: ordinal * 2 + (1 for an object). Entry 0 stands for the top level; there are
  // limits::kJsonDepthMax + 1 entries, uninitialised but for entry 0.
  std::uint32_t* stack = nullptr;
};

// One vector level.
struct ScanKernel {
  // Scans `blocks` blocks of 64 bytes whose first byte stands at `base` in the source. Writes at
  // positions + state.count and tokens + state.count, where 64 entries more than there can be
  // tokens (one a byte) must have room.
  void (*scan)(const std::uint8_t* bytes, std::uint32_t blocks, std::uint32_t base,
               ScanState& state, std::uint32_t* positions, std::uint8_t* tokens);
  // Whether the text ended inside a UTF-8 sequence.
  bool (*utf8_cut_short)(const ScanState& state);
  // Links tokens [from, to). `from` is a multiple of 64; so is `to` except in the last call. Token
  // `to` must be readable: the first of the next group, or 0 at the end.
  void (*link)(LinkState& state, std::uint32_t from, std::uint32_t to);
};

const ScanKernel& scan_kernel_portable();
#if defined(__x86_64__)
const ScanKernel& scan_kernel_avx2();
const ScanKernel& scan_kernel_avx512();
#endif

}  // namespace apitoolkit::json
