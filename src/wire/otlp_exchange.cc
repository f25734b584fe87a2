#include "src/wire/otlp_exchange.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/utf8.h"
#include "src/wire/message.h"
#include "src/wire/message_members.h"
#include "src/wire/url.h"

namespace apitoolkit::wire {
namespace {

using Kind = OtlpValue::Kind;

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::int64_t time_of(std::uint64_t unix_ns) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  return unix_ns > kMax ? 0 : static_cast<std::int64_t>(unix_ns);
}

std::string join_port(std::string host, const OtlpValue& port_value, std::string_view scheme) {
  const std::int64_t port = integer_of(port_value, 0);
  const bool is_default = (port == 80 && scheme == "http") || (port == 443 && scheme == "https");
  if (host.empty() || port <= 0 || port > 65'535 || is_default) return host;
  const std::size_t colon = host.rfind(':');
  const bool is_v6 = colon != std::string::npos && host.find(':') != colon;
  if (is_v6 && !host.starts_with('[')) host = '[' + host + ']';
  if (!is_v6 && colon != std::string::npos) return host;  // it says the port already
  return host + ':' + std::to_string(port);
}

// scheme "://" [ userinfo "@" ] host path-and-query; the scheme may be missing (RFC 3986, 4.2).
struct SplitUrl {
  std::string_view host, path_and_query;
};

std::optional<SplitUrl> split_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos || (slashes > 0 && url[slashes - 1] != ':')) {
    return std::nullopt;
  }
  if (url.find_first_of("/?") < slashes) return std::nullopt;
  std::string_view rest = url.substr(slashes + 2);
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view host = rest.substr(0, path);
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    host.remove_prefix(at + 1);
  }
  return SplitUrl{host, rest.substr(path)};
}

Direction direction_of_span(const OtlpSpan& span) {
  if (const auto& type = span.first({Slot::kSdkType}); type.kind == Kind::kText) {
    return direction_of(type.bytes);
  }
  switch (span.kind) {
    case OtlpSpan::kClient:
    case OtlpSpan::kProducer:
      return Direction::kOutgoing;
    case OtlpSpan::kServer:
      return Direction::kIncoming;
    default:
      break;
  }
  const bool has_whole_url = span.has(Slot::kUrlFull) || span.has(Slot::kOldUrl);
  const bool is_served = span.is_of_sdk() || span.has(Slot::kRoute) || span.has(Slot::kTarget);
  return has_whole_url && !is_served ? Direction::kOutgoing : Direction::kIncoming;
}

std::string method_of(const OtlpSpan& span) {
  std::string method = text_of(span.first({Slot::kMethod, Slot::kOldMethod}));
  if (method != "_OTHER") return method;
  std::string original = text_of(span.first({Slot::kMethodOriginal}));
  return original.empty() ? method : original;
}

void read_protocol(const OtlpSpan& span, Exchange& exchange) {
  const std::string text = text_of(span.first({Slot::kProtocolVersion, Slot::kOldFlavor}));
  const char* const end = text.data() + text.size();
  int major = 0;
  int minor = 0;
  const auto [dot, error] = std::from_chars(text.data(), end, major);
  if (error != std::errc() || major < 0) return;
  if (dot != end && *dot == '.') (void)std::from_chars(dot + 1, end, minor);
  exchange.proto_major = major;
  exchange.proto_minor = std::max(minor, 0);
}

// The path, and the query behind it where there is one.
std::string path_and_query(const OtlpSpan& span) {
  std::string url = text_of(span.first({Slot::kUrlPath}));
  std::string query = text_of(span.first({Slot::kUrlQuery}));
  if (query.starts_with('?')) query.erase(0, 1);
  if (!query.empty()) url += '?' + query;
  return url;
}

// --- Spans of our SDKs and their predecessors ---

// Flask's SDK 1.0.3 puts the path with its query into http.route and the route into http.target.
// Its path always has a "?", which no route has. A span that names its SDK's version is not its.
bool are_swapped(const OtlpSpan& span, std::string_view route) {
  return span[Slot::kSdkType].bytes == "PythonFlask" && !span.has(Slot::kSdkVersion) &&
         route.find('?') != std::string_view::npos;
}

void read_sdk_urls(const OtlpSpan& span, Exchange& exchange) {
  exchange.raw_url = text_of(span.first({Slot::kTarget}));
  exchange.url_path = text_of(span.first({Slot::kRoute}));
  if (are_swapped(span, exchange.url_path)) std::swap(exchange.raw_url, exchange.url_path);
  exchange.host = text_of(span.first({Slot::kOldHostName, Slot::kOldHost}));
  if (exchange.host.empty()) {
    exchange.host =
        join_port(text_of(span.first({Slot::kServerAddress})), span.first({Slot::kServerPort}), "");
  }
  if (exchange.raw_url.empty()) exchange.raw_url = path_and_query(span);
  const Urls urls = normal_urls(exchange);
  exchange.url_path.resize(urls.url_path.size());
  exchange.raw_url.resize(urls.raw_url.size());
}

