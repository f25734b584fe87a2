#include "python/ext/outgoing.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "python/ext/client.h"
#include "python/ext/python_text.h"
#include "python/ext/recording.h"
#include "src/base/limits.h"

namespace nb = nanobind;

namespace apitoolkit::python {
namespace {

std::string text_at(const nb::kwargs& call, const char* name) {
  const nb::object value = call[name];
  return value.is_none() ? std::string() : text_of(value.ptr());
}

std::int64_t number_at(const nb::kwargs& call, const char* name) {
  return nb::cast<std::int64_t>(nb::object(call[name]));
}

// [(b"Name", b"value"), …]
std::vector<Header> headers_at(const nb::kwargs& call, const char* name) {
  std::vector<Header> headers;
  for (const nb::handle pair : nb::object(call[name])) {
    if (headers.size() >= static_cast<std::size_t>(limits::kHeadersMax)) break;
    headers.push_back({text_of(nb::object(pair[0]).ptr()), text_of(nb::object(pair[1]).ptr())});
  }
  return headers;
}

// (bytes, size, truncated)
Body body_at(const nb::kwargs& call, const char* name) {
  const nb::object value = call[name];
  Body body;
  const nb::object bytes = value[0];
  body.bytes = bytes_of(bytes.ptr());
  body.size = nb::cast<std::int64_t>(nb::object(value[1]));
  body.truncated = nb::cast<bool>(nb::object(value[2]));
  return body;
}

Exchange exchange_of(const nb::kwargs& call) {
  Exchange exchange;
  exchange.id = make_id();
  exchange.direction = Direction::kOutgoing;
  exchange.sdk_type = "PythonOutgoing";
  exchange.start_ns = number_at(call, "start_ns");
  exchange.duration_ns = number_at(call, "duration_ns");
  exchange.ttfb_ns = number_at(call, "ttfb_ns");
  exchange.method = text_at(call, "method");
  exchange.host = text_at(call, "host");
  exchange.raw_url = text_at(call, "raw_url");
  exchange.url_path = text_at(call, "url_path");
  exchange.status_code = static_cast<int>(number_at(call, "status"));
  const std::string version = text_at(call, "http_version");  // "HTTP/1.1", "HTTP/2"
  if (version == "HTTP/2") {
    exchange.proto_major = 2;
    exchange.proto_minor = 0;
  } else if (version == "HTTP/1.0") {
    exchange.proto_minor = 0;
  }
  exchange.request_headers = headers_at(call, "request_headers");
  exchange.response_headers = headers_at(call, "response_headers");
  exchange.request_body = body_at(call, "request_body");
  exchange.response_body = body_at(call, "response_body");
  exchange.trace_id = text_at(call, "trace_id");
  exchange.span_id = text_at(call, "span_id");
  exchange.parent_span_id = text_at(call, "parent_span_id");
  exchange.aborted = nb::cast<bool>(nb::object(call["aborted"]));
  const nb::object error = call["error"];
  if (!error.is_none()) {
    ErrorReport report;
    report.when_ns = exchange.start_ns + exchange.duration_ns;
    report.error_type = text_of(nb::object(error[0]).ptr());
    report.message = text_of(nb::object(error[1]).ptr());
    report.root_error_type = text_of(nb::object(error[2]).ptr());
    report.root_error_message = text_of(nb::object(error[3]).ptr());
    report.stack_trace = text_of(nb::object(error[4]).ptr());
    exchange.errors.push_back(std::move(report));
  }
  const nb::object parent = call["parent"];
  if (!parent.is_none()) exchange.parent_id = nb::cast<Recording&>(parent).id();
  return exchange;
}

}  // namespace

nb::object push_outgoing(nb::handle self, const nb::kwargs& call) {
  PyClient& client = nb::cast<PyClient&>(self);
  Exchange exchange = exchange_of(call);
  const nb::object extra = call["rules"];
  std::shared_ptr<const ExtraRules> rules;
  if (!extra.is_none()) rules = nb::cast<PyRules&>(extra).rules;
  if (nb::cast<bool>(nb::object(call["deliver"]))) {
    auto captured = client.core().take_spare();
    captured->exchange = std::move(exchange);
    client.push(std::move(captured), std::move(rules));
    if (PyErr_Occurred() != nullptr) throw nb::python_error();
    return nb::none();
  }
  if (!client.core().keep(exchange)) return nb::bytes("", 0);
  const std::string message = client.core().preview(std::move(exchange), rules.get());
  return nb::bytes(message.data(), message.size());
}

}  // namespace apitoolkit::python
