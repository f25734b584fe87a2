#include "src/server/account/secret.h"

#include <sodium.h>

#include <string>

#include "src/base/base64.h"
#include "src/base/uuid.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::size_t kSecretBytes = 32;
static_assert(crypto_hash_sha256_BYTES == std::tuple_size_v<Digest>);

// sodium_init is idempotent and thread-safe; it chooses the fastest implementation.
bool ready() {
  return sodium_init() >= 0;
}

// What an unknown name is checked against.
const std::string& hash_of_nobody() {
  static const std::string kHash = hash_password(random_secret("")).value_or("");
  return kHash;
}

}  // namespace

Digest digest(std::string_view secret) {
  Digest out{};
  crypto_hash_sha256(out.data(), reinterpret_cast<const unsigned char*>(secret.data()),
                     secret.size());
  return out;
}

std::string random_secret(std::string_view prefix) {
  std::string bytes(kSecretBytes, '\0');
  base::fill_random(bytes.data(), bytes.size());
  return std::string(prefix) + base::base64url_encode(bytes);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::string> hash_password(std::string_view password) {
  std::string out(crypto_pwhash_STRBYTES, '\0');
  if (!ready() || crypto_pwhash_str(out.data(), password.data(), password.size(),
                                    crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                    crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    return fail(ErrorCode::kResourceExhausted, "not enough memory to hash a password (64 MiB)");
  }
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(std::string_view password, const std::string& hash) {
  if (!ready()) return false;
  const std::string& against = hash.empty() ? hash_of_nobody() : hash;
  const bool fits =
      crypto_pwhash_str_verify(against.c_str(), password.data(), password.size()) == 0;
  return fits && !hash.empty();
}

}  // namespace apitoolkit::server::account
