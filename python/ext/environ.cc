#include "python/ext/environ.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "python/ext/python_text.h"
#include "src/base/limits.h"

namespace apitoolkit::python {
namespace {

// The values that are looked for, borrowed; null where there is none.
struct Values {
  PyObject* content_length = nullptr;
  PyObject* expect = nullptr;
  PyObject* gunicorn_socket = nullptr;
  PyObject* host = nullptr;
  PyObject* input = nullptr;
  PyObject* path_info = nullptr;
  PyObject* query_string = nullptr;
  PyObject* raw_uri = nullptr;
  PyObject* referer = nullptr;
  PyObject* remote_addr = nullptr;
  PyObject* request_method = nullptr;
  PyObject* request_uri = nullptr;
  PyObject* script_name = nullptr;
  PyObject* server_name = nullptr;
  PyObject* server_port = nullptr;
  PyObject* server_protocol = nullptr;
  PyObject* traceparent = nullptr;
  PyObject* tracestate = nullptr;
  PyObject* transfer_encoding = nullptr;
  PyObject* url_scheme = nullptr;
  PyObject* werkzeug_socket = nullptr;
  PyObject* x_forwarded_for = nullptr;
};

// The first and the last eight characters of a name: all of it, where it has no more than 16. To
// compare these is all that most names take; memcmp for each would be 1,200 instructions a request.
constexpr std::size_t kEndBytes = sizeof(std::uint64_t);
struct Ends {
  std::uint64_t first;
  std::uint64_t last;
  friend bool operator==(const Ends&, const Ends&) = default;
};

constexpr std::uint64_t eight_of(const char* characters) {
  std::array<char, kEndBytes> eight{};
  std::copy_n(characters, kEndBytes, eight.begin());
  return std::bit_cast<std::uint64_t>(eight);
}

// `name` has at least kEndBytes.
constexpr Ends ends_of(std::string_view name) {
  return {eight_of(name.data()), eight_of(name.data() + name.size() - kEndBytes)};
}

struct Place {
  constexpr Place(std::string_view text, PyObject* Values::*member)
      : name(text), ends(ends_of(text)), value(member) {}
  std::string_view name;
  Ends ends;
  PyObject* Values::*value;
};

// By length, so that a name is compared with at most three.
constexpr Place kPlaces[] = {
    {"HTTP_HOST", &Values::host},
    {"PATH_INFO", &Values::path_info},
    {"wsgi.input", &Values::input},
    {"HTTP_EXPECT", &Values::expect},
    {"REMOTE_ADDR", &Values::remote_addr},
    {"REQUEST_URI", &Values::request_uri},
    {"SCRIPT_NAME", &Values::script_name},
    {"SERVER_NAME", &Values::server_name},
    {"SERVER_PORT", &Values::server_port},
    {"HTTP_REFERER", &Values::referer},
    {"QUERY_STRING", &Values::query_string},
    {"CONTENT_LENGTH", &Values::content_length},
    {"REQUEST_METHOD", &Values::request_method},
    {"HTTP_TRACESTATE", &Values::tracestate},
    {"SERVER_PROTOCOL", &Values::server_protocol},
    {"gunicorn.socket", &Values::gunicorn_socket},
    {"werkzeug.socket", &Values::werkzeug_socket},
    {"wsgi.url_scheme", &Values::url_scheme},
    {"HTTP_TRACEPARENT", &Values::traceparent},
    {"HTTP_X_FORWARDED_FOR", &Values::x_forwarded_for},
    {"HTTP_TRANSFER_ENCODING", &Values::transfer_encoding},
};
constexpr std::string_view kRawUri = "RAW_URI";  // shorter than all others
constexpr std::size_t kNameBytesMax = kPlaces[std::size(kPlaces) - 1].name.size();

// Where the places of each length begin; those of the next length begin where they end.
constexpr auto kPlacesBegin = [] {
  std::array<std::uint8_t, kNameBytesMax + 2> begin{};
  for (std::size_t size = 0; size < begin.size(); ++size) {
    while (begin[size] < std::size(kPlaces) && kPlaces[begin[size]].name.size() < size) {
      ++begin[size];
    }
  }
  return begin;
}();

void note(std::string_view name, PyObject* value, Values& values) {
  if (name.size() > kNameBytesMax) return;
  if (name.size() < kEndBytes) {
    if (name == kRawUri) values.raw_uri = value;
    return;
  }
  const Ends ends = ends_of(name);
  for (std::size_t i = kPlacesBegin[name.size()]; i < kPlacesBegin[name.size() + 1]; ++i) {
    if (kPlaces[i].ends != ends) continue;
    if (name.size() > 2 * kEndBytes && kPlaces[i].name != name) continue;
    values.*kPlaces[i].value = value;
    return;
  }
}

using Kind = CapturedTexts::Kind;

std::string text_of_value(PyObject* value) {
  return value == nullptr ? std::string() : wsgi_text_of(value);
}

bool contains_ignoring_case(std::string_view text, std::string_view lower_case_word) {
  const auto same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  };
  return std::search(text.begin(), text.end(), lower_case_word.begin(), lower_case_word.end(),
                     same) != text.end();
}

// What a byte of a key becomes in a header's name: behind a dash, and elsewhere.
constexpr auto kHeaderCase = [] {
  std::array<std::array<char, 256>, 2> table{};
  for (int byte = 0; byte < 256; ++byte) {
    const char c = byte == '_' ? '-' : static_cast<char>(byte);
    table[1][static_cast<std::size_t>(byte)] = c;
    table[0][static_cast<std::size_t>(byte)] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return table;
}();

// "X_FORWARDED_FOR" becomes "X-Forwarded-For".
void add_header(std::string_view key, PyObject* value, CapturedTexts& texts) {
  key = key.substr(0, CapturedTexts::kTextBytesMax);
  char* name = texts.add_named(Kind::kRequestHeader, key.size(), WsgiText(value).view());
  bool is_first = true;
  for (const char c : key) {
    *name = kHeaderCase[is_first ? 1 : 0][static_cast<unsigned char>(c)];
    is_first = *name++ == '-';
  }
}

// The key as characters, where it is the ASCII text that a WSGI key is.
std::string_view key_text(PyObject* key) {
  if (!PyUnicode_Check(key) || !PyUnicode_IS_ASCII(key)) return {};
  return {static_cast<const char*>(PyUnicode_DATA(key)),
          static_cast<std::size_t>(PyUnicode_GET_LENGTH(key))};
}

// Through all of the environ: its headers, and the values that are looked for.
Values read_values(PyObject* env, CapturedTexts& texts) {
  Values values;
  int headers = 0;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t position = 0;
  while (PyDict_Next(env, &position, &key, &value) != 0) {
    const std::string_view name = key_text(key);
    note(name, value, values);
    if (headers >= limits::kHeadersMax || !PyUnicode_Check(value)) continue;
    if (name.size() > 5 && name.substr(0, 5) == "HTTP_") {
      add_header(name.substr(5), value, texts);
      ++headers;
    } else if ((name == "CONTENT_TYPE" || name == "CONTENT_LENGTH") &&
               PyUnicode_GET_LENGTH(value) > 0) {
      add_header(name, value, texts);
      ++headers;
    }
  }
  return values;
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
void add_raw_url(const Values& values, CapturedTexts& texts) {
  const WsgiText given(values.raw_uri);
  const std::string_view plain = given.view();
  if (!plain.empty() && plain.front() == '/' && plain.back() != '?') {
    texts.add(Kind::kRawUrl, plain);
    return;
  }
  std::string target = text_of_value(values.raw_uri);
  if (target.empty()) target = text_of_value(values.request_uri);
  if (target.empty()) {
    target = quote_path(text_of_value(values.script_name) + text_of_value(values.path_info));
    const std::string query = text_of_value(values.query_string);
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
  texts.add(Kind::kRawUrl, target);
}

void add_host(const Values& values, CapturedTexts& texts) {
  if (const WsgiText given(values.host); !given.view().empty()) {
    texts.add(Kind::kHost, given.view());
    return;
  }
  std::string host = text_of_value(values.server_name);
  const std::string port = text_of_value(values.server_port);
  const bool is_default =
      text_of_value(values.url_scheme) == "https" ? port == "443" : port == "80";
  if (!port.empty() && !is_default) host += ":" + port;
  texts.add(Kind::kHost, host);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Each trusted proxy appended the address that it was called from: the client's is the
// `trusted_proxies`-th from the right.
void add_client_ip(const Values& values, int trusted_proxies, CapturedTexts& texts) {
  if (trusted_proxies > 0) {
    const WsgiText list(values.x_forwarded_for);
    std::string_view rest = list.view();
    for (int i = 1; !rest.empty(); ++i) {
      const std::size_t comma = rest.rfind(',');
      const bool last = comma == std::string_view::npos;
      const std::string_view address = trim(last ? rest : rest.substr(comma + 1));
      if (i == trusted_proxies) return texts.add(Kind::kClientIp, address);
      if (last) break;
      rest = rest.substr(0, comma);
    }
  }
  texts.add(Kind::kClientIp, WsgiText(values.remote_addr).view());
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

namespace {

std::int64_t content_length_of(PyObject* value) {
  const WsgiText content(value);
  const std::string_view text = content.view();
  std::int64_t length = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return -1;
  return length < 0 ? -1 : length;
}

bool says(PyObject* value, std::string_view lower_case_word) {
  return contains_ignoring_case(WsgiText(value).view(), lower_case_word);
}

}  // namespace

Incoming read_environ(PyObject* env, int trusted_proxies, CapturedExchange& captured) {
  Incoming incoming;
  Exchange& exchange = captured.exchange;
  CapturedTexts& texts = captured.texts;
  const Values values = read_values(env, texts);
  const WsgiText method(values.request_method);
  incoming.is_head = method.view() == "HEAD";
  texts.add(Kind::kMethod, method.view());
  add_host(values, texts);
  add_raw_url(values, texts);
  if (values.referer != nullptr) texts.add(Kind::kReferer, WsgiText(values.referer).view());
  add_client_ip(values, trusted_proxies, texts);
  read_protocol(WsgiText(values.server_protocol).view(), exchange);
  if (values.traceparent != nullptr &&
      read_traceparent(WsgiText(values.traceparent).view(), exchange, incoming.trace.flags)) {
    std::string state = text_of_value(values.tracestate);
    if (is_printable_ascii(state)) incoming.trace.state = trim(state);
  }
  incoming.content_length = content_length_of(values.content_length);
  incoming.is_chunked = incoming.content_length < 0 && says(values.transfer_encoding, "chunked");
  incoming.expects_continue = incoming.content_length > 0 && says(values.expect, "100-continue");
  incoming.input = values.input;
  incoming.socket =
      values.gunicorn_socket != nullptr ? values.gunicorn_socket : values.werkzeug_socket;
  return incoming;
}

}  // namespace apitoolkit::python