// A text of JSON, "null" and "" for nothing.
std::string_view json_of(const OtlpValue& value) {
  if (value.kind != Kind::kText || value.bytes == "null" ||
      value.bytes.size() > limits::kMessageBytesMax) {
    return {};
  }
  return value.bytes;
}

void read_sdk_params(const OtlpSpan& span, Exchange& exchange) {
  const std::string_view path = json_of(span[Slot::kPathParams]);
  if (!path.empty() && path != "{}" && !read_member("path_params", path, exchange)) {
    exchange.path_params.clear();
  }
  const std::string_view query = json_of(span[Slot::kQueryParams]);
  if (query == "{}") return;
  if (query.empty() || !read_member("query_params", query, exchange)) {
    exchange.query_params = parse_query(exchange.raw_url);
  }
}

void read_strings(const OtlpValue& value, std::string_view member, std::vector<std::string>& out,
                  Exchange& exchange) {
  out.clear();
  if (value.kind == Kind::kText && value.bytes.starts_with('[')) {
    if (!read_member(member, json_of(value), exchange)) out.clear();
    return;
  }
  if (value.kind == Kind::kText && json_of(value).empty()) return;
  for_each_value(value, [&](const OtlpValue& element) {
    if (out.size() > limits::kParamsMax) return;
    if (std::string text = text_of(element); !text.empty()) out.push_back(std::move(text));
  });
}

std::optional<Uuid> uuid_of(const OtlpValue& value) {
  if (value.kind != Kind::kText) return std::nullopt;
  const auto id = base::parse_uuid(value.bytes);
  return id && !base::is_nil(*id) ? id : std::nullopt;
}

// Python's SDK of 2024, of a call.
bool is_of_old_python(const OtlpSpan& span) {
  return span[Slot::kSdkType].bytes == "PythonOutgoing" && !span.has(Slot::kSdkVersion);
}

// It gives a call the msg_id of the request that it was made in.
void read_sdk_ids(const OtlpSpan& span, Exchange& exchange) {
  const auto id = uuid_of(span[Slot::kMsgId]);
  exchange.parent_id = uuid_of(span[Slot::kParentId]);
  if (is_of_old_python(span) && !exchange.parent_id) {
    exchange.parent_id = id;
  } else if (id) {
    exchange.id = *id;
  }
}

void read_sdk_members(const OtlpSpan& span, const OtlpResourceView& resource, Exchange& exchange) {
  exchange.sdk_type = text_of(span.first({Slot::kSdkType}));
  read_sdk_ids(span, exchange);
  read_sdk_urls(span, exchange);
  read_sdk_params(span, exchange);
  exchange.service_version = span.has(Slot::kServiceVersion) ? text_of(span[Slot::kServiceVersion])
                                                             : resource.service_version;
  exchange.sdk_version = text_of(span.first({Slot::kSdkVersion}));
  exchange.consumer = text_of(span.first({Slot::kConsumer}));
  read_strings(span[Slot::kTags], "tags", exchange.tags, exchange);
  read_strings(span[Slot::kRedaction], "redaction", exchange.redaction, exchange);
  exchange.ttfb_ns = integer_of(span[Slot::kTtfb], -1);
  exchange.aborted = span[Slot::kAborted].integer != 0;
  const OtlpValue& weight = span[Slot::kSampleWeight];
  const double number =
      weight.kind == Kind::kReal ? weight.real : static_cast<double>(integer_of(weight, 1));
  if (number > 0 && number <= std::numeric_limits<double>::max()) exchange.sample_weight = number;
  const std::string_view errors = json_of(span[Slot::kErrors]);
  if (!errors.empty() && errors != "[]" && !read_member("errors", errors, exchange)) {
    exchange.errors.clear();
  }
}

// --- Any other span ---

void read_served_urls(const OtlpSpan& span, Exchange& exchange) {
  const std::string scheme = text_of(span.first({Slot::kUrlScheme}));
  exchange.raw_url = path_and_query(span);
  if (exchange.raw_url.empty()) exchange.raw_url = text_of(span.first({Slot::kTarget}));
  exchange.host = join_port(text_of(span.first({Slot::kServerAddress})),
                            span.first({Slot::kServerPort}), scheme);
  if (exchange.host.empty()) exchange.host = text_of(span.first({Slot::kOldHost}));
  if (exchange.host.empty()) {
    exchange.host = join_port(text_of(span.first({Slot::kOldHostName, Slot::kOldServerName})),
                              span.first({Slot::kOldHostPort}), scheme);
  }
  const std::string whole = text_of(span.first({Slot::kUrlFull, Slot::kOldUrl}));
  if (const auto parts = split_url(whole)) {
    if (exchange.raw_url.empty()) exchange.raw_url = parts->path_and_query;
    if (exchange.host.empty()) exchange.host = parts->host;
  }
  exchange.url_path = text_of(span.first({Slot::kRoute}));
}

