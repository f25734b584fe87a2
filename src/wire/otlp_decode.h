// Export requests of OTLP 1.x (opentelemetry-proto, collector/*/v1), read as a receiver.
//
//   Export{Trace,Logs,Metrics}ServiceRequest{Resource{Spans,Logs,Metrics} groups=1}
//   group{Resource resource=1; Scope{Spans,Logs,Metrics} scopes=2}
//   Resource{KeyValue attributes=1}  scope{entries=2}   ; an entry: a Span, a LogRecord, a Metric
//   KeyValue{key=1; AnyValue value=2}
//   AnyValue oneof{string=1; bool=2; int64=3; double=4; ArrayValue{AnyValue values=1}=5;
//                  KeyValueList{KeyValue values=1}=6; bytes=7}
//
// Everything works on the protobuf form; a request in JSON is put into that form first. Which
// attributes become which members of an exchange is wire/README.md, "OTLP".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"

namespace apitoolkit::wire {

enum class OtlpSignal : std::uint8_t { kTraces, kLogs, kMetrics };

// The request in protobuf form. Names are lowerCamelCase or as in the .proto files, ids
// hexadecimal, other bytes base64, 64-bit integers numbers or strings, enums numbers or names;
// unknown members are ignored, null is absent. Values nest as deep as limits::kOtlpValueLevelsMax.
// kCorrupt names the place: `resourceSpans[0].scopeSpans[1].spans[7].traceId: expected hexadecimal
// digits`.
Result<std::string> otlp_json_to_protobuf(OtlpSignal signal, std::string_view json);

// What protocols say about the sender, in the order in which it counts (wire.md C): the metadata of
// gRPC before what a resource says of itself, HTTP's headers after it, a span's own attribute last.
struct OtlpKeys {
  std::string_view before_resource{};
  std::string_view after_resource{};
};

// What one API key sends: a whole group, or those of its spans that name the key. Views into the
// request, and into the keys given.
struct OtlpPart {
  std::string_view group;
  std::string_view key;     // empty where nobody gave one
  std::size_t entries = 0;  // spans, log records or data points
  bool is_key_of_span = false;
};

// In the request's order. kCorrupt where the request, down to the resources' attributes and the
// bounds of the entries, is not protobuf.
Result<std::vector<OtlpPart>> split_request(OtlpSignal signal, std::string_view request,
                                            const OtlpKeys& keys);

// The sdk_type of exchanges whose spans are of no SDK of ours.
inline constexpr std::string_view kOpenTelemetry = "OpenTelemetry";
inline constexpr std::string_view kOpenTelemetryOutgoing = "OpenTelemetryOutgoing";

struct OtlpTraces {
  std::vector<Exchange> exchanges;  // in the request's order
  std::size_t other_spans = 0;      // that are not HTTP
  std::size_t twin_spans = 0;       // that describe a request of which the SDK's span is kept
  std::size_t unusable_spans = 0;   // SDK's spans that name no method
};

// The exchanges of these parts, which are of one key; the keys themselves are left out. Of an SDK's
// span, and of any span of HTTP, as wire/README.md says. Without a msg_id, an exchange's id is made
// of its trace's and its span's, so that a retry has the same one.
//
// An automatic instrumentation's SERVER span is dropped where the parts hold an SDK's span of the
// same request: one of the same trace and service that is its parent or child, or that has the same
// method and path and a time in common. A call without a parent_id gets that of the served request
// in whose span, at whatever depth, it was made, if the parts hold it.
//
// Lists hold at most one element more than the bound that limits.h sets to them, by which whoever
// keeps to it sees that there were more.
//
// kCorrupt for bytes that are not protobuf, kInvalidArgument where the exchanges would take more
// than limits::kOtlpDecodedBytesMax.
Result<OtlpTraces> decode_traces(std::span<const OtlpPart> parts);

// A log record that belongs to a trace.
struct OtlpLog {
  std::string trace_id;         // lower-case hex, never empty
  std::string span_id;          // "" if there is none
  std::int64_t time_ns = 0;     // Unix time; when it was observed where it does not say when
  int severity = 0;             // SeverityNumber, 1 to 24; 0 unknown
  std::string body;             // text, or the JSON of another value
  std::string attributes_json;  // an object's text: its own, severity_text, and service.name
};

struct OtlpLogs {
  std::vector<OtlpLog> logs;
  std::size_t without_trace = 0;
};

// Errors as decode_traces.
Result<OtlpLogs> decode_logs(std::span<const OtlpPart> parts);

// The response's message: Export…ServiceResponse{partial_success=1{int64 rejected=1;
// error_message=2}}, empty where nothing was rejected and there is nothing to say.
struct PartialSuccess {
  std::int64_t rejected = 0;
  std::string message{};
};
std::string encode_export_response(const PartialSuccess& partial);
std::string encode_export_response_json(OtlpSignal signal, const PartialSuccess& partial);

}  // namespace apitoolkit::wire
