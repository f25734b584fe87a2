#include "src/sdk/deliver/metadata_source.h"

#include <algorithm>

#include "src/base/limits.h"
#include "src/sdk/deliver/retry.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

}  // namespace

MetadataSource::MetadataSource(Options options, net::HttpClient& http, const base::Clock& clock)
    : options_(std::move(options)), http_(http), clock_(clock) {}

bool MetadataSource::is_due() const {
  if (!metadata_) return true;
  const std::int64_t age_ns = clock_.now_ns() - asked_ns_;
  return age_ns < 0 || age_ns >= fresh_for_ns_;  // negative: the clock was set back
}

void MetadataSource::forget() {
  metadata_.reset();
  etag_.clear();
}

Delivery MetadataSource::refresh(std::chrono::steady_clock::time_point deadline,
                                 const std::atomic<bool>& interrupt) {
  if (!is_due()) return {};
  net::HttpRequest request;
  request.url = options_.root_url + "/api/client_metadata";
  request.headers = {{"Authorization", "Bearer " + options_.api_key},
                     {"Accept", "application/json"},
                     {"User-Agent", options_.sdk},
                     {"X-APIToolkit-SDK", options_.sdk}};
  if (!etag_.empty()) request.headers.push_back({"If-None-Match", etag_});
  request.deadline = deadline;
  request.interrupt = &interrupt;
  request.response_bytes_max = limits::kMetadataBytesMax;
  const auto response = http_.send(request);
  asked_ns_ = clock_.now_ns();
  if (!response) return failed(response.error().message, -1);
  return learn(*response);
}

Delivery MetadataSource::learn(const net::HttpResponse& response) {
  if (response.status == 304 && metadata_) return {};
  if (response.status == 401) {
    forget();
    return {Delivery::Outcome::kUnauthorized, -1,
            "the server does not accept the API key (401 from " + options_.root_url + ")"};
  }
  if (response.status != 200) {
    const auto wait = parse_retry_after(response.header("Retry-After"), asked_ns_);
    return failed("it answered " + std::to_string(response.status), wait.value_or(-1));
  }
  auto metadata = wire::decode_metadata(response.body);
  if (!metadata) return failed("its answer cannot be read: " + metadata.error().message, -1);
  etag_ = response.header("ETag");
  fresh_for_ns_ =
      (metadata->extension ? metadata->extension->refresh_s : limits::kMetadataRefreshS) *
      kNsPerSecond;
  if (body_ != response.body) {
    body_ = response.body;
    ++settings_.version;
    settings_.project_id = metadata->project_id;
    settings_.rules = {};
    settings_.sample_rate = metadata->extension ? metadata->extension->sample_rate : 1.0;
    if (const auto& ours = metadata->extension) {
      settings_.rules.headers = ours->redact_headers;
      settings_.rules.request_body = ours->redact_request_body;
      settings_.rules.response_body = ours->redact_response_body;
      settings_.rules.query = ours->redact_query;
      settings_.rules.scrub = ours->scrub;
    }
  }
  metadata_ = std::move(*metadata);
  return {};
}

// What is known goes on being used: publishing may work although the server's API does not.
Delivery MetadataSource::failed(const std::string& detail, std::int64_t retry_after_ms) {
  if (metadata_) {
    fresh_for_ns_ = std::min(fresh_for_ns_, limits::kMetadataRetryS * kNsPerSecond);
    return {};
  }
  return {Delivery::Outcome::kRetry, retry_after_ms,
          "cannot get the client metadata from " + options_.root_url + ": " + detail};
}

}  // namespace apitoolkit::sdk
