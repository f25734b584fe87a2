// Fetches the client metadata (wire/README.md, "Metadata") and keeps it fresh.
#pragma once

#include <optional>
#include <string>

#include "src/base/clock.h"
#include "src/net/http_client.h"
#include "src/sdk/deliver/settings.h"
#include "src/wire/metadata.h"

namespace apitoolkit::sdk {

class MetadataSource final : public SettingsSource {
 public:
  struct Options {
    std::string root_url;
    std::string api_key;
    std::string sdk;  // "<name>/<version>"
  };

  // `http` and `clock` must outlive this.
  MetadataSource(Options options, net::HttpClient& http, const base::Clock& clock);

  Delivery refresh(std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;
  const RemoteSettings& settings() const override { return settings_; }

  // What is known; nullptr before the first success and after forget().
  const wire::ClientMetadata* metadata() const { return metadata_ ? &*metadata_ : nullptr; }
  // The next refresh asks, whatever the time. Settings stay as they are until it is answered.
  void forget();

 private:
  bool is_due() const;
  Delivery learn(const net::HttpResponse& response);
  Delivery failed(const std::string& detail, std::int64_t retry_after_ms);

  const Options options_;
  net::HttpClient& http_;
  const base::Clock& clock_;
  std::optional<wire::ClientMetadata> metadata_;
  std::string body_;  // that metadata_ was read from
  std::string etag_;
  std::int64_t asked_ns_ = 0;
  std::int64_t fresh_for_ns_ = 0;
  RemoteSettings settings_;
};

}  // namespace apitoolkit::sdk
