#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/cli/load_door.h"
#include "src/wire/jwt.h"
#include "src/wire/metadata.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::cli {
namespace {

using std::chrono::seconds;

constexpr seconds kOpenTimeout{30};
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr const char* kAudience = "https://pubsub.googleapis.com/";

class PubsubDoor final : public LoadDoor {
 public:
  PubsubDoor(LoadAddress address, const base::Clock& clock)
      : address_(std::move(address)), clock_(clock) {}

  Status open(net::HttpClient& http) override {
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
    publish_url_ = address_.url + "/v1/projects/" + metadata->pubsub_project_id + "/topics/" +
                   metadata->topic_id + ":publish";
    auto key = wire::RsaKey::from_private_pem(account_.private_key);
    if (!key) return fail(key.error().code, place + key.error().message);
    key_ = std::move(*key);
    return sign();
  }

  net::HttpRequest request() override {
    const std::int64_t age_s = clock_.now_ns() / kSecondNs - signed_s_;
    if (age_s < 0 || age_s >= limits::kTokenLifetimeS - limits::kTokenRenewBeforeS) {
      static_cast<void>(sign());  // as it did before; else the old token is refused
    }
    net::HttpRequest request;
    request.method = "POST";
    request.url = publish_url_;
    request.headers = {{"Content-Type", "application/json"}, {"Authorization", authorization_}};
    return request;
  }

  void begin(std::string& body) override { body = R"({"messages":[)"; }

  void add(const LoadMessage& message, std::string& body) override {
    body += body.ends_with('[') ? R"({"data":")" : R"(,{"data":")";
    base::base64_append(message.json, body);
    body += "\"}";
  }

  void end(std::string& body) override { body += "]}"; }

  Verdict judge(const net::HttpResponse& response, std::size_t count) const override {
    if (response.status == 200) {
      const auto ids = wire::decode_publish_response(response.body);
      return ids && ids->size() == count ? Verdict::kAcknowledged : Verdict::kRetry;
    }
    return wire::is_retryable(response.status, response.body) ? Verdict::kRetry : Verdict::kRefused;
  }

 private:
  Status sign() {
    const std::int64_t now_s = clock_.now_ns() / kSecondNs;
    const auto token =
        key_->sign({account_.client_email, kAudience, now_s, now_s + limits::kTokenLifetimeS},
                   account_.private_key_id);
    if (!token) return tl::unexpected(token.error());
    signed_s_ = now_s;
    authorization_ = "Bearer " + *token;
    return {};
  }

  const LoadAddress address_;
  const base::Clock& clock_;
  wire::ServiceAccount account_;
  std::optional<wire::RsaKey> key_;
  std::string publish_url_;
  std::string authorization_;
  std::int64_t signed_s_ = 0;
};

}  // namespace

std::unique_ptr<LoadDoor> make_pubsub_door(LoadAddress address, const base::Clock& clock) {
  return std::make_unique<PubsubDoor>(std::move(address), clock);
}

}  // namespace apitoolkit::cli
