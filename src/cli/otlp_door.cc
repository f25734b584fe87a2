// OTLP over HTTP, protobuf: wire/README.md, "OTLP".
#include <chrono>
#include <utility>
#include <vector>

#include "src/cli/load_door.h"
#include "src/wire/message.h"
#include "src/wire/otlp_encode.h"

namespace apitoolkit::cli {
namespace {

constexpr std::chrono::seconds kOpenTimeout{30};

class OtlpDoor final : public LoadDoor {
 public:
  explicit OtlpDoor(LoadAddress address) : address_(std::move(address)) {}

  // An empty request: whether OTLP is spoken there and the key is accepted.
  Status open(net::HttpClient& http) override {
    net::HttpRequest asked = request();
    asked.deadline = std::chrono::steady_clock::now() + kOpenTimeout;
    const auto response = http.send(asked);
    const std::string place = asked.url + ": ";
    if (!response) return fail(response.error().code, place + response.error().message);
    if (response->status == 200) return {};
    if (response->status == 401 || response->status == 403) {
      return fail(ErrorCode::kUnauthenticated, place + "the server does not accept the API key");
    }
    return fail(ErrorCode::kUnavailable, place + "the answer was " +
                                             std::to_string(response->status) +
                                             "; is this where OTLP over HTTP is received?");
  }

  net::HttpRequest request() override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = address_.url + "/v1/traces";
    request.headers = {{"Content-Type", "application/x-protobuf"}};
    if (!address_.key.empty()) {
      request.headers.push_back({"Authorization", "Bearer " + address_.key});
    }
    return request;
  }

  void begin(std::string& body) override {
    body.clear();
    exchanges_.clear();
  }

  void add(const LoadMessage& message, std::string& /*body*/) override {
    auto exchange = wire::decode_message(message.json);
    if (exchange) exchanges_.push_back(std::move(*exchange));
  }

  void end(std::string& body) override {
    body = wire::encode_trace_request(exchanges_, {"loadgen", "", "apitoolkit/loadgen", "cpp", ""});
  }

  // An empty answer says that nothing was rejected.
  Verdict judge(const net::HttpResponse& response, std::size_t count) const override {
    switch (response.status) {
      case 200:
        return response.body.empty() && count > 0 ? Verdict::kAcknowledged : Verdict::kRefused;
      case 429:
      case 502:
      case 503:
      case 504:
        return Verdict::kRetry;
      default:
        return Verdict::kRefused;
    }
  }

 private:
  const LoadAddress address_;
  std::vector<Exchange> exchanges_;  // of the body being made
};

}  // namespace

std::unique_ptr<LoadDoor> make_otlp_door(LoadAddress address) {
  return std::make_unique<OtlpDoor>(std::move(address));
}

}  // namespace apitoolkit::cli
