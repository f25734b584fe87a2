// Whether a number or literal is one, and ends where it should. Eight bytes at a time, with 64-bit
// arithmetic only; the common shapes (true, 42, -7.25) take one pass without a loop.
#pragma once

#include <cstdint>
#include <cstring>

namespace apitoolkit::json {
namespace {

constexpr std::uint64_t kEachByte = 0x0101010101010101;
constexpr std::uint64_t kHighBits = kEachByte * 0x80;
constexpr std::uint32_t kScalarWindow = 16;  // bytes that the short form may look at

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
inline bool is_number(const std::uint8_t* at, const std::uint8_t* end) {
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

constexpr std::uint64_t kTrue = 0x65757274;    // "true"
constexpr std::uint64_t kNull = 0x6c6c756e;    // "null"
constexpr std::uint64_t kFalse = 0x65736c6166;  // "false"

// A literal, or a number of at most seven characters with at most one point and no exponent; false
// says nothing. kScalarWindow bytes must be readable.
inline bool is_short_scalar(const std::uint8_t* at) {
  const bool negative = *at == '-';
  at += negative ? 1 : 0;
  const std::uint64_t word = load_word(at);
  const std::uint64_t others = non_digits(word);
  if (others == 0) return false;
  const unsigned first = __builtin_ctzll(others) / 8;
  unsigned length = first;
  if (first == 0) {
    const std::uint64_t four = word & 0xffffffff;
    length = four == kTrue || four == kNull ? 4 : (word & 0xffffffffff) == kFalse ? 5 : 0;
    return length != 0 && !negative && kEndsScalar[at[length]];
  }
  if (at[first] == '.') {
    const std::uint64_t more = others & (others - 1);
    if (more == 0) return false;
    length = __builtin_ctzll(more) / 8;
    if (length == first + 1) return false;
  }
  return kEndsScalar[at[length]] && (*at != '0' || first == 1);
}

// Whether the token at source[at] is a literal or number.
inline bool is_scalar(const std::uint8_t* source, std::uint32_t at, std::uint32_t size) {
  if (size - at >= kScalarWindow) {
    return is_short_scalar(source + at) || is_number(source + at, source + size);
  }
  std::uint8_t padded[kScalarWindow + 1];  // the last bytes of the text, which has no padding
  std::memset(padded, ' ', sizeof padded);
  std::memcpy(padded, source + at, size - at);
  return is_short_scalar(padded) || is_number(padded, padded + sizeof padded);
}

}  // namespace
}  // namespace apitoolkit::json
