#include "src/sdk/deliver/otlp_target.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace apitoolkit::sdk {
namespace {

constexpr std::string_view kPath = "/v1/traces";
constexpr std::string_view kCollector = "http://localhost:4318";

std::string with_path(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  if (!url.ends_with(kPath)) url += kPath;
  return url;
}

std::pair<std::string, std::string_view> find_url(const Config& config,
                                                  const OtelEnvironment& otel) {
  if (!config.otlp_endpoint.empty()) return {with_path(config.otlp_endpoint), "otlp_endpoint"};
  if (!otel.traces_endpoint.empty()) {
    return {otel.traces_endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"};
  }
  if (!otel.endpoint.empty()) return {with_path(otel.endpoint), "OTEL_EXPORTER_OTLP_ENDPOINT"};
  if (config.root_url != Config().root_url) return {with_path(config.root_url), "root_url"};
  return {with_path(std::string(kCollector)), "otlp_endpoint"};
}

std::string_view trim(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A "%" that two hexadecimal digits do not follow stands for itself; "+" always does.
std::string decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_code = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                         hex_value(text[i + 2]) >= 0;
    out +=
        is_code ? static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2])) : text[i];
    if (is_code) i += 2;
  }
  return out;
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOther.find(c) != std::string_view::npos;
  });
}

bool is_ours(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower == "content-type" || lower == "content-encoding" || lower == "content-length" ||
         lower == "transfer-encoding" || lower == "host";
}

Result<Header> read_header(std::string_view text, const std::string& source) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));
  if (equals == std::string_view::npos || !is_token(name)) {
    return fail(ErrorCode::kInvalidArgument,
                source + ": expected name=value, the name a header's, the value percent-encoded");
  }
  if (is_ours(name)) {
    return fail(ErrorCode::kInvalidArgument,
                source + ": " + std::string(name) + " is what the transport itself says");
  }
  Header header{std::string(name), decode_percent(trim(text.substr(equals + 1)))};
  const bool is_clean = std::none_of(header.value.begin(), header.value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
  if (!is_clean) {
    return fail(ErrorCode::kInvalidArgument,
                source + ": expected no control characters in the value of " + header.name);
  }
  return header;
}

Status read_variable(std::string_view text, const std::string& source,
                     std::vector<Header>& headers) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (item.empty()) continue;
    auto header = read_header(item, source);
    if (!header) return tl::unexpected(header.error());
    headers.push_back(std::move(*header));
  }
  return {};
}

Status find_headers(const Config& config, const OtelEnvironment& otel,
                    std::vector<Header>& headers) {
  for (std::size_t i = 0; i < config.otlp_headers.size(); ++i) {
    auto header = read_header(config.otlp_headers[i], "otlp_headers[" + std::to_string(i) + "]");
    if (!header) return tl::unexpected(header.error());
    headers.push_back(std::move(*header));
  }
  if (!headers.empty()) return {};
  return otel.traces_headers.empty()
             ? read_variable(otel.headers, "OTEL_EXPORTER_OTLP_HEADERS", headers)
             : read_variable(otel.traces_headers, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", headers);
}

}  // namespace

Result<OtlpTarget> find_otlp_target(const Config& config, const OtelEnvironment& otel) {
  OtlpTarget target;
  std::tie(target.url, target.url_source) = find_url(config, otel);
  if (Status status = find_headers(config, otel, target.headers); !status) {
    return tl::unexpected(status.error());
  }
  return target;
}

}  // namespace apitoolkit::sdk
