// Unsigned integers, least significant byte first.
#pragma once

#include <concepts>
#include <cstddef>

namespace apitoolkit::sdk {

template <std::unsigned_integral T>
void put(char* bytes, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>(value >> (8 * i));
}

template <std::unsigned_integral T>
T get(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

}  // namespace apitoolkit::sdk
