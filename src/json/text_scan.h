// The one question that reading and writing JSON strings ask most: how far do the bytes go that
// stand for themselves?
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace apitoolkit::json {

// ASCII that needs no attention in a string: neither control, quote nor backslash.
inline bool is_plain(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// The first index from `i` on whose byte is not plain; text.size() if all are. Eight bytes a step:
// subtracting with borrow marks the bytes below a bound, and xor turns "equals" into "is zero". A
// borrow can mark a byte too many, never one too few, so the last step looks at single bytes.
inline std::size_t skip_plain(std::string_view text, std::size_t i) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = kOnes * 0x80;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    const std::uint64_t quote = word ^ (kOnes * '"');
    const std::uint64_t backslash = word ^ (kOnes * '\\');
    const std::uint64_t found =
        word | (word - kOnes * 0x20) | (quote - kOnes) | (backslash - kOnes);
    if ((found & kHigh) != 0) break;
  }
  while (i < text.size() && is_plain(text[i])) ++i;
  return i;
}

}  // namespace apitoolkit::json
