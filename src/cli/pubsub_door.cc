#include "src/base/base64.h"
#include "src/cli/load_door.h"
#include "src/cli/pubsub_access.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::cli {
namespace {

class PubsubDoor final : public LoadDoor {
 public:
  PubsubDoor(LoadAddress address, const base::Clock& clock) : access_(std::move(address), clock) {}

  Status open(net::HttpClient& http) override { return access_.open(http); }

  net::HttpRequest request() override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = access_.url() + "/v1/" + access_.topic() + ":publish";
    request.headers = {{"Content-Type", "application/json"},
                       {"Authorization", access_.authorization()}};
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
  PubsubAccess access_;
};

}  // namespace

std::unique_ptr<LoadDoor> make_pubsub_door(LoadAddress address, const base::Clock& clock) {
  return std::make_unique<PubsubDoor>(std::move(address), clock);
}

}  // namespace apitoolkit::cli
