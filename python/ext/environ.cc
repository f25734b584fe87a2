#include "python/ext/environ.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "python/ext/python_text.h"
#include "src/base/limits.h"

namespace apitoolkit::python {
namespace {

constinit EnvironKey kContentLength{"CONTENT_LENGTH"};
constinit EnvironKey kHttpExpect{"HTTP_EXPECT"};
constinit EnvironKey kHttpHost{"HTTP_HOST"};
constinit EnvironKey kHttpReferer{"HTTP_REFERER"};
constinit EnvironKey kHttpTraceparent{"HTTP_TRACEPARENT"};
constinit EnvironKey kHttpTracestate{"HTTP_TRACESTATE"};
constinit EnvironKey kHttpTransferEncoding{"HTTP_TRANSFER_ENCODING"};
constinit EnvironKey kHttpXForwardedFor{"HTTP_X_FORWARDED_FOR"};
constinit EnvironKey kPathInfo{"PATH_INFO"};
constinit EnvironKey kQueryString{"QUERY_STRING"};
constinit EnvironKey kRawUri{"RAW_URI"};
constinit EnvironKey kRemoteAddr{"REMOTE_ADDR"};
constinit EnvironKey kRequestMethod{"REQUEST_METHOD"};
constinit EnvironKey kRequestUri{"REQUEST_URI"};
constinit EnvironKey kScriptName{"SCRIPT_NAME"};
constinit EnvironKey kServerName{"SERVER_NAME"};
constinit EnvironKey kServerPort{"SERVER_PORT"};
constinit EnvironKey kServerProtocol{"SERVER_PROTOCOL"};
constinit EnvironKey kWsgiUrlScheme{"wsgi.url_scheme"};

std::string text_at(PyObject* env, EnvironKey& key) {
  PyObject* value = environ_get(env, key);
  return value == nullptr ? std::string() : wsgi_text_of(value);
}

bool contains_ignoring_case(std::string_view text, std::string_view lower_case_word) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  };
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                     same) != text.end();
}

// "X_FORWARDED_FOR" becomes "X-Forwarded-For".
std::string header_name(std::string_view key) {
  std::string name(key);
  bool first = true;
  for (char& c : name) {
    if (c == '_') {
      c = '-';
    } else if (!first && c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c + 32);
    }
    first = c == '-';
  }
  return name;
}

// The key as characters, where it is the ASCII text that a WSGI key is.
std::string_view key_text(PyObject* key) {
  if (!PyUnicode_Check(key) || !PyUnicode_IS_ASCII(key)) return {};
  return {static_cast<const char*>(PyUnicode_DATA(key)),
          static_cast<std::size_t>(PyUnicode_GET_LENGTH(key))};
}

void read_headers(PyObject* env, std::vector<Header>& headers) {
  headers.reserve(16);
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(env, &position, &key, &value) != 0) {
    const std::string_view name = key_text(key);
    if (name.size() < 6 || !PyUnicode_Check(value)) continue;
    if (name.substr(0, 5) == "HTTP_") {
      headers.push_back({header_name(name.substr(5)), wsgi_text_of(value)});
    } else if ((name == "CONTENT_TYPE" || name == "CONTENT_LENGTH") &&
               PyUnicode_GET_LENGTH(value) > 0) {
      headers.push_back({header_name(name), wsgi_text_of(value)});
    }
    if (headers.size() >= static_cast<std::size_t>(limits::kHeadersMax)) return;
  }
}

