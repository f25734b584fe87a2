// Self-signed JSON Web Tokens (RFC 7519) with RS256, as Google accepts them in place of an OAuth
// token, and their verification.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::wire {

struct Claims {
  std::string issuer;    // iss; sub is the same
  std::string audience;  // aud
  std::int64_t issued_at_s = 0;
  std::int64_t expires_at_s = 0;
};

// An RSA key pair or its public half. Immutable; threads may share it.
class RsaKey {
 public:
  static Result<RsaKey> generate(int bits = 2048);
  // PKCS#8 or PKCS#1 PEM. kInvalidArgument for anything else.
  static Result<RsaKey> from_private_pem(std::string_view pem);
  std::string private_pem() const;  // PKCS#8

  // header.claims.signature; `key_id` goes into the header as kid.
  Result<std::string> sign(const Claims& claims, std::string_view key_id) const;

  // Checks the signature, then that `now_s` lies within [issued_at - 60, expires_at + 60] and that
  // the algorithm is RS256. kUnauthenticated says which check failed.
  Result<Claims> verify(std::string_view token, std::int64_t now_s) const;

 private:
  struct Handle;
  std::shared_ptr<const Handle> handle_;  // shared: OpenSSL counts references to a key itself
};

// The kid of a token's header without verifying anything; empty if it has none.
std::string token_key_id(std::string_view token);

}  // namespace apitoolkit::wire
