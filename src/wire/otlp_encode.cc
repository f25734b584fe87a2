// opentelemetry-proto 1.x, trace and collector/trace; the numbers of the fields that are written:
//
//   ExportTraceServiceRequest{resource_spans=1}
//   ResourceSpans{resource=1; scope_spans=2}  Resource{attributes=1}
//   ScopeSpans{scope=1; spans=2}              Scope{name=1; version=2}
//   Span{trace_id=1; span_id=2; parent_span_id=4; name=5; kind=6; fixed64 start=7, end=8;
//        attributes=9; events=11; status=15}
//   Event{fixed64 time=1; name=2; attributes=3}  Status{code=3}
#include "src/wire/otlp_encode.h"

#include <algorithm>
#include <vector>

#include "src/wire/message.h"
#include "src/wire/otlp_attributes.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

enum Kind { kServer = 2, kClient = 3 };
constexpr int kStatusError = 2;
// The receivers that lift bodies out of attributes do so by this name.
constexpr std::string_view kSpanName = "monoscope.http";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The `size` bytes of an id in hex; empty where it is not one, or all zero, which stands for none.
std::string id_bytes(std::string_view hex, std::size_t size) {
  if (hex.size() != 2 * size) return {};
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high << 4 | low);
  }
  const bool is_zero = bytes.find_first_not_of('\0') == std::string::npos;
  return is_zero ? std::string() : bytes;
}

std::string with_a_one(std::string bytes) {
  if (bytes.find_first_not_of('\0') == std::string::npos) bytes.back() = '\1';
  return bytes;
}

std::string trace_id_of(const Uuid& id) {
  return with_a_one({id.begin(), id.end()});
}

// The random half of a UUIDv7, as the recorder makes span ids too.
std::string span_id_of(const Uuid& id) {
  return with_a_one({id.begin() + 8, id.end()});
}

// Of an exchange that says no trace, so that a call and the request that it was made in get the
// same: from the id of the latter.
std::string trace_id(const Exchange& exchange) {
  std::string id = id_bytes(exchange.trace_id, 16);
  return !id.empty() ? id : trace_id_of(exchange.parent_id.value_or(identity(exchange)));
}

std::string span_id(const Exchange& exchange) {
  std::string id = id_bytes(exchange.span_id, 8);
  return !id.empty() ? id : span_id_of(identity(exchange));
}

std::string parent_span_id(const Exchange& exchange) {
  std::string id = id_bytes(exchange.parent_span_id, 8);
  return id.empty() && exchange.parent_id ? span_id_of(*exchange.parent_id) : id;
}

std::uint64_t time_of(std::int64_t unix_ns) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ns, 0));
}

void write_event(const ErrorReport& error, std::uint64_t end_ns, ProtobufWriter& out) {
  out.fixed64(1, error.when_ns > 0 ? time_of(error.when_ns) : end_ns);
  out.text(2, "exception");
  AttributeWriter attributes(out, 3);
  attributes.text_if_any("exception.type", error.error_type);
  attributes.text_if_any("exception.message", error.message);
  attributes.text_if_any("exception.stacktrace", error.stack_trace);
}

void write_span(const Exchange& exchange, ProtobufWriter& out) {
  const std::uint64_t start_ns = time_of(exchange.start_ns);
  const std::uint64_t end_ns = start_ns + time_of(exchange.duration_ns);
  out.bytes(1, trace_id(exchange));
  out.bytes(2, span_id(exchange));
  if (const std::string parent = parent_span_id(exchange); !parent.empty()) out.bytes(4, parent);
  out.text(5, kSpanName);
  out.integer(6, exchange.direction == Direction::kOutgoing ? kClient : kServer);
  out.fixed64(7, start_ns);
  out.fixed64(8, end_ns);
  AttributeWriter attributes(out, 9);
  write_span_attributes(exchange, attributes);
  for (const ErrorReport& error : exchange.errors) {
    out.message(11, [&] { write_event(error, end_ns, out); });
  }
  if (!error_type_of(exchange).empty()) out.message(15, [&] { out.integer(3, kStatusError); });
}

struct NameAndVersion {
  std::string_view name, version;
};

NameAndVersion split_sdk(std::string_view sdk) {
  const std::size_t slash = std::min(sdk.rfind('/'), sdk.size());
  return {sdk.substr(0, slash), sdk.substr(std::min(slash + 1, sdk.size()))};
}

void write_resource(const OtlpResource& resource, std::string_view service, ProtobufWriter& out) {
  const auto [name, version] = split_sdk(resource.sdk);
  AttributeWriter attributes(out, 1);
  attributes.text("service.name", service);
  attributes.text_if_any("service.version", resource.service_version);
  attributes.text("telemetry.sdk.name", name);
  attributes.text("telemetry.sdk.version", version);
  attributes.text("telemetry.sdk.language", resource.language);
  attributes.text_if_any("at-project-key", resource.api_key);
}

void write_scope(const OtlpResource& resource, ProtobufWriter& out) {
  const auto [name, version] = split_sdk(resource.sdk);
  out.text(1, name);
  out.text(2, version);
}

}  // namespace

std::string encode_trace_request(std::span<const Exchange> exchanges,
                                 const OtlpResource& resource) {
  const std::string_view fallback =
      resource.service_name.empty() ? std::string_view("unknown_service") : resource.service_name;
  const auto service_of = [&](const Exchange& exchange) {
    return exchange.service_name.empty() ? fallback : std::string_view(exchange.service_name);
  };
  std::vector<const Exchange*> sorted;  // nearly always of one service
  for (const Exchange& exchange : exchanges) sorted.push_back(&exchange);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Exchange* a, const Exchange* b) {
    return service_of(*a) < service_of(*b);
  });
  ProtobufWriter out;
  for (std::size_t next = 0; next < sorted.size();) {
    const std::string_view service = service_of(*sorted[next]);
    out.message(1, [&] {
      out.message(1, [&] { write_resource(resource, service, out); });
      out.message(2, [&] {
        out.message(1, [&] { write_scope(resource, out); });
        for (; next < sorted.size() && service_of(*sorted[next]) == service; ++next) {
          out.message(2, [&] { write_span(*sorted[next], out); });
        }
      });
    });
  }
  return std::move(out).str();
}

}  // namespace apitoolkit::wire
