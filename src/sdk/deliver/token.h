// The token that publishing is authenticated with: signed by ourselves, kept until shortly before
// it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apitoolkit/result.h"
#include "src/wire/jwt.h"
#include "src/wire/metadata.h"

namespace apitoolkit::sdk {

class TokenSource {
 public:
  // A token of that account that is good for a while yet at `now_s` (Unix time).
  Result<std::string> token(const wire::ServiceAccount& account, std::int64_t now_s);

  // The next token is a new one.
  void discard() { token_.clear(); }

 private:
  std::string private_key_;  // that key_ was read from
  std::optional<wire::RsaKey> key_;
  std::string issuer_;
  std::string token_;
  std::int64_t issued_at_s_ = 0;
};

}  // namespace apitoolkit::sdk
