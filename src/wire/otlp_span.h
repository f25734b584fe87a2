// Inside src/wire: one span of a request, its attributes sorted into the places that an exchange is
// made of. No map and no copy: known names have a slot each, found by a perfect-enough hash.
//
//   Span{trace_id=1; span_id=2; parent_span_id=4; name=5; kind=6; fixed64 start=7, end=8;
//        attributes=9; events=11}
//   Event{fixed64 time=1; name=2; attributes=3}
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "src/wire/otlp_value.h"

namespace apitoolkit::wire {

// What attributes mean; several names may mean the same (otlp_span.cc has them).
enum class Slot : std::uint8_t {
  kMethod,
  kMethodOriginal,
  kOldMethod,
  kStatus,
  kOldStatus,
  kRoute,
  kTarget,
  kUrlPath,
  kUrlQuery,
  kUrlFull,
  kOldUrl,
  kUrlScheme,
  kUrlTemplate,
  kServerAddress,
  kServerPort,
  kOldHost,
  kOldHostName,
  kOldServerName,
  kOldHostPort,
  kOldPeerName,
  kOldPeerPort,
  kClientAddress,
  kOldClientIp,
  kPeerAddress,
  kProtocolVersion,
  kOldFlavor,
  kUserAgent,
  kQueryParams,
  kPathParams,
  kRequestBody,
  kResponseBody,
  kRequestBodySize,
  kResponseBodySize,
  kProjectKey,
  // Of our SDKs, behind "apitoolkit." or "monoscope.".
  kSdkType,
  kMsgId,
  kParentId,
  kServiceVersion,
  kErrors,
  kTags,
  kSdkVersion,
  kConsumer,
  kTtfb,
  kAborted,
  kRequestBodyTruncated,
  kResponseBodyTruncated,
  kSampleWeight,
  kRedaction,
  kCount,
};

// Used again from span to span. Views into the request.
class OtlpSpan {
 public:
  enum Kind : std::uint8_t { kUnknown = 0, kInternal = 1, kServer = 2, kClient = 3, kProducer = 4 };
  struct HeaderAttribute {
    std::string_view name;  // as the attribute has it, without its prefix
    OtlpValue value;
  };

  // False where the bytes are not a span. Of more headers than limits::kHeadersMax, and of more
  // events than limits::kErrorsMax, the first ones stay.
  bool read(std::string_view message);

  std::string_view trace_id, span_id, parent_span_id;  // as they came; bytes, not hex
  std::string_view name;
  std::uint64_t start_ns = 0, end_ns = 0;
  Kind kind = kUnknown;
  std::vector<HeaderAttribute> request_headers, response_headers;
  std::vector<std::string_view> exceptions;  // the events of that name

  bool has(Slot slot) const { return (present_ >> static_cast<unsigned>(slot) & 1) != 0; }
  // Of kind kNone where there is none.
  const OtlpValue& operator[](Slot slot) const {
    static constexpr OtlpValue kNone;
    return has(slot) ? values_[static_cast<std::size_t>(slot)] : kNone;
  }
  // The first that is there and is not an empty text.
  const OtlpValue& first(std::initializer_list<Slot> slots) const;

  // Our own SDKs' and their predecessors' spans.
  bool is_of_sdk() const;
  bool is_http() const { return is_of_sdk() || has(Slot::kMethod) || has(Slot::kOldMethod); }

 private:
  void clear();
  bool read_attribute_of_span(std::string_view message);
  bool read_event(std::string_view message);

  static_assert(static_cast<unsigned>(Slot::kCount) <= 64);
  std::uint64_t present_ = 0;
  std::array<OtlpValue, static_cast<std::size_t>(Slot::kCount)> values_;
};

// Whether an id is of its size and not all zero, which stands for none.
bool is_id(std::string_view bytes, std::size_t size);

}  // namespace apitoolkit::wire
