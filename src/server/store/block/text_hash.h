// Hashing and comparing of short texts, inlined: what splitting an exchange does most.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace apitoolkit::server::store {

inline std::uint64_t load64(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

inline std::uint32_t load32(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Good enough for tables in memory; never stored. Of each 16 bytes one multiplication (the method
// of wyhash, https://github.com/wangyi-fudan/wyhash).
inline std::uint64_t text_hash(std::string_view text, std::uint64_t seed = 0) {
  constexpr std::uint64_t kOdd1 = 0x9e3779b97f4a7c15;
  constexpr std::uint64_t kOdd2 = 0xd6e8feb86659fd93;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = seed ^ (left * kOdd2);
  for (; left > 16; left -= 16, at += 16) {
    hash = mixed(load64(at) ^ kOdd1, load64(at + 8) ^ hash);
  }
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (left >= 8) {
    a = load64(at);
    b = load64(at + left - 8);
  } else if (left >= 4) {
    a = load32(at);
    b = load32(at + left - 4);
  } else if (left > 0) {
    a = static_cast<std::uint64_t>(static_cast<std::uint8_t>(at[0])) << 16 |
        static_cast<std::uint64_t>(static_cast<std::uint8_t>(at[left / 2])) << 8 |
        static_cast<std::uint8_t>(at[left - 1]);
  }
  return mixed(mixed(a ^ kOdd1, b ^ hash), kOdd2);
}

inline bool same_text(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) {
    return load64(a.data()) == load64(b.data()) &&
           load64(a.data() + size - 8) == load64(b.data() + size - 8);
  }
  if (size >= 4) {
    return load32(a.data()) == load32(b.data()) &&
           load32(a.data() + size - 4) == load32(b.data() + size - 4);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace apitoolkit::server::store
