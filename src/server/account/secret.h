// Random secrets, their hashes, and passwords.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::server::account {

using Digest = std::array<std::uint8_t, 32>;

// SHA-256: enough for secrets of 256 random bits, which nobody can guess from their hash.
Digest digest(std::string_view secret);

// `prefix` and 256 random bits in letters, digits, "-" and "_": it travels unchanged in headers,
// URLs and OTEL_RESOURCE_ATTRIBUTES.
std::string random_secret(std::string_view prefix);

// Whether both are equal, in a time that depends on their lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// argon2id as libsodium writes it, parameters and salt included. Takes about a tenth of a second
// and 64 MiB: never on an I/O thread.
Result<std::string> hash_password(std::string_view password);
// Likewise slow. An empty `hash` (nobody of that name) takes as long as a wrong password.
bool verify_password(std::string_view password, const std::string& hash);

}  // namespace apitoolkit::server::account
