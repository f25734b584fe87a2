#include "src/server/serve/har.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/json/utf8.h"
#include "src/net/http_server.h"
#include "src/net/router.h"
#include "src/wire/message.h"

namespace apitoolkit::server::serve {
namespace {

using json::Writer;

constexpr double kMillisecondNs = 1e6;

bool equals_any_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

std::string_view header_of(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (equals_any_case(header.name, name)) return header.value;
  }
  return {};
}

// A message does not know the scheme; a proxy's header or the port may tell.
std::string absolute_url(const Exchange& exchange) {
  if (exchange.raw_url.find("://") < exchange.raw_url.find_first_of("/?")) return exchange.raw_url;
  const bool secure =
      exchange.host.ends_with(":443") ||
      equals_any_case(header_of(exchange.request_headers, "X-Forwarded-Proto"), "https");
  std::string url = secure ? "https://" : "http://";
  url += exchange.host.empty() ? "localhost" : exchange.host;
  if (!exchange.raw_url.starts_with('/')) url += '/';
  return url + exchange.raw_url;
}

std::string http_version(const Exchange& exchange) {
  return "HTTP/" + std::to_string(exchange.proto_major) + "." +
         std::to_string(exchange.proto_minor);
}

void write_pair(std::string_view name, std::string_view value, Writer& w) {
  w.begin_object().key("name").value(name).key("value").value(value).end_object();
}

void write_headers(const std::vector<Header>& headers, Writer& w) {
  w.key("headers").begin_array();
  for (const Header& header : headers) write_pair(header.name, header.value, w);
  w.end_array();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// The parts of "a=b; c; d=e", a name and a value each.
std::vector<std::pair<std::string_view, std::string_view>> cookie_parts(std::string_view text) {
  std::vector<std::pair<std::string_view, std::string_view>> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    const std::size_t equals = std::min(part.find('='), part.size());
    if (!part.empty()) {
      parts.emplace_back(part.substr(0, equals), part.substr(std::min(equals + 1, part.size())));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

void write_request_cookies(const Exchange& exchange, Writer& w) {
  w.key("cookies").begin_array();
  for (const Header& header : exchange.request_headers) {
    if (!equals_any_case(header.name, "Cookie")) continue;
    for (const auto& [name, value] : cookie_parts(header.value)) write_pair(name, value, w);
  }
  w.end_array();
}

void write_response_cookies(const Exchange& exchange, Writer& w) {
  w.key("cookies").begin_array();
  for (const Header& header : exchange.response_headers) {
    if (!equals_any_case(header.name, "Set-Cookie")) continue;
    const auto parts = cookie_parts(header.value);
    if (parts.empty()) continue;
    w.begin_object().key("name").value(parts[0].first).key("value").value(parts[0].second);
    const auto attribute = [&parts](std::string_view name) {
      return std::find_if(parts.begin() + 1, parts.end(),
                          [name](const auto& part) { return equals_any_case(part.first, name); });
    };
    if (const auto path = attribute("Path"); path != parts.end()) w.key("path").value(path->second);
    if (const auto domain = attribute("Domain"); domain != parts.end()) {
      w.key("domain").value(domain->second);
    }
    w.key("httpOnly").value(attribute("HttpOnly") != parts.end());
    w.key("secure").value(attribute("Secure") != parts.end());
    w.end_object();
  }
  w.end_array();
}

void write_text(std::string_view bytes, std::string_view encoding, Writer& w) {
  if (json::is_valid_utf8(bytes)) {
    w.key("text").value(bytes);
  } else {
    w.key("text").base64(bytes).key(encoding).value("base64");
  }
}

void write_request(const Exchange& exchange, Writer& w) {
  const std::string url = absolute_url(exchange);
  w.key("request").begin_object().key("method").value(exchange.method);
  w.key("url").value(url).key("httpVersion").value(http_version(exchange));
  write_request_cookies(exchange, w);
  write_headers(exchange.request_headers, w);
  w.key("queryString").begin_array();
  if (const std::size_t mark = url.find('?'); mark != std::string::npos) {
    for (const Header& pair : net::parse_query(std::string_view(url).substr(mark + 1))) {
      write_pair(pair.name, pair.value, w);
    }
  }
  w.end_array();
  if (const std::string& bytes = exchange.request_body.bytes; !bytes.empty()) {
    w.key("postData").begin_object().key("mimeType");
    w.value(header_of(exchange.request_headers, "Content-Type"));
    write_text(bytes, "_encoding", w);
    w.key("params").begin_array().end_array().end_object();
  }
  w.key("headersSize").value(-1).key("bodySize").value(exchange.request_body.size).end_object();
}

void write_response(const Exchange& exchange, Writer& w) {
  const Body& body = exchange.response_body;
  w.key("response").begin_object().key("status").value(exchange.status_code);
  w.key("statusText").value(net::reason_phrase(exchange.status_code));
  w.key("httpVersion").value(http_version(exchange));
  write_response_cookies(exchange, w);
  write_headers(exchange.response_headers, w);
  w.key("content").begin_object();
  w.key("size").value(std::max(body.size, static_cast<std::int64_t>(body.bytes.size())));
  w.key("mimeType").value(header_of(exchange.response_headers, "Content-Type"));
  if (!body.bytes.empty()) write_text(body.bytes, "encoding", w);
  w.end_object();
  w.key("redirectURL").value(header_of(exchange.response_headers, "Location"));
  w.key("headersSize").value(-1).key("bodySize").value(body.size).end_object();
}

// The times add up to the entry's.
void write_timings(const Exchange& exchange, Writer& w) {
  const std::int64_t wait_ns = exchange.ttfb_ns < 0
                                   ? exchange.duration_ns
                                   : std::min(exchange.ttfb_ns, exchange.duration_ns);
  w.key("timings").begin_object();
  for (const char* unknown : {"blocked", "dns", "connect", "ssl"}) w.key(unknown).value(-1);
  w.key("send").value(0);
  w.key("wait").value(static_cast<double>(wait_ns) / kMillisecondNs);
  w.key("receive").value(static_cast<double>(exchange.duration_ns - wait_ns) / kMillisecondNs);
  w.end_object();
}

// Without what the entry has elsewhere.
std::string message_of(const store::Record& record) {
  Exchange rest = record.exchange;
  rest.id = record.identity;
  rest.request_body.bytes.clear();
  rest.response_body.bytes.clear();
  rest.request_headers.clear();
  rest.response_headers.clear();
  return wire::encode_message(rest);
}

}  // namespace

std::string har_begin() {
  return R"({"log":{"version":"1.2","creator":{"name":"APIToolkit","version":")" APITOOLKIT_VERSION
         R"("},"entries":[)";
}

std::string har_end() {
  return "]}}";
}

void write_har_entry(const store::Record& record, Writer& w) {
  const Exchange& exchange = record.exchange;
  w.begin_object().key("startedDateTime").value(base::format_rfc3339(exchange.start_ns));
  w.key("time").value(static_cast<double>(exchange.duration_ns) / kMillisecondNs);
  write_request(exchange, w);
  write_response(exchange, w);
  w.key("cache").begin_object().end_object();
  write_timings(exchange, w);
  w.key("_apitoolkit").raw(message_of(record)).end_object();
}

}  // namespace apitoolkit::server::serve
