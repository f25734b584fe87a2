#include "src/base/uuid.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "apitoolkit/client.h"
#include "src/base/clock.h"

namespace apitoolkit::base {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

void set_version(Uuid& id, unsigned version) {
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | (version << 4));
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
}

}  // namespace

std::string format_uuid(const Uuid& id) {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (is_dash_position(text.size())) text += '-';
    text += kHexDigits[id[i] >> 4];
    text += kHexDigits[id[i] & 0x0F];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id{};
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    id[digits / 2] = static_cast<std::uint8_t>((id[digits / 2] << 4) | value);
    ++digits;
  }
  return id;
}

bool is_nil(const Uuid& id) {
  return id == Uuid{};
}

void fill_random(void* bytes, std::size_t size) {
  auto* at = static_cast<char*>(bytes);
  while (size > 0) {
    const ssize_t got = getrandom(at, size, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

Uuid make_uuid_v7(std::int64_t unix_ns) {
  std::array<std::uint8_t, kUuidV7RandomBytes> random;  // NOLINT(*-member-init): filled below
  fill_random(random.data(), random.size());
  return make_uuid_v7(unix_ns, random);
}

Uuid make_uuid_v7(std::int64_t unix_ns, std::span<const std::uint8_t, kUuidV7RandomBytes> random) {
  Uuid id{};
  std::copy(random.begin(), random.end(), id.begin() + 6);
  const auto ms = static_cast<std::uint64_t>(unix_ns / 1'000'000);
  for (std::size_t i = 0; i < 6; ++i) id[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  set_version(id, 7);
  return id;
}

Uuid make_uuid_v4() {
  Uuid id{};
  fill_random(id.data(), id.size());
  set_version(id, 4);
  return id;
}

}  // namespace apitoolkit::base

namespace apitoolkit {

Uuid make_id() noexcept {
  return base::make_uuid_v7(base::system_clock().now_ns());
}

}  // namespace apitoolkit
