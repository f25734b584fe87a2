// https://docs.victoriametrics.com/victorialogs/data-ingestion/, "JSON stream API".
#include "src/cli/load_door.h"
#include "src/json/writer.h"

namespace apitoolkit::cli {
namespace {

constexpr std::chrono::seconds kOpenTimeout{30};

class VictoriaLogsDoor final : public LoadDoor {
 public:
  explicit VictoriaLogsDoor(LoadAddress address) : address_(std::move(address)) {}

  Status open(net::HttpClient& http) override {
    net::HttpRequest asked;
    asked.url = address_.url + "/health";
    asked.deadline = std::chrono::steady_clock::now() + kOpenTimeout;
    const auto response = http.send(asked);
    if (!response) {
      return fail(response.error().code, asked.url + ": " + response.error().message);
    }
    if (response->status == 200) return {};
    return fail(ErrorCode::kUnavailable,
                asked.url + ": the answer was " + std::to_string(response->status));
  }

  net::HttpRequest request() override {
    net::HttpRequest request;
    request.method = "POST";
    request.url = address_.url +
                  "/insert/jsonline?_stream_fields=service_name,method&_time_field=timestamp&"
                  "_msg_field=raw_url";
    request.headers = {{"Content-Type", "application/stream+json"}};
    return request;
  }

  void begin(std::string& body) override { body.clear(); }

  // The message, its two bodies in base64 replaced by their text.
  void add(const LoadMessage& message, std::string& body) override {
    constexpr std::string_view kBodies = "\"request_body\":";
    constexpr std::string_view kAfter = ",\"status_code\":";
    const std::size_t bodies = message.json.find(kBodies) + kBodies.size();
    body += message.json.substr(0, bodies);
    json::append_string(message.request_body, body);
    body += ",\"response_body\":";
    json::append_string(message.response_body, body);
    body += message.json.substr(message.json.find(kAfter, bodies));
    body += '\n';
  }

  void end(std::string&) override {}

  Verdict judge(const net::HttpResponse& response, std::size_t) const override {
    if (response.status / 100 == 2) return Verdict::kAcknowledged;
    return response.status == 429 || response.status / 100 == 5 ? Verdict::kRetry
                                                                : Verdict::kRefused;
  }

 private:
  const LoadAddress address_;
};

}  // namespace

std::unique_ptr<LoadDoor> make_victorialogs_door(LoadAddress address) {
  return std::make_unique<VictoriaLogsDoor>(std::move(address));
}

}  // namespace apitoolkit::cli
