// Where spans are sent, and what is said there of the sender.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/config.h"
#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/sdk/deliver/otel_environment.h"

namespace apitoolkit::sdk {

struct OtlpTarget {
  std::string url;              // of /v1/traces
  std::string_view url_source;  // the option or variable that it is from, for error messages
  std::vector<Header> headers;  // of the configuration, decoded
};

// The URL is, in this order: otlp_endpoint and OTEL_EXPORTER_OTLP_ENDPOINT with /v1/traces appended
// (where they do not end in it), between them OTEL_EXPORTER_OTLP_TRACES_ENDPOINT as it is; then
// root_url where that is not the hosted service; then http://localhost:4318, where a collector
// listens. It is not checked here.
//
// The headers are otlp_headers, else those of the variables, the one for traces first:
//
//   headers = header *( "," header )                     ; of a variable
//   header  = token "=" value                            ; value: percent-encoded
//
// kInvalidArgument names the option and the index, or the variable, and never repeats a value.
Result<OtlpTarget> find_otlp_target(const Config& config, const OtelEnvironment& otel);

}  // namespace apitoolkit::sdk
