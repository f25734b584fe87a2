// The catalogue of an exchange's fields, as the query language names them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "src/server/query/value.h"

namespace apitoolkit::server::query {

// In the order of the catalogue.
enum class FieldId : std::uint8_t {
  kTimestamp,
  kReceivedAt,
  kTimestampCorrected,
  kMsgId,
  kParentId,
  kRequestType,
  kMethod,
  kHost,
  kUrlPath,
  kRawUrl,
  kReferer,
  kStatusCode,
  kDuration,
  kTtfb,
  kRequestSize,
  kResponseSize,
  kRequestBodyTruncated,
  kResponseBodyTruncated,
  kAborted,
  kSampleWeight,
  kProtoMajor,
  kProtoMinor,
  kClientIp,
  kConsumer,
  kService,
  kServiceVersion,
  kSdkType,
  kSdkVersion,
  kTags,
  kTraceId,
  kSpanId,
  kParentSpanId,
  kErrors,
  kRequestHeaders,
  kResponseHeaders,
  kQueryParams,
  kPathParams,
  kRequestBody,
  kResponseBody,
  kRedaction,
};
inline constexpr int kFieldCount = static_cast<int>(FieldId::kRedaction) + 1;

// Whether, and how, a path may lead on from the field.
enum class Nesting : std::uint8_t {
  kNone,
  kList,     // of texts: tags[0], tags[*]
  kErrors,   // a list of objects
  kHeaders,  // names without regard to case; a value, or several
  kParams,   // names; a value, or several, which may be JSON
  kBody,     // JSON, if it is that
};

struct FieldInfo {
  FieldId id;
  std::string_view name;
  // Of the field itself: kNull where it depends on what was sent. Any field may be null: an empty
  // text, a size that is not known, a status code of 0.
  ValueType type;
  Nesting nesting;
  // One short scalar, worth a column: a store may answer from it without reading the exchange.
  bool narrow;
  std::string_view description;  // one sentence, for the reference page and the REST interface
};

std::span<const FieldInfo> fields();
const FieldInfo& field_info(FieldId id);
std::optional<FieldId> find_field(std::string_view name);

// The fields of an exchange that a query without `project`, `summarize` or `distinct` answers with.
std::span<const FieldId> default_fields();

}  // namespace apitoolkit::server::query
