// Numbers as few bytes: 7 bits a byte, least significant first, the high bit set in all but the
// last.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::server::store {

// Small numbers of either sign as small ones without: 0, -1, 1, -2 become 0, 1, 2, 3.
std::uint64_t zigzag(std::int64_t value);
std::int64_t unzigzag(std::uint64_t value);

void append_long_varint(std::uint64_t value, std::string& out);
inline void append_varint(std::uint64_t value, std::string& out) {
  if (value >= 0x80) return append_long_varint(value, out);
  out.push_back(static_cast<char>(value));
}
// Takes a varint from the front; nullopt if there is none or it is over 64 bits.
std::optional<std::uint64_t> take_long_varint(std::string_view& bytes);
inline std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) >= 0x80) return take_long_varint(bytes);
  const auto value = static_cast<std::uint8_t>(bytes[0]);
  bytes.remove_prefix(1);
  return value;
}
// Takes so many bytes from the front; nullopt if there are not so many.
inline std::optional<std::string_view> take_bytes(std::string_view& bytes, std::uint64_t size) {
  if (size > bytes.size()) return std::nullopt;
  const std::string_view taken = bytes.substr(0, static_cast<std::size_t>(size));
  bytes.remove_prefix(static_cast<std::size_t>(size));
  return taken;
}

}  // namespace apitoolkit::server::store
