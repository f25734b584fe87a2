// OTLP over HTTP (opentelemetry.io/docs/specs/otlp/#otlphttp): POST /v1/traces, /v1/logs and
// /v1/metrics, in protobuf or JSON, gzip or not, answered in the same form.
//
//   taken                  200  Export…ServiceResponse, with a partial_success for what was not
//   not to be read         400  google.rpc.Status, as all that follow
//   no key, or a bad one   401
//   larger than 64 MiB     413  before or after inflating
//   another Content-Type   415  in JSON
//   queue full, too fast   429  with Retry-After
//   read-only              503  with Retry-After
//
// Who sends is known, in this order, by the resource attributes at-project-key and x-api-key, the
// headers Authorization (Bearer) and x-api-key, and the attribute at-project-key of a span.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

inline constexpr std::array<std::string_view, 3> kOtlpPaths = {"/v1/traces", "/v1/logs",
                                                               "/v1/metrics"};
bool is_otlp_path(std::string_view path);

std::unique_ptr<Source> make_otlp_http_source(const Context& context);

// The answer to a request of such a path that failed, in the form that its Content-Type asks for.
net::ServerResponse otlp_error(int status, std::string_view content_type, std::string_view message);

}  // namespace apitoolkit::server::ingest