// Percent-encodes what may not stand in a path.
std::string quote_path(std::string_view path) {
  static constexpr std::string_view kAllowed = "!$&'()*+,-./:;=@_~";
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string quoted;
  quoted.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       kAllowed.find(c) != std::string_view::npos;
    if (plain) {
      quoted += c;
    } else {
      quoted += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return quoted;
}

// The request target as the server received it, where it says so; else put together again.
std::string raw_url_of(PyObject* env) {
  std::string target = text_at(env, kRawUri);
  if (target.empty()) target = text_at(env, kRequestUri);
  if (target.empty()) {
    target = quote_path(text_at(env, kScriptName) + text_at(env, kPathInfo));
    const std::string query = text_at(env, kQueryString);
    if (!query.empty()) target += "?" + query;
  } else if (target.front() != '/') {  // absolute form, as a client says it to a proxy
    const std::size_t authority = target.find("://");
    if (authority != std::string::npos) {
      const std::size_t path = target.find_first_of("/?", authority + 3);
      target = path == std::string::npos ? "/" : target.substr(path);
    }
  }
  if (!target.empty() && target.back() == '?') target.pop_back();
  if (target.empty() || target.front() == '?') target.insert(0, "/");
  return target;
}

std::string host_of(PyObject* env) {
  std::string host = text_at(env, kHttpHost);
  if (!host.empty()) return host;
  host = text_at(env, kServerName);
  const std::string port = text_at(env, kServerPort);
  const bool is_default = text_at(env, kWsgiUrlScheme) == "https" ? port == "443" : port == "80";
  if (!port.empty() && !is_default) host += ":" + port;
  return host;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Each trusted proxy appended the address that it was called from: the client's is the
// `trusted_proxies`-th from the right.
std::string client_ip_of(PyObject* env, int trusted_proxies) {
  if (trusted_proxies > 0) {
    const std::string list = text_at(env, kHttpXForwardedFor);
    std::string_view rest = list;
    for (int i = 1; !rest.empty(); ++i) {
      const std::size_t comma = rest.rfind(',');
      const bool last = comma == std::string_view::npos;
      const std::string_view address = trim(last ? rest : rest.substr(comma + 1));
      if (i == trusted_proxies) return std::string(address);
      if (last) break;
      rest = rest.substr(0, comma);
    }
  }
  return text_at(env, kRemoteAddr);
}

void read_protocol(std::string_view protocol, Exchange& exchange) {
  const std::size_t slash = protocol.find('/');
  if (slash == std::string_view::npos || slash + 1 >= protocol.size()) return;
  const auto digit = [&](std::size_t at, int otherwise) {
    return at < protocol.size() && protocol[at] >= '0' && protocol[at] <= '9' ? protocol[at] - '0'
                                                                              : otherwise;
  };
  exchange.proto_major = digit(slash + 1, 1);
  exchange.proto_minor = digit(slash + 3, exchange.proto_major == 1 ? 1 : 0);
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// Of the flags only those that levels 1 and 2 of the specification define are passed on: sampled,
// and random trace id. Empty where these are no flags.
std::string known_flags(std::string_view text) {
  constexpr unsigned kSampledAndRandom = 3;
  unsigned flags = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), flags, 16);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return {'0', static_cast<char>('0' + (flags & kSampledAndRandom))};
}

// W3C trace context: version "-" trace id "-" parent id "-" flags. Whether it was one.
bool read_traceparent(std::string_view value, Exchange& exchange, std::string& flags) {
  value = trim(value);
  if (value.size() < 55 || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
  if (value.substr(0, 2) == "ff" || (value.substr(0, 2) == "00" && value.size() != 55)) {
    return false;
  }
  const std::string_view trace = value.substr(3, 32);
  const std::string_view parent = value.substr(36, 16);
  const std::string known = known_flags(value.substr(53, 2));
  if (!is_lower_hex(trace) || !is_lower_hex(parent) || known.empty()) return false;
  exchange.trace_id = trace;
  exchange.parent_span_id = parent;
  flags = known;
  return true;
}

// What may stand in a header that we send.
bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

PyObject* environ_get(PyObject* env, EnvironKey& key) {
  PyObject* value = PyDict_GetItemWithError(env, key.str());
  if (value == nullptr) PyErr_Clear();
  return value;
}

std::int64_t content_length_of(PyObject* env) {
  const std::string text = text_at(env, kContentLength);
  std::int64_t length = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return -1;
  return length < 0 ? -1 : length;
}

bool is_chunked(PyObject* env) {
  return contains_ignoring_case(text_at(env, kHttpTransferEncoding), "chunked");
}

bool expects_continue(PyObject* env) {
  return contains_ignoring_case(text_at(env, kHttpExpect), "100-continue");
}

TraceContext read_environ(PyObject* env, int trusted_proxies, Exchange& exchange) {
  TraceContext trace;
  exchange.method = text_at(env, kRequestMethod);
  exchange.host = host_of(env);
  exchange.raw_url = raw_url_of(env);
  exchange.referer = text_at(env, kHttpReferer);
  exchange.client_ip = client_ip_of(env, trusted_proxies);
  read_protocol(text_at(env, kServerProtocol), exchange);
  if (read_traceparent(text_at(env, kHttpTraceparent), exchange, trace.flags)) {
    std::string state = text_at(env, kHttpTracestate);
    if (is_printable_ascii(state)) trace.state = trim(state);
  }
  read_headers(env, exchange.request_headers);
  return trace;
}

}  // namespace apitoolkit::python
