#include "src/sdk/deliver/probe.h"

#include <memory>
#include <utility>

namespace apitoolkit::sdk {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Writes down what passes, and holds back what would leave the process if it may not.
class WatchedHttp final : public net::HttpClient {
 public:
  WatchedHttp(std::unique_ptr<net::HttpClient> http, bool send, std::vector<ProbedCall>& calls)
      : http_(std::move(http)), send_(send), calls_(calls) {}

  Result<net::HttpResponse> send(const net::HttpRequest& request) override {
    ProbedCall call;
    call.method = request.method;
    call.url = request.url;
    if (!send_ && request.method != "GET") {
      call.was_sent = false;
      calls_.push_back(std::move(call));
      return fail(ErrorCode::kUnavailable, "not sent");
    }
    const auto began = SteadyClock::now();
    auto response = http_->send(request);
    call.duration_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began).count();
    if (response) {
      call.status = response->status;
    } else {
      call.error = response.error().message;
    }
    calls_.push_back(std::move(call));
    return response;
  }

 private:
  const std::unique_ptr<net::HttpClient> http_;
  const bool send_;
  std::vector<ProbedCall>& calls_;
};

}  // namespace

ProbeReport probe(const Config& config, World world, const std::string& message, bool send,
                  std::chrono::milliseconds timeout) {
  ProbeReport report;
  world.make_http_client = [make = std::move(world.make_http_client), send, &report] {
    return std::make_unique<WatchedHttp>(make(), send, report.calls);
  };
  const std::atomic<bool> interrupt = false;
  const Channel channel = make_channel(config, world);
  report.transport = channel.transport->name();
  if (channel.settings != nullptr) {
    report.has_settings = true;
    report.settings = channel.settings->refresh(SteadyClock::now() + timeout, interrupt);
    if (report.settings.outcome != Delivery::Outcome::kDelivered) return report;
    report.remote = channel.settings->settings();
  }
  const std::string_view messages[] = {message};
  report.delivery = channel.transport->deliver(messages, SteadyClock::now() + timeout, interrupt);
  report.has_delivered = true;
  return report;
}

}  // namespace apitoolkit::sdk