void read_called_urls(const OtlpSpan& span, Exchange& exchange) {
  const std::string whole = text_of(span.first({Slot::kUrlFull, Slot::kOldUrl}));
  if (const auto parts = split_url(whole)) {
    exchange.host = parts->host;
    exchange.raw_url = parts->path_and_query;
    if (!exchange.raw_url.starts_with('/')) exchange.raw_url.insert(0, "/");
  } else {
    exchange.raw_url = whole;
  }
  if (exchange.raw_url.empty()) exchange.raw_url = path_and_query(span);
  if (exchange.raw_url.empty()) exchange.raw_url = text_of(span.first({Slot::kTarget}));
  const std::string scheme = text_of(span.first({Slot::kUrlScheme}));
  for (const auto& [name, port] : {std::pair(Slot::kServerAddress, Slot::kServerPort),
                                   std::pair(Slot::kOldPeerName, Slot::kOldPeerPort),
                                   std::pair(Slot::kOldHost, Slot::kCount)}) {
    if (!exchange.host.empty()) break;
    const OtlpValue none;
    exchange.host = join_port(text_of(span.first({name})),
                              port == Slot::kCount ? none : span.first({port}), scheme);
  }
  exchange.url_path = text_of(span.first({Slot::kUrlTemplate}));
}

void read_other_members(const OtlpSpan& span, const OtlpResourceView& resource,
                        Exchange& exchange) {
  const bool is_call = exchange.direction == Direction::kOutgoing;
  exchange.sdk_type = is_call ? kOpenTelemetryOutgoing : kOpenTelemetry;
  exchange.sdk_version = resource.sdk;
  exchange.service_version = resource.service_version;
  is_call ? read_called_urls(span, exchange) : read_served_urls(span, exchange);
  const std::size_t mark = std::min(exchange.raw_url.find('?'), exchange.raw_url.size());
  if (mark + 1 == exchange.raw_url.size()) exchange.raw_url.pop_back();
  if (exchange.url_path.empty()) exchange.url_path = exchange.raw_url.substr(0, mark);
  exchange.query_params = parse_query(exchange.raw_url);
}

// --- Both ---

// It writes a header's value as Python shows a list: "['text/html']".
std::string_view unwrapped(std::string_view value) {
  const bool is_wrapped = value.size() >= 4 && value.starts_with("['") && value.ends_with("']") &&
                          value.find('\'', 2) == value.size() - 2;
  return is_wrapped ? value.substr(2, value.size() - 4) : value;
}

// The conventions before 1.21 wrote "content_type" for "Content-Type", under which names nothing
// would be recognised, a cookie neither.
std::vector<Header> headers_of(const std::vector<OtlpSpan::HeaderAttribute>& attributes,
                               const OtlpSpan& span) {
  const bool is_of_sdk = span.is_of_sdk();
  const bool is_wrapped = is_of_old_python(span);
  std::vector<Header> headers;
  headers.reserve(attributes.size());
  for (const auto& [attribute, value] : attributes) {
    if (attribute.empty()) continue;
    std::string name = json::to_valid_utf8(attribute);
    if (!is_of_sdk) std::replace(name.begin(), name.end(), '_', '-');
    for_each_value(value, [&](const OtlpValue& element) {
      if (headers.size() > limits::kHeadersMax) return;
      std::string text = text_of(element);
      if (is_wrapped) text = std::string(unwrapped(text));
      headers.push_back({name, std::move(text)});
    });
  }
  return headers;
}

