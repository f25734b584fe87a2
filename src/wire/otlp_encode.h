// Exchanges as OpenTelemetry spans, for receivers of OTLP. wire/README.md, "OTLP", is the mapping.
#pragma once

#include <span>
#include <string>

#include "apitoolkit/exchange.h"

namespace apitoolkit::wire {

// What is said of the sender as a whole.
struct OtlpResource {
  std::string service_name;     // of exchanges that name none; empty: "unknown_service"
  std::string service_version;  // left out where it is empty
  std::string sdk;              // "<name>/<version>"; also the instrumentation scope
  std::string language;         // as telemetry.sdk.language has it: "python", "cpp"
  std::string api_key;          // the resource attribute at-project-key; left out where it is empty
};

// A serialised opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest with one span for
// each exchange, in order within a service. Valid for any exchange. Bodies and everything else are
// sent as they are: bounds and redaction were applied when the message was made.
std::string encode_trace_request(std::span<const Exchange> exchanges, const OtlpResource& resource);

}  // namespace apitoolkit::wire
