#include "src/json/utf8.h"

#include <cstdint>
#include <cstring>

namespace apitoolkit::json {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xC0) == 0x80;
}

}  // namespace

std::size_t utf8_sequence(std::string_view bytes) {
  if (bytes.empty()) return 0;
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || bytes.size() < 2) return 0;
  const std::uint8_t second = byte_at(bytes, 1);
  if (lead < 0xE0) return is_continuation(second) ? 2 : 0;
  if (lead < 0xF0) {
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;   // below: overlong
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;  // above: a surrogate
    if (second < low || second > high || bytes.size() < 3) return 0;
    return is_continuation(byte_at(bytes, 2)) ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;   // below: overlong
  const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;  // above: past U+10FFFF
  if (second < low || second > high || bytes.size() < 4) return 0;
  return is_continuation(byte_at(bytes, 2)) && is_continuation(byte_at(bytes, 3)) ? 4 : 0;
}

char32_t decode_utf8(std::string_view bytes) {
  const auto bits = [&](std::size_t i) { return static_cast<char32_t>(byte_at(bytes, i) & 0x3F); };
  const std::uint8_t lead = byte_at(bytes, 0);
  if (lead < 0x80) return lead;
  if (lead < 0xE0) return (static_cast<char32_t>(lead & 0x1F) << 6) | bits(1);
  if (lead < 0xF0) return (static_cast<char32_t>(lead & 0x0F) << 12) | (bits(1) << 6) | bits(2);
  return (static_cast<char32_t>(lead & 0x07) << 18) | (bits(1) << 12) | (bits(2) << 6) | bits(3);
}

void append_utf8(char32_t code_point, std::string& out) {
  const auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += !is_continuation(static_cast<std::uint8_t>(c));
  return count;
}

bool is_valid_utf8(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (i + sizeof(std::uint64_t) <= bytes.size()) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + i, sizeof word);
      if ((word & kHighBits) == 0) {
        i += sizeof word;
        continue;
      }
    }
    const std::size_t length = utf8_sequence(bytes.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string to_valid_utf8(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return std::string(bytes);
  std::string clean;
  while (!bytes.empty()) {
    const std::size_t size = utf8_sequence(bytes);
    clean += size > 0 ? bytes.substr(0, size) : kReplacementUtf8;
    bytes.remove_prefix(size > 0 ? size : 1);
  }
  return clean;
}

}  // namespace apitoolkit::json