std::string header_of(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (same_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

// Base64 where an SDK sent it; what is not, and any other span's, is text.
Body body_of(const OtlpValue& value, bool is_of_sdk, std::int64_t size, bool truncated) {
  Body body;
  body.size = size;
  body.truncated = truncated;
  if (value.kind == Kind::kBytes) {
    body.bytes = value.bytes;
  } else if (value.kind == Kind::kText && is_of_sdk) {
    auto bytes = base::base64_decode(value.bytes);
    body.bytes = bytes ? std::move(*bytes) : std::string(value.bytes);
  } else {
    body.bytes = text_of(value);
  }
  return body;
}

ErrorReport error_of(std::string_view event) {
  ErrorReport error;
  OtlpAttribute attribute;
  for (ProtobufReader reader(event); reader.next();) {
    if (reader.number() == 1) error.when_ns = time_of(reader.integer());
    if (reader.number() != 3 || !read_attribute(reader.bytes(), attribute)) continue;
    if (attribute.key == "exception.type") error.error_type = text_of(attribute.value);
    if (attribute.key == "exception.message") error.message = text_of(attribute.value);
    if (attribute.key == "exception.stacktrace") error.stack_trace = text_of(attribute.value);
  }
  return error;
}

// From the trace's and the span's id, so that whoever sends the span again sends the same
// exchange. The last half of a trace's id is its random half. Marked as version 8 (RFC 9562).
Uuid id_of(const OtlpSpan& span) {
  Uuid id{};
  if (!is_id(span.trace_id, 16) || !is_id(span.span_id, 8)) return id;
  std::copy_n(span.trace_id.begin() + 8, 8, id.begin());
  std::copy_n(span.span_id.begin(), 8, id.begin() + 8);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0F) | 0x80);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3F) | 0x80);
  return id;
}

}  // namespace

std::string hex_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(bytes[i]);
    hex[2 * i] = kDigits[byte >> 4];
    hex[2 * i + 1] = kDigits[byte & 0xF];
  }
  return hex;
}

bool read_resource(std::string_view message, OtlpResourceView& out) {
  out = {};
  std::string language;
  std::string version;
  OtlpAttribute attribute;
  ProtobufReader reader(message);
  while (reader.next()) {
    if (reader.number() != 1 || !reader.is_bytes()) continue;
    if (!read_attribute(reader.bytes(), attribute)) return false;
    const auto take = [&](std::string_view key, std::string& into) {
      if (attribute.key == key) into = text_of(attribute.value);
    };
    take("service.name", out.service_name);
    take("service.version", out.service_version);
    take("telemetry.sdk.language", language);
    take("telemetry.sdk.version", version);
  }
  if (out.service_name.starts_with("unknown_service")) out.service_name.clear();
  if (!version.empty()) out.sdk = (language.empty() ? "opentelemetry" : language) + '/' + version;
  return !reader.failed();
}

Exchange exchange_of(const OtlpSpan& span, const OtlpResourceView& resource) {
  Exchange exchange;
  const bool is_of_sdk = span.is_of_sdk();
  exchange.direction = direction_of_span(span);
  exchange.service_name = resource.service_name;
  exchange.start_ns = time_of(span.start_ns);
  exchange.duration_ns = std::max<std::int64_t>(time_of(span.end_ns) - exchange.start_ns, 0);
  if (is_id(span.trace_id, 16)) exchange.trace_id = hex_of(span.trace_id);
  if (is_id(span.span_id, 8)) exchange.span_id = hex_of(span.span_id);
  if (is_id(span.parent_span_id, 8)) exchange.parent_span_id = hex_of(span.parent_span_id);

  exchange.method = method_of(span);
  const std::int64_t status = integer_of(span.first({Slot::kStatus, Slot::kOldStatus}), 0);
  exchange.status_code = status >= 0 && status <= 999 ? static_cast<int>(status) : 0;
  read_protocol(span, exchange);
  exchange.request_headers = headers_of(span.request_headers, span);
  exchange.response_headers = headers_of(span.response_headers, span);
  if (!is_of_sdk && header_of(exchange.request_headers, "user-agent").empty()) {
    std::string agent = text_of(span.first({Slot::kUserAgent}));
    if (!agent.empty()) exchange.request_headers.push_back({"user-agent", std::move(agent)});
  }
  exchange.referer = header_of(exchange.request_headers, "referer");
  exchange.request_body =
      body_of(span[Slot::kRequestBody], is_of_sdk, integer_of(span[Slot::kRequestBodySize], -1),
              span[Slot::kRequestBodyTruncated].integer != 0);
  exchange.response_body =
      body_of(span[Slot::kResponseBody], is_of_sdk, integer_of(span[Slot::kResponseBodySize], -1),
              span[Slot::kResponseBodyTruncated].integer != 0);
  const bool is_served = exchange.direction == Direction::kIncoming;
  exchange.client_ip =
      text_of(is_of_sdk || !is_served
                  ? span.first({Slot::kClientAddress})
                  : span.first({Slot::kClientAddress, Slot::kOldClientIp, Slot::kPeerAddress}));
  if (is_of_sdk) {
    read_sdk_members(span, resource, exchange);
  } else {
    read_other_members(span, resource, exchange);
  }
  if (exchange.errors.empty()) {
    for (const std::string_view event : span.exceptions) exchange.errors.push_back(error_of(event));
  }
  if (base::is_nil(exchange.id)) exchange.id = id_of(span);
  return exchange;
}

}  // namespace apitoolkit::wire
