#include "src/sdk/config_check.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "src/sdk/deliver/otlp_target.h"
#include "src/sdk/deliver/transports.h"

namespace apitoolkit::sdk {
namespace {

tl::unexpected<Error> refuse(std::string_view argument, std::string_view expected) {
  return fail(ErrorCode::kInvalidArgument,
              std::string(argument) + ": expected " + std::string(expected));
}

// Such a text goes into a header or a URL as it is.
bool is_printable(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == '\x7f') return false;
  }
  return true;
}

// "host", "host:port", "[::1]:port".
bool is_authority(std::string_view text) {
  if (text.empty() || !is_printable(text) || text.find_first_of("/?#@") != text.npos) return false;
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || text.back() == ']') return true;
  const std::string_view port = text.substr(colon + 1);
  return colon > 0 && !port.empty() && port.size() <= 5 &&
         port.find_first_not_of("0123456789") == port.npos;
}

bool is_http_url(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::size_t path = std::min(rest.find('/'), rest.size());
    return is_authority(rest.substr(0, path)) && is_printable(rest) &&
           rest.find_first_of("?#") == rest.npos;
  }
  return false;
}

}  // namespace

Status check(const Config& config, const std::string& emulator_host, const OtelEnvironment& otel) {
  constexpr std::string_view kUrl = "a URL that begins with http:// or https://";
  if (!config.custom_transport && !is_transport(config.transport)) {
    return refuse("transport",
                  "one of " + transport_names() + ", got \"" + config.transport + "\"");
  }
  const bool needs_key =
      !config.custom_transport && (config.transport == "pubsub" || config.transport == "http");
  if (needs_key && config.enabled && config.api_key.empty()) {
    return refuse("api_key", "the key of a project (or set enabled to false)");
  }
  if (!is_printable(config.api_key)) return refuse("api_key", "no blanks or control characters");
  if (!is_http_url(config.root_url)) return refuse("root_url", kUrl);
  if (!config.pubsub_endpoint.empty() && !is_http_url(config.pubsub_endpoint)) {
    return refuse("pubsub_endpoint", kUrl);
  }
  const bool is_otlp = !config.custom_transport && config.transport == "otlp";
  const auto target = find_otlp_target(config, is_otlp ? otel : OtelEnvironment());
  if (!target) return tl::unexpected(target.error());
  if (!is_http_url(target->url)) return refuse(target->url_source, kUrl);
  if (!emulator_host.empty() && !is_authority(emulator_host)) {
    return refuse("PUBSUB_EMULATOR_HOST", "host:port without a scheme");
  }
  if (config.redact_non_json != "pass" && config.redact_non_json != "mask") {
    return refuse("redact_non_json", "pass or mask, got \"" + config.redact_non_json + "\"");
  }
  if (!(config.sample_rate >= 0 && config.sample_rate <= 1)) {
    return refuse("sample_rate", "a number from 0 to 1");
  }
  if (config.body_bytes_max < 0) return refuse("body_bytes_max", "0 or more");
  if (config.queue_bytes_max <= 0) return refuse("queue_bytes_max", "more than 0");
  if (config.spool_bytes_max <= 0) return refuse("spool_bytes_max", "more than 0");
  if (config.flush_timeout_ms < 0) return refuse("flush_timeout_ms", "0 or more");
  if (config.sdk.empty() || !is_printable(config.sdk)) {
    return refuse("sdk", "<name>/<version> without blanks");
  }
  return {};
}

}  // namespace apitoolkit::sdk
