// Sends exchanges as OpenTelemetry spans: OTLP over HTTP, in protobuf
// (opentelemetry.io/docs/specs/otlp, "OTLP/HTTP"; wire/README.md, "OTLP").
#pragma once

#include <memory>
#include <string>

#include "apitoolkit/transport.h"
#include "src/base/clock.h"
#include "src/net/http_client.h"
#include "src/sdk/deliver/metadata_source.h"
#include "src/sdk/deliver/otlp_target.h"
#include "src/wire/otlp_encode.h"

namespace apitoolkit::sdk {

class OtlpTransport final : public Transport, public SettingsSource {
 public:
  struct Options {
    // With an empty api_key the receiver is a plain collector, and nothing is asked.
    MetadataSource::Options metadata;
    OtlpTarget target;
    wire::OtlpResource resource;
  };

  // `clock` must outlive this.
  OtlpTransport(Options options, std::unique_ptr<net::HttpClient> http, const base::Clock& clock);

  std::string_view name() const override { return "otlp"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;

  Delivery refresh(std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;
  const RemoteSettings& settings() const override { return source_.settings(); }

 private:
  std::vector<Header> headers() const;
  Delivery judge(const net::HttpResponse& response, std::size_t count) const;

  const Options options_;
  const std::unique_ptr<net::HttpClient> http_;
  const base::Clock& clock_;
  MetadataSource source_;
};

}  // namespace apitoolkit::sdk
