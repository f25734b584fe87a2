// UUIDs (RFC 9562): text form, and version 7, which sorts by time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"

namespace apitoolkit::base {

// 36 characters, lower case.
std::string format_uuid(const Uuid& id);

// 8-4-4-4-12 hex digits in any case; nothing else (no braces, no "urn:").
std::optional<Uuid> parse_uuid(std::string_view text);

bool is_nil(const Uuid& id);

// RFC 9562 section 5.7: 48 bits of Unix milliseconds, then random bits. Thread-safe; a fork does
// not repeat ids (each comes from the operating system's generator).
Uuid make_uuid_v7(std::int64_t unix_ns);

// The same of random bytes that the caller has from fill_random(), and uses once.
inline constexpr std::size_t kUuidV7RandomBytes = 10;
Uuid make_uuid_v7(std::int64_t unix_ns, std::span<const std::uint8_t, kUuidV7RandomBytes> random);

// Version 4: 122 random bits.
Uuid make_uuid_v4();

// `size` bytes from the operating system's generator (getrandom). Aborts the process if that fails,
// which Linux documents as impossible after boot.
void fill_random(void* bytes, std::size_t size);

}  // namespace apitoolkit::base
