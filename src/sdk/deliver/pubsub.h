// Publishes to Google Pub/Sub over REST, or to whatever speaks the same: an emulator, our server.
#pragma once

#include <memory>
#include <string>

#include "apitoolkit/transport.h"
#include "src/base/clock.h"
#include "src/net/http_client.h"
#include "src/sdk/deliver/metadata_source.h"
#include "src/sdk/deliver/token.h"

namespace apitoolkit::sdk {

class PubsubTransport final : public Transport, public SettingsSource {
 public:
  struct Options {
    MetadataSource::Options metadata;
    std::string endpoint;       // of the configuration; may be empty
    std::string emulator_host;  // PUBSUB_EMULATOR_HOST, "host:port"; may be empty
  };

  // `clock` must outlive this.
  PubsubTransport(Options options, std::unique_ptr<net::HttpClient> http, const base::Clock& clock);

  std::string_view name() const override { return "pubsub"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;

  Delivery refresh(std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;
  const RemoteSettings& settings() const override { return source_.settings(); }

 private:
  std::string publish_url(const wire::ClientMetadata& metadata) const;
  Result<net::HttpResponse> publish(net::HttpRequest& request, const wire::ServiceAccount& account);
  Delivery judge(const net::HttpResponse& response, std::size_t count);
  Delivery refused();

  const Options options_;
  const std::unique_ptr<net::HttpClient> http_;
  const base::Clock& clock_;
  MetadataSource source_;
  TokenSource tokens_;
  bool was_refused_ = false;  // 401, and not answered otherwise since
};

}  // namespace apitoolkit::sdk
