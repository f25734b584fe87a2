// Whether a number or literal is one, and ends where it should. The common shapes (true, 42, -7.25)
// take one pass without a loop, and without a branch that depends on which of them it is: a text's
// numbers come in no order that a processor could learn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "src/json/scan_state.h"

namespace apitoolkit::json {
// Each level has its own copies on purpose; see scan_block.h.
// NOLINTBEGIN(misc-definitions-in-headers)
namespace {

constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kEachByte * 0x80;
// What may stand right after a number or literal. A quote or an opening bracket is a token of its
// own, which the grammar then rejects.
struct EndsScalar {
  bool table[256] = {};
  constexpr EndsScalar() {
    for (const char* c = " \t\n\r,:[]{}\""; *c != '\0'; ++c) {
      table[static_cast<unsigned char>(*c)] = true;
    }
  }
  constexpr bool operator[](std::uint8_t byte) const { return table[byte]; }
};
constexpr EndsScalar kEndsScalar;

inline std::uint64_t load_word(const std::uint8_t* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

// The high bit of each byte that is not a decimal digit.
inline std::uint64_t non_digits(std::uint64_t word) {
  const std::uint64_t value = word ^ (kEachByte * '0');  // 0…9 for digits
  return (((value & ~kHighBits) + kEachByte * (0x80 - 10)) | value) & kHighBits;
}

inline bool is_digit(std::uint8_t byte) {
  return byte >= '0' && byte <= '9';
}

// The index of the first byte from `at` on that is not a digit; `end` at most.
inline const std::uint8_t* skip_digits(const std::uint8_t* at, const std::uint8_t* end) {
  while (end - at >= 8) {
    const std::uint64_t other = non_digits(load_word(at));
    if (other != 0) return at + __builtin_ctzll(other) / 8;
    at += 8;
  }
  while (at < end && is_digit(*at)) ++at;
  return at;
}

// Any number, by the grammar: [-] (0 | 1-9 digits) [. digits] [(e|E) [+|-] digits].
[[gnu::noinline]] inline bool is_number(const std::uint8_t* at, const std::uint8_t* end) {
  if (at < end && *at == '-') ++at;
  const std::uint8_t* mark = at;
  at = skip_digits(at, end);
  if (at == mark || (*mark == '0' && at - mark > 1)) return false;
  if (at < end && *at == '.') {
    mark = ++at;
    at = skip_digits(at, end);
    if (at == mark) return false;
  }
  if (at < end && (*at | 0x20) == 'e') {
    ++at;
    if (at < end && (*at == '+' || *at == '-')) ++at;
    mark = at;
    at = skip_digits(at, end);
    if (at == mark) return false;
  }
  return at == end || kEndsScalar[*at];
}

constexpr std::uint64_t kTrue = 0x65757274;     // "true"
constexpr std::uint64_t kNull = 0x6c6c756e;     // "null"
constexpr std::uint64_t kFalse = 0x65736c6166;  // "false"

inline std::uint32_t bit_if(bool condition) {
  return condition ? 1 : 0;
}

inline bool is_literal(const std::uint8_t* at) {
  const std::uint64_t word = load_word(at);
  const std::uint64_t four = word & 0xffffffff;
  const std::uint32_t five = bit_if((word & 0xffffffffff) == kFalse);
  const std::uint32_t known = bit_if(four == kTrue) | bit_if(four == kNull) | five;
  return (known & bit_if(kEndsScalar[at[4 + five]])) != 0;
}

constexpr std::uint32_t kNumbersAtOnce = 4;
constexpr std::uint32_t kNumberWindow = kBlockBytes / kNumbersAtOnce;
alignas(16) constexpr std::uint8_t kAnyNumber[kNumberWindow + 1] = "0,              ";

// Checks four numbers at once: the first sixteen bytes of each make up a block, whose masks have
// sixteen bits a number. Adding the first digit's bit to the digits carries to the end of their
// run, for all four in one addition. False says nothing: a number is too long, has an exponent, or
// is wrong.
template <class Block>
[[gnu::always_inline]] inline bool are_short_numbers(const typename Block::Constants& constants,
                                                     const std::uint8_t* const* numbers) {
  constexpr std::uint64_t kFirst = 0x0001000100010001;
  constexpr std::uint64_t kLast = 0x8000800080008000;  // never a digit: a carry stops there
  const Block block = Block::load4(numbers[0], numbers[1], numbers[2], numbers[3]);
  const std::uint64_t minus = block.equal('-') & kFirst;
  const std::uint64_t digits = block.decimal() & ~kLast;
  const std::uint64_t first = (kFirst ^ minus) | (minus << 1);
  const std::uint64_t after_integer = (digits + first) & ~digits;
  const std::uint64_t point = block.equal('.') & after_integer & ~kLast;
  const std::uint64_t after_fraction = (digits + (point << 1)) & ~digits & ~after_integer;
  const std::uint64_t end = (after_integer ^ point) | after_fraction;
  const std::uint64_t ends = block.blank(constants) | block.structural(constants);
  // No digit where one is due, a digit after a leading zero, or something else after the number.
  const std::uint64_t bad = (first & ~digits) | ((point << 1) & ~digits) |
                            (((block.equal('0') & first) << 1) & digits) | (end & ~ends);
  return bad == 0;
}

// As is_number, near the end of the text, which has no padding.
[[gnu::noinline]] inline bool is_last_number(const std::uint8_t* at, const std::uint8_t* end) {
  std::uint8_t padded[kNumberWindow + 8];
  std::memset(padded, ' ', sizeof padded);
  std::memcpy(padded, at, static_cast<std::size_t>(end - at));
  return is_number(padded, padded + sizeof padded);
}

[[gnu::noinline]] inline bool is_last_literal(const std::uint8_t* at, const std::uint8_t* end) {
  std::uint8_t padded[kNumberWindow + 8];
  std::memset(padded, ' ', sizeof padded);
  std::memcpy(padded, at, static_cast<std::size_t>(end - at));
  return is_literal(padded);
}

}  // namespace
// NOLINTEND(misc-definitions-in-headers)
}  // namespace apitoolkit::json
