// What the environment says in OpenTelemetry's own variables
// (opentelemetry.io/docs/specs/otel/protocol/exporter), which options of the same meaning go
// before.
#pragma once

#include <string>

namespace apitoolkit::sdk {

// Empty: not set.
struct OtelEnvironment {
  std::string traces_endpoint;  // OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, the whole URL
  std::string endpoint;         // OTEL_EXPORTER_OTLP_ENDPOINT, what /v1/traces is appended to
  std::string traces_headers;   // OTEL_EXPORTER_OTLP_TRACES_HEADERS, "name=value,name=value"
  std::string headers;          // OTEL_EXPORTER_OTLP_HEADERS
  std::string service_name;     // OTEL_SERVICE_NAME
};

// Nobody may change the environment meanwhile.
OtelEnvironment read_otel_environment();

}  // namespace apitoolkit::sdk
