#include "src/base/base64.h"

#include <array>
#include <cstdint>

namespace apitoolkit::base {
namespace {

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlSafe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kInvalid = 0xFF;

constexpr std::array<std::uint8_t, 256> make_decode_table() {
  std::array<std::uint8_t, 256> table{};
  for (auto& entry : table) entry = kInvalid;
  for (std::uint8_t i = 0; i < 64; ++i) {
    table[static_cast<std::uint8_t>(kStandard[i])] = i;
    table[static_cast<std::uint8_t>(kUrlSafe[i])] = i;
  }
  return table;
}
constexpr auto kDecode = make_decode_table();

void append(std::string_view bytes, const char* alphabet, bool pad, std::string& out) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
    const std::array<char, 4> quad{alphabet[group >> 18], alphabet[(group >> 12) & 63],
                                   alphabet[(group >> 6) & 63], alphabet[group & 63]};
    out.append(quad.data(), quad.size());
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t group = (byte(i) << 16) | (rest == 2 ? byte(i + 1) << 8 : 0);
  out += alphabet[group >> 18];
  out += alphabet[(group >> 12) & 63];
  if (rest == 2) out += alphabet[(group >> 6) & 63];
  if (pad) out.append(3 - rest, '=');
}

}  // namespace

void base64_append(std::string_view bytes, std::string& out) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  append(bytes, kStandard, true, out);
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  base64_append(bytes, out);
  return out;
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  append(bytes, kUrlSafe, false, out);
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  if (padding > 0 && (text.size() + padding) % 4 != 0) return std::nullopt;
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::uint8_t value = kDecode[static_cast<std::uint8_t>(c)];
    if (value == kInvalid) return std::nullopt;
    group = (group << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits);
      group &= (1U << bits) - 1;
    }
  }
  // RFC 4648 section 3.5: decoders in the field differ on stray low bits; they carry nothing.
  return out;
}

}  // namespace apitoolkit::base
