// Inside src/wire: how the spans of one request belong together.
//
// The same request is often told twice: by an SDK of ours, which knows its bodies, and by an
// automatic instrumentation's SERVER span. They are twins, of one service and one trace, where
//   - the SERVER span is an ancestor of the SDK's (it is current while the application runs), or
//     the SDK's is its ancestor, with no CLIENT or PRODUCER span between them; or
//   - both have the same parent, the caller's span, and the same method and path.
// The SDK's stays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/wire/otlp_span.h"

namespace apitoolkit::wire {

// What is remembered of a span, HTTP or not. A view of the request, but for the service.
struct SpanRelation {
  SpanRelation(const OtlpSpan& span, std::int32_t exchange_index, const std::string& its_service);

  std::string_view trace_id, span_id, parent_span_id;
  std::int32_t exchange = -1;  // its index; -1 where the span became none
  std::uint32_t service = 0;   // a hash of its name
  OtlpSpan::Kind kind = OtlpSpan::kUnknown;
  bool is_of_sdk = false;
};

// Removes the twins, whose number is returned, and gives each call that names no parent that of the
// nearest served request among its span's ancestors.
std::size_t relate(const std::vector<SpanRelation>& spans, std::vector<Exchange>& exchanges);

}  // namespace apitoolkit::wire
