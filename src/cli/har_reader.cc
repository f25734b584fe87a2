#include "src/cli/har_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "src/base/base64.h"
#include "src/base/clock.h"
#include "src/json/document.h"
#include "src/wire/message.h"

namespace apitoolkit::cli {
namespace {

using json::Document;
using json::Type;

constexpr double kMillisecondNs = 1e6;
constexpr double kTimeMsMax = 1e12;

bool equals_any_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [lower](char x, char y) { return lower(x) == lower(y); });
}

// A member of an object, or of nothing.
class View {
 public:
  View(const Document& document, std::optional<std::uint32_t> node)
      : document_(document), node_(node) {}

  View operator[](std::string_view name) const {
    if (!is(Type::kObject)) return {document_, std::nullopt};
    return {document_, document_.member(*node_, name)};
  }
  bool is(Type type) const { return node_ && document_[*node_].type == type; }

  // Of texts and numbers; else empty.
  std::string text() const {
    if (is(Type::kString)) return document_.text(*node_);
    return is(Type::kNumber) ? std::string(document_.raw(*node_)) : "";
  }
  // Also out of a text; NaN is nothing.
  std::optional<double> number() const {
    const std::string digits = text();
    if (digits.empty() || json::number_length(digits, 0) != digits.size()) return std::nullopt;
    const double value = json::to_double(digits);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }
  std::string_view raw() const { return document_.raw(*node_); }

  std::size_t count() const { return node_ ? document_[*node_].count : 0; }

  template <class Visit>
  void for_each(Visit visit) const {
    if (!is(Type::kArray)) return;
    std::uint32_t child = *node_ + 1;
    for (std::uint32_t i = 0; i < document_[*node_].count; ++i, child = document_[child].next) {
      if (!visit(View(document_, child))) return;
    }
  }

 private:
  const Document& document_;
  std::optional<std::uint32_t> node_;
};

std::int64_t nanoseconds(double milliseconds) {
  return static_cast<std::int64_t>(
      std::llround(std::clamp(milliseconds, 0.0, kTimeMsMax) * kMillisecondNs));
}

// Without pseudo-headers.
std::vector<Header> headers_of(const View& list) {
  std::vector<Header> headers;
  list.for_each([&](const View& one) {
    std::string name = one["name"].text();
    if (!name.empty() && name[0] != ':') headers.push_back({std::move(name), one["value"].text()});
    return true;
  });
  return headers;
}

std::string pseudo_header(const View& list, std::string_view name) {
  std::string value;
  list.for_each([&](const View& one) {
    if (one["name"].text() == name) value = one["value"].text();
    return true;
  });
  return value;
}

// "HTTP/1.1", "http/2.0", "h2", "h3"; 1.1 for what says nothing.
void read_version(const std::string& text, Exchange& exchange) {
  const std::size_t digit = text.find_first_of("0123456789");
  if (digit == std::string::npos) return;
  exchange.proto_major = text[digit] - '0';
  const bool has_minor = digit + 2 < text.size() && text[digit + 1] == '.';
  exchange.proto_minor = has_minor ? text[digit + 2] - '0' : 0;
  if (exchange.proto_minor < 0 || exchange.proto_minor > 9) exchange.proto_minor = 0;
}

// scheme "://" [ user "@" ] host [ path ] [ "?" query ] [ "#" fragment ]
bool read_url(const std::string& url, Exchange& exchange) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return false;
  const std::string_view name = std::string_view(url).substr(0, scheme);
  if (!equals_any_case(name, "http") && !equals_any_case(name, "https") &&
      !equals_any_case(name, "ws") && !equals_any_case(name, "wss")) {
    return false;
  }
  std::string_view rest = std::string_view(url).substr(scheme + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view host = rest.substr(0, path);
  if (const std::size_t user = host.rfind('@'); user != std::string_view::npos) {
    host = host.substr(user + 1);  // a password does not belong into a host's name
  }
  if (host.empty()) return false;
  exchange.host = host;
  exchange.raw_url = rest.substr(path);
  if (!exchange.raw_url.starts_with('/')) exchange.raw_url.insert(0, "/");
  exchange.url_path = exchange.raw_url.substr(0, exchange.raw_url.find('?'));
  return true;
}

std::string form_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._*[]").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 15U];
    }
  }
  return out;
}

Result<std::string> body_text(const View& content, const char* place) {
  std::string text = content["text"].text();
  std::string encoding = content["encoding"].text();
  if (encoding.empty()) encoding = content["_encoding"].text();
  if (!equals_any_case(encoding, "base64")) return text;
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  auto bytes = base::base64_decode(text);
  if (!bytes) return fail(ErrorCode::kCorrupt, std::string(place) + ".text: expected base64");
  return std::move(*bytes);
}

