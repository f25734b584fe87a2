#include "src/wire/otlp_attributes.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "src/base/base64.h"
#include "src/base/uuid.h"
#include "src/wire/message_members.h"
#include "src/wire/url.h"

namespace apitoolkit::wire {
namespace {

using Headers = std::vector<Header>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// host [ ":" port ], an IPv6 address in brackets (RFC 3986, section 3.2).
struct Authority {
  std::string_view address;  // without brackets
  int port = 0;              // 0 where there is none
};

Authority split_authority(std::string_view text) {
  Authority authority{text};
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t colon = text.rfind(':');
  if (bracket != std::string_view::npos) authority.address = text.substr(1, bracket - 1);
  const bool has_port = bracket != std::string_view::npos
                            ? colon == bracket + 1
                            : colon != std::string_view::npos && text.find(':') == colon;
  if (!has_port) return authority;
  if (bracket == std::string_view::npos) authority.address = text.substr(0, colon);
  const char* end = text.data() + text.size();
  int port = 0;
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error == std::errc() && stop == end && port > 0 && port <= 65'535) authority.port = port;
  return authority;
}

// What raw_url is made of; scheme and authority are empty where it is a path.
struct UrlParts {
  std::string_view scheme, authority, path, query;
};

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  const std::size_t mark = std::min(url.find('?'), url.size());
  parts.query = url.substr(std::min(mark + 1, url.size()));
  parts.path = url.substr(0, mark);
  const std::size_t scheme = parts.path.find("://");
  if (parts.path.starts_with('/') || scheme == std::string_view::npos) return parts;
  parts.scheme = parts.path.substr(0, scheme);
  const std::string_view rest = parts.path.substr(scheme + 3);
  const std::size_t path = std::min(rest.find('/'), rest.size());
  parts.authority = rest.substr(0, path);
  parts.path = rest.substr(path);
  return parts;
}

// A name that the conventions do not know would make a metric of its own for each that is tried.
void write_method(const std::string& method, AttributeWriter& out) {
  constexpr std::string_view kKnown[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
                                         "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  const bool is_known = std::find(std::begin(kKnown), std::end(kKnown), method) != std::end(kKnown);
  out.text("http.request.method", is_known ? std::string_view(method) : "_OTHER");
  if (!is_known) out.text("http.request.method_original", method);
}

void write_url(const Exchange& exchange, AttributeWriter& out) {
  const Urls urls = normal_urls(exchange);
  const UrlParts parts = split_url(urls.raw_url);
  const std::string_view route = urls.url_path.empty() ? parts.path : urls.url_path;
  out.text("http.route", route);
  out.text("http.target", urls.raw_url);
  out.text_if_any("url.path", parts.path);
  out.text_if_any("url.query", parts.query);
  out.text_if_any("url.scheme", lower(parts.scheme));
  if (exchange.direction == Direction::kOutgoing) {
    out.text_if_any("url.template", route);
    // The message does not say whether it was http or https: a reference without a scheme
    // (RFC 3986, section 4.2) claims neither.
    out.text("url.full", parts.scheme.empty() ? "//" + exchange.host + std::string(urls.raw_url)
                                              : std::string(urls.raw_url));
  }
  const std::string_view host =
      exchange.host.empty() ? parts.authority : std::string_view(exchange.host);
  out.text("net.host.name", host);
  const auto [address, port] = split_authority(host);
  out.text_if_any("server.address", address);
  if (port > 0) out.integer("server.port", port);
}

void write_protocol(const Exchange& exchange, AttributeWriter& out) {
  std::string version = std::to_string(exchange.proto_major);
  if (exchange.proto_major < 2 || exchange.proto_minor != 0) {
    version += '.' + std::to_string(exchange.proto_minor);
  }
  out.text("network.protocol.version", version);
}

void write_headers(std::string_view prefix, const Headers& headers, AttributeWriter& out) {
  std::map<std::string, std::vector<std::string_view>> by_name;
  for (const Header& header : headers) by_name[lower(header.name)].push_back(header.value);
  for (const auto& [name, values] : by_name) {
    if (!name.empty()) out.texts(std::string(prefix) + name, values);
  }
}

void write_body(const std::string& side, const Body& body, AttributeWriter& out) {
  out.text("http." + side + ".body", base::base64_encode(body.bytes));
  if (body.size >= 0) out.integer("http." + side + ".body.size", body.size);
  if (body.truncated) out.flag("apitoolkit." + side + "_body_truncated", true);
}

std::string_view user_agent(const Headers& headers) {
  for (const Header& header : headers) {
    if (lower(header.name) == "user-agent") return header.value;
  }
  return {};
}

// What OpenTelemetry has no name for.
void write_ours(const Exchange& exchange, AttributeWriter& out) {
  out.text("apitoolkit.sdk_type", exchange.sdk_type);
  out.text("apitoolkit.msg_id", base::is_nil(exchange.id) ? "" : base::format_uuid(exchange.id));
  out.text("apitoolkit.parent_id",
           exchange.parent_id ? base::format_uuid(*exchange.parent_id) : "");
  out.text("apitoolkit.service_version", exchange.service_version);
  out.text("apitoolkit.errors", errors_json(exchange));
  out.texts("apitoolkit.tags", exchange.tags);
  out.text_if_any("apitoolkit.sdk_version", exchange.sdk_version);
  out.text_if_any("apitoolkit.consumer", exchange.consumer);
  if (exchange.ttfb_ns >= 0) out.integer("apitoolkit.ttfb", exchange.ttfb_ns);
  if (exchange.aborted) out.flag("apitoolkit.aborted", true);
  if (exchange.sample_weight != 1.0) out.real("apitoolkit.sample_weight", exchange.sample_weight);
  if (!exchange.redaction.empty()) out.texts("apitoolkit.redaction", exchange.redaction);
}

}  // namespace

void write_span_attributes(const Exchange& exchange, AttributeWriter& attributes) {
  write_method(exchange.method, attributes);
  write_url(exchange, attributes);
  if (exchange.status_code > 0) {
    attributes.integer("http.response.status_code", exchange.status_code);
  }
  attributes.text_if_any("error.type", error_type_of(exchange));
  write_protocol(exchange, attributes);
  attributes.text_if_any("client.address", exchange.client_ip);
  attributes.text_if_any("user_agent.original", user_agent(exchange.request_headers));
  attributes.text("http.request.query_params", query_params_json(exchange));
  attributes.text("http.request.path_params", path_params_json(exchange));
  write_headers("http.request.header.", exchange.request_headers, attributes);
  write_headers("http.response.header.", exchange.response_headers, attributes);
  write_body("request", exchange.request_body, attributes);
  write_body("response", exchange.response_body, attributes);
  write_ours(exchange, attributes);
}

std::string error_type_of(const Exchange& exchange) {
  const int failed_from = exchange.direction == Direction::kOutgoing ? 400 : 500;
  if (exchange.status_code >= failed_from) return std::to_string(exchange.status_code);
  if (exchange.status_code > 0) return {};
  for (const ErrorReport& error : exchange.errors) {
    if (!error.error_type.empty()) return error.error_type;
  }
  return "_OTHER";
}

}  // namespace apitoolkit::wire
