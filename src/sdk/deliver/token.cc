#include "src/sdk/deliver/token.h"

#include "src/base/limits.h"

namespace apitoolkit::sdk {

Result<std::string> TokenSource::token(const wire::ServiceAccount& account, std::int64_t now_s) {
  constexpr const char* kAudience = "https://pubsub.googleapis.com/";
  if (!key_ || private_key_ != account.private_key || issuer_ != account.client_email) {
    discard();
    auto key = wire::RsaKey::from_private_pem(account.private_key);
    if (!key) return tl::unexpected(key.error());
    key_ = std::move(*key);
    private_key_ = account.private_key;
    issuer_ = account.client_email;
  }
  const std::int64_t age_s = now_s - issued_at_s_;
  const bool is_good = age_s >= 0 && age_s < limits::kTokenLifetimeS - limits::kTokenRenewBeforeS;
  if (!token_.empty() && is_good) return token_;
  auto token = key_->sign({issuer_, kAudience, now_s, now_s + limits::kTokenLifetimeS},
                          account.private_key_id);
  if (!token) return token;
  issued_at_s_ = now_s;
  token_ = std::move(*token);
  return token_;
}

}  // namespace apitoolkit::sdk