Result<std::string> request_body(const View& data) {
  auto text = body_text(data, "request.postData");
  if (!text || !text->empty()) return text;
  std::string form;
  data["params"].for_each([&](const View& one) {
    if (!form.empty()) form += '&';
    form += form_encoded(one["name"].text()) + "=" + form_encoded(one["value"].text());
    return true;
  });
  return form;
}

void read_size(const View& size, Body& body) {
  const double bytes = size.number().value_or(-1);
  // 0 beside a body is how some say that they do not know.
  if (bytes > 0 && bytes < 9e15) body.size = static_cast<std::int64_t>(bytes);
  if (body.size < 0) body.size = static_cast<std::int64_t>(body.bytes.size());
}

void read_times(const View& entry, Exchange& exchange) {
  exchange.duration_ns = nanoseconds(entry["time"].number().value_or(0));
  const View timings = entry["timings"];
  if (timings["wait"].number().value_or(-1) < 0) return;
  double until_first_byte = 0;
  for (const char* part : {"blocked", "dns", "connect", "send", "wait"}) {
    until_first_byte += std::max(timings[part].number().value_or(0), 0.0);
  }
  exchange.ttfb_ns = std::min(nanoseconds(until_first_byte), exchange.duration_ns);
}

// What only browsers and proxies leave to be found out.
Status read_foreign(const View& entry, Exchange& exchange) {
  const View request = entry["request"];
  const View response = entry["response"];
  const auto start = base::parse_rfc3339(entry["startedDateTime"].text());
  if (!start) return fail(ErrorCode::kCorrupt, "startedDateTime: expected an ISO 8601 time");
  exchange.start_ns = *start;
  exchange.sdk_type = "Har";
  exchange.method = request["method"].text();
  if (exchange.method.empty()) return fail(ErrorCode::kCorrupt, "request.method: is missing");
  if (!read_url(request["url"].text(), exchange)) {
    return fail(ErrorCode::kCorrupt, "request.url: expected http:// or https://");
  }
  if (const std::string host = pseudo_header(request["headers"], ":authority"); !host.empty()) {
    exchange.host = host;
  }
  read_version(request["httpVersion"].text(), exchange);
  const double status = response["status"].number().value_or(0);
  exchange.status_code = status >= 0 && status <= 999 ? static_cast<int>(status) : 0;
  read_times(entry, exchange);
  read_size(request["bodySize"], exchange.request_body);
  read_size(response["bodySize"], exchange.response_body);
  for (std::vector<Header>* headers : {&exchange.request_headers, &exchange.response_headers}) {
    std::erase_if(*headers,
                  [](const Header& h) { return equals_any_case(h.name, "Content-Encoding"); });
  }
  std::string error = response["_error"].text();
  if (error.empty()) error = entry["_error"].text();
  if (!error.empty() && exchange.status_code == 0) {
    ErrorReport report;
    report.error_type = error;
    exchange.errors.push_back(std::move(report));
  }
  return {};
}

Result<Exchange> exchange_of(const View& entry) {
  if (!entry.is(Type::kObject)) return fail(ErrorCode::kCorrupt, "expected an object");
  if (!entry["request"].is(Type::kObject)) return fail(ErrorCode::kCorrupt, "request: is missing");
  const View own = entry["_apitoolkit"];
  Exchange exchange;
  if (own.is(Type::kObject)) {
    auto decoded = wire::decode_message(own.raw());
    if (!decoded) return fail(ErrorCode::kCorrupt, "_apitoolkit: " + decoded.error().message);
    exchange = std::move(*decoded);
  }
  exchange.request_headers = headers_of(entry["request"]["headers"]);
  exchange.response_headers = headers_of(entry["response"]["headers"]);
  auto sent = request_body(entry["request"]["postData"]);
  if (!sent) return tl::unexpected(sent.error());
  auto received = body_text(entry["response"]["content"], "response.content");
  if (!received) return tl::unexpected(received.error());
  exchange.request_body.bytes = std::move(*sent);
  exchange.response_body.bytes = std::move(*received);
  if (own.is(Type::kObject)) return exchange;
  if (Status read = read_foreign(entry, exchange); !read) return tl::unexpected(read.error());
  return exchange;
}

}  // namespace

Status read_har(
    std::string_view text,
    const std::function<bool(std::size_t index, std::size_t count, Result<Exchange>)>& take) {
  const auto document = Document::parse(text);
  if (!document) {
    return fail(ErrorCode::kCorrupt, "the input is not JSON: " + document.error().message);
  }
  const View entries = View(*document, document->root())["log"]["entries"];
  if (!entries.is(Type::kArray)) {
    return fail(ErrorCode::kCorrupt, "the input is no HAR: log.entries is missing");
  }
  std::size_t index = 0;
  entries.for_each(
      [&](const View& entry) { return take(index++, entries.count(), exchange_of(entry)); });
  return {};
}

}  // namespace apitoolkit::cli
