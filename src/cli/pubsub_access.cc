#include "src/cli/pubsub_access.h"

#include <chrono>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::cli {
namespace {

constexpr std::chrono::seconds kOpenTimeout{30};
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr const char* kAudience = "https://pubsub.googleapis.com/";

}  // namespace

Status PubsubAccess::open(net::HttpClient& http) {
  net::HttpRequest asked;
  asked.url = address_.url + "/api/client_metadata";
  asked.headers = {{"Authorization", "Bearer " + address_.key}};
  asked.response_bytes_max = limits::kMetadataBytesMax;
  asked.deadline = std::chrono::steady_clock::now() + kOpenTimeout;
  const auto response = http.send(asked);
  const std::string place = asked.url + ": ";
  if (!response) return fail(response.error().code, place + response.error().message);
  if (response->status == 401) {
    return fail(ErrorCode::kUnauthenticated, place + "the server does not accept the API key");
  }
  if (response->status != 200) {
    return fail(ErrorCode::kUnavailable, place + "the answer was " +
                                             std::to_string(response->status) +
                                             "; is this the address of an APIToolkit server?");
  }
  auto metadata = wire::decode_metadata(response->body);
  if (!metadata) return fail(ErrorCode::kCorrupt, place + metadata.error().message);
  account_ = std::move(metadata->service_account);
  topic_ = "projects/" + metadata->pubsub_project_id + "/topics/" + metadata->topic_id;
  auto key = wire::RsaKey::from_private_pem(account_.private_key);
  if (!key) return fail(key.error().code, place + key.error().message);
  key_ = std::move(*key);
  return sign();
}

const std::string& PubsubAccess::authorization() {
  const std::int64_t age_s = clock_.now_ns() / kSecondNs - signed_s_;
  if (age_s < 0 || age_s >= limits::kTokenLifetimeS - limits::kTokenRenewBeforeS) {
    static_cast<void>(sign());  // as it did before; else the old token is refused
  }
  return authorization_;
}

Status PubsubAccess::sign() {
  const std::int64_t now_s = clock_.now_ns() / kSecondNs;
  const auto token =
      key_->sign({account_.client_email, kAudience, now_s, now_s + limits::kTokenLifetimeS},
                 account_.private_key_id);
  if (!token) return tl::unexpected(token.error());
  signed_s_ = now_s;
  authorization_ = "Bearer " + *token;
  return {};
}

}  // namespace apitoolkit::cli
