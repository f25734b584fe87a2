// Whether a number or literal is one, and ends where it should. The common shapes (true, 42, -7.25)
// take one pass without a loop, and without a branch that depends on which of them it is.
#pragma once

#include <cstdint>
#include <cstring>

namespace apitoolkit::json {
namespace {

constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kEachByte * 0x80;
constexpr std::uint32_t kDigitWindow = 32;   // bytes that Block::digits tells of, in its low bits
constexpr std::uint32_t kScalarWindow = 40;  // bytes that the short form may look at

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

inline bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

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

inline std::uint32_t bit_if(bool condition) { return condition ? 1 : 0; }

inline bool is_literal(const std::uint8_t* at) {
  const std::uint64_t word = load_word(at);
  const std::uint64_t four = word & 0xffffffff;
  const std::uint32_t five = bit_if((word & 0xffffffffff) == kFalse);
  const std::uint32_t known = bit_if(four == kTrue) | bit_if(four == kNull) | five;
  return (known & bit_if(kEndsScalar[at[4 + five]])) != 0;
}

// As is_scalar, near the end of the text, which has no padding.
[[gnu::noinline]] inline bool is_last_scalar(const std::uint8_t* source, std::uint32_t at,
                                             std::uint32_t size) {
  std::uint8_t padded[kScalarWindow + 8];
  std::memset(padded, ' ', sizeof padded);
  std::memcpy(padded, source + at, size - at);
  return is_literal(padded) || is_number(padded, padded + kScalarWindow);
}

// A number of less than kDigitWindow characters without exponent; false says nothing. It is written
// so that no branch depends on what the number looks like: a text's numbers come in no order that a
// processor could learn.
template <class Block>
[[gnu::always_inline]] inline bool is_short_number(const std::uint8_t* at) {
  at += bit_if(*at == '-');
  const std::uint64_t others = ~Block::digits(at);  // bit i: at[i] is not a digit
  const auto integer = static_cast<std::uint32_t>(__builtin_ctzll(others));
  const std::uint32_t point = bit_if(at[integer] == '.');
  const auto length =
      static_cast<std::uint32_t>(__builtin_ctzll(others & ~(std::uint64_t{point} << integer)));
  const std::uint32_t bad = bit_if(integer == 0) | (bit_if(*at == '0') & bit_if(integer != 1)) |
                            (point & bit_if(length == integer + 1));
  return (bit_if(kEndsScalar[at[length]]) & ~bad) != 0;
}

// Whether the token at source[at] is a literal or number.
template <class Block>
[[gnu::always_inline]] inline bool is_scalar(const std::uint8_t* source, std::uint32_t at,
                                             std::uint32_t size, bool letter) {
  if (__builtin_expect(size - at < kScalarWindow, 0)) {
    return is_last_scalar(source, at, size);
  }
  if (letter) return is_literal(source + at);
  return is_short_number<Block>(source + at) || is_number(source + at, source + size);
}

}  // namespace
}  // namespace apitoolkit::json
