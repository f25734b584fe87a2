#include "src/sdk/deliver/otel_environment.h"

#include <cstdlib>

namespace apitoolkit::sdk {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

OtelEnvironment read_otel_environment() {
  return {variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
          variable("OTEL_EXPORTER_OTLP_TRACES_HEADERS"), variable("OTEL_EXPORTER_OTLP_HEADERS"),
          variable("OTEL_SERVICE_NAME")};
}

}  // namespace apitoolkit::sdk
