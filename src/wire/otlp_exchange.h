// Inside src/wire: a span of HTTP as an exchange. wire/README.md, "OTLP", is the mapping.
#pragma once

#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"
#include "src/wire/otlp_decode.h"
#include "src/wire/otlp_span.h"

namespace apitoolkit::wire {

// What a resource says about all of its spans or records.
struct OtlpResourceView {
  std::string service_name;  // empty where it is the default, "unknown_service…"
  std::string service_version;
  std::string sdk;  // "<language>/<version>" of the OpenTelemetry SDK
};

// False where the bytes are not a resource.
bool read_resource(std::string_view message, OtlpResourceView& out);

// The exchange of a span that is_http(). Never fails: what cannot be read is left out, so a method
// may be empty.
Exchange exchange_of(const OtlpSpan& span, const OtlpResourceView& resource);

std::string hex_of(std::string_view bytes);

}  // namespace apitoolkit::wire
