// The scan of one block of 64 bytes: which of its bytes begin a token.
//
// Each vector level includes this file and gives it a Block, which turns 64 bytes into 64-bit
// masks; all that follows is arithmetic on such masks, bit i standing for byte i. There are no
// loops over bytes and no branches on what the text contains, but for blocks with a backslash.
//
// A token is a structural character outside strings ({ } [ ] : ,), the opening quote of a string,
// or the first byte of a number or literal. Strings are checked here and now (control characters,
// escapes, UTF-8); numbers and literals later, by the linker, which sees their first byte.
//
// Everything is in an anonymous namespace and uses no inline function of the standard library: this
// code is compiled with flags that other objects must not inherit by way of the linker.
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/json/scan_state.h"

namespace apitoolkit::json {
// NOLINTBEGIN(misc-definitions-in-headers)
namespace {

constexpr std::uint64_t kEvenBits = 0x5555555555555555;
constexpr std::uint64_t kOddBits = ~kEvenBits;

// The bits that stand below `bit`, which has exactly one bit set.
inline std::uint64_t below(std::uint64_t bit) {
  return bit - 1;
}

inline std::uint64_t lowest(std::uint64_t mask) {
  return mask & (0 - mask);
}

// The bytes that follow a run of backslashes of odd length, and so are escaped. A run that starts
// at an even index is odd if and only if it ends before an odd one; adding the run's first bit to
// it carries to the bit just after the run.
inline std::uint64_t find_escaped(std::uint64_t backslash, std::uint64_t& carry) {
  const std::uint64_t first_is_escaped = carry;
  backslash &= ~first_is_escaped;
  const std::uint64_t starts = backslash & ~(backslash << 1);
  const std::uint64_t after_even = (backslash + (starts & kEvenBits)) & ~backslash;
  std::uint64_t odd_sum = 0;
  carry = __builtin_add_overflow(backslash, starts & kOddBits, &odd_sum) ? 1 : 0;
  const std::uint64_t after_odd = odd_sum & ~backslash;
  return (after_even & kOddBits) | (after_odd & kEvenBits) | first_is_escaped;
}

// Escapes that JSON does not have. `escaped` holds the bytes after the backslash; \u wants four
// hexadecimal digits, which may stand in the next block.
template <class Block>
std::uint64_t find_bad_escapes(const Block& block, std::uint64_t escaped, std::uint64_t& hex_due) {
  const std::uint64_t u = escaped & block.equal('u');
  const std::uint64_t simple = block.equal('"') | block.equal('\\') | block.equal('/') |
                               block.equal('b') | block.equal('f') | block.equal('n') |
                               block.equal('r') | block.equal('t');
  std::uint64_t bad = escaped & ~(simple | u);
  const std::uint64_t due = hex_due | (u << 1) | (u << 2) | (u << 3) | (u << 4);
  hex_due = (u >> 63) | (u >> 62) | (u >> 61) | (u >> 60);
  if (due != 0) bad |= due & ~block.hexadecimal();
  return bad;
}

// Turns the token byte of each string that has a backslash in this block into kEscapedString.
// Inside a string there are no tokens, so the string is the last token before the backslash.
inline void mark_escaped_strings(std::uint64_t backslash, std::uint64_t closing_quotes,
                                 std::uint64_t tokens, std::uint8_t* out) {
  while (backslash != 0) {
    const std::uint64_t before = below(lowest(backslash));
    out[__builtin_popcountll(tokens & before) - 1] = kEscapedString;
    const std::uint64_t close = lowest(closing_quotes & ~before);
    if (close == 0) return;  // the string goes on in the next block
    backslash &= ~below(close);
  }
}

template <class Block>
void scan_blocks(const std::uint8_t* bytes, std::uint32_t blocks, std::uint32_t base,
                 ScanState& state, std::uint32_t* positions, std::uint8_t* tokens) {
  const typename Block::Constants constants;
  typename Block::Utf8 utf8(state.utf8);
  typename Block::Writer writer(base, positions + state.count, tokens + state.count);
  std::uint64_t in_string_carry = state.in_string;
  std::uint64_t scalar_carry = state.scalar_carry;
  std::uint64_t escape_carry = state.escape_carry;
  std::uint64_t hex_due = state.hex_due;
  std::uint64_t bad = 0;
  for (const std::uint8_t* const end = bytes + std::size_t{blocks} * kBlockBytes; bytes != end;
       bytes += kBlockBytes) {
    const Block block = Block::load(bytes);
    utf8.check(block);

    const std::uint64_t backslash = block.backslash(constants);
    std::uint64_t quotes = block.quote(constants);
    std::uint64_t escaped = 0;
    const bool has_escape = (backslash | escape_carry | hex_due) != 0;
    if (has_escape) {
      escaped = find_escaped(backslash, escape_carry);
      quotes &= ~escaped;
    }
    // From each opening quote, inclusive, to its closing quote, exclusive.
    const std::uint64_t in_string = Block::prefix_xor(quotes) ^ in_string_carry;
    in_string_carry = static_cast<std::uint64_t>(static_cast<std::int64_t>(in_string) >> 63);

    const std::uint64_t blank = block.blank(constants);
    const std::uint64_t structural = block.structural(constants) & ~in_string;
    const std::uint64_t scalar = ~(structural | blank | quotes | in_string);
    const std::uint64_t scalar_start = scalar & ~((scalar << 1) | scalar_carry);
    scalar_carry = scalar >> 63;
    bad |= block.control(constants) & in_string;  // outside, it is a token that the linker refuses

    const std::uint64_t found = structural | (quotes & in_string) | scalar_start;
    std::uint8_t* const block_tokens = writer.tokens();
    writer.write(block, found);
    if (has_escape) {
      bad |= find_bad_escapes(block, escaped & in_string, hex_due);
      mark_escaped_strings(backslash & in_string, quotes & ~in_string, found, block_tokens);
    }
  }
  state.count = static_cast<std::uint32_t>(writer.tokens() - tokens);
  state.in_string = in_string_carry;
  state.scalar_carry = scalar_carry;
  state.escape_carry = escape_carry;
  state.hex_due = hex_due;
  state.bad_text |= bad;
  state.bad_utf8 |= utf8.finish(state.utf8) ? 1 : 0;
}

}  // namespace
// NOLINTEND(misc-definitions-in-headers)
}  // namespace apitoolkit::json
