#include "src/server/query/fields.h"

#include <algorithm>
#include <array>

namespace apitoolkit::server::query {
namespace {

using enum FieldId;
using T = ValueType;

constexpr bool kNarrow = true;
constexpr bool kWide = false;

constexpr std::array<FieldInfo, kFieldCount> kFields{{
    {kTimestamp, "timestamp", T::kTime, Nesting::kNone, kNarrow, "When the request began."},
    {kReceivedAt, "received_at", T::kTime, Nesting::kNone, kNarrow,
     "When this server received it."},
    {kTimestampCorrected, "timestamp_corrected", T::kBool, Nesting::kNone, kNarrow,
     "Whether the sender's timestamp was unusable and is the time of receipt."},
    {kMsgId, "msg_id", T::kText, Nesting::kNone, kWide, "The exchange's id, a UUID."},
    {kParentId, "parent_id", T::kText, Nesting::kNone, kWide,
     "The id of the incoming exchange that this outgoing one belongs to."},
    {kRequestType, "request_type", T::kText, Nesting::kNone, kNarrow, "incoming or outgoing."},
    {kMethod, "method", T::kText, Nesting::kNone, kNarrow, "The request's method, as sent."},
    {kHost, "host", T::kText, Nesting::kNone, kNarrow,
     "The host, with its port where it was given."},
    {kUrlPath, "url_path", T::kText, Nesting::kNone, kNarrow,
     "The route's template; the path where none matched."},
    {kRawUrl, "raw_url", T::kText, Nesting::kNone, kWide, "Path and query as received."},
    {kReferer, "referer", T::kText, Nesting::kNone, kWide, "The Referer header."},
    {kStatusCode, "status_code", T::kInteger, Nesting::kNone, kNarrow,
     "The response's status; null where there was no response."},
    {kDuration, "duration", T::kDuration, Nesting::kNone, kNarrow,
     "From the request's first byte to the response's last."},
    {kTtfb, "ttfb", T::kDuration, Nesting::kNone, kNarrow,
     "From the request's first byte to the response's first."},
    {kRequestSize, "request_size", T::kInteger, Nesting::kNone, kNarrow,
     "Bytes of the request's body."},
    {kResponseSize, "response_size", T::kInteger, Nesting::kNone, kNarrow,
     "Bytes of the response's body."},
    {kRequestBodyTruncated, "request_body_truncated", T::kBool, Nesting::kNone, kNarrow,
     "Whether only the beginning of the request's body was captured."},
    {kResponseBodyTruncated, "response_body_truncated", T::kBool, Nesting::kNone, kNarrow,
     "Whether only the beginning of the response's body was captured."},
    {kAborted, "aborted", T::kBool, Nesting::kNone, kNarrow,
     "Whether the client went away before the response's end."},
    {kSampleWeight, "sample_weight", T::kDouble, Nesting::kNone, kNarrow,
     "How many exchanges this one stands for."},
    {kProtoMajor, "proto_major", T::kInteger, Nesting::kNone, kWide, "HTTP's major version."},
    {kProtoMinor, "proto_minor", T::kInteger, Nesting::kNone, kWide, "HTTP's minor version."},
    {kClientIp, "client_ip", T::kText, Nesting::kNone, kWide, "The client's address."},
    {kConsumer, "consumer", T::kText, Nesting::kNone, kNarrow,
     "Who called, as the application names them."},
    {kService, "service", T::kText, Nesting::kNone, kNarrow, "The application's name."},
    {kServiceVersion, "service_version", T::kText, Nesting::kNone, kNarrow,
     "The application's version."},
    {kSdkType, "sdk_type", T::kText, Nesting::kNone, kNarrow, "Who recorded it: PythonFlask."},
    {kSdkVersion, "sdk_version", T::kText, Nesting::kNone, kWide,
     "The version of who recorded it."},
    {kTags, "tags", T::kList, Nesting::kList, kWide, "The application's tags, a list of texts."},
    {kTraceId, "trace_id", T::kText, Nesting::kNone, kWide, "W3C trace context, lower-case hex."},
    {kSpanId, "span_id", T::kText, Nesting::kNone, kWide, "W3C trace context, lower-case hex."},
    {kParentSpanId, "parent_span_id", T::kText, Nesting::kNone, kWide,
     "W3C trace context, lower-case hex."},
    {kErrors, "errors", T::kList, Nesting::kErrors, kWide,
     "Errors that were raised or reported: errors[*].error_type, .message, .root_error_type, "
     ".root_error_message, .stack_trace, .when, and what else the sender had."},
    {kRequestHeaders, "request_headers", T::kJson, Nesting::kHeaders, kWide,
     "The request's headers; names in any case."},
    {kResponseHeaders, "response_headers", T::kJson, Nesting::kHeaders, kWide,
     "The response's headers; names in any case."},
    {kQueryParams, "query_params", T::kJson, Nesting::kParams, kWide, "Parameters of the query."},
    {kPathParams, "path_params", T::kJson, Nesting::kParams, kWide, "Parameters of the route."},
    {kRequestBody, "request_body", T::kNull, Nesting::kBody, kWide,
     "The request's body: a text, or what its JSON holds."},
    {kResponseBody, "response_body", T::kNull, Nesting::kBody, kWide,
     "The response's body: a text, or what its JSON holds."},
    {kRedaction, "redaction", T::kList, Nesting::kList, kWide,
     "Reasons for which parts were masked whole, a list of texts."},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (kFields[i].id != static_cast<FieldId>(i)) return false;
  }
  return true;
}
static_assert(is_in_order());

constexpr std::array kDefaultFields{kTimestamp,    kMsgId,    kRequestType, kMethod,   kHost,
                                    kUrlPath,      kRawUrl,   kStatusCode,  kDuration, kRequestSize,
                                    kResponseSize, kConsumer, kService};

}  // namespace

std::span<const FieldInfo> fields() {
  return kFields;
}

const FieldInfo& field_info(FieldId id) {
  return kFields[static_cast<std::size_t>(id)];
}

std::optional<FieldId> find_field(std::string_view name) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [name](const FieldInfo& info) { return info.name == name; });
  if (found == kFields.end()) return std::nullopt;
  return found->id;
}

std::span<const FieldId> default_fields() {
  return kDefaultFields;
}

}  // namespace apitoolkit::server::query
