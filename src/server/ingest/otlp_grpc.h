// OTLP over gRPC: Export of TraceService, LogsService and MetricsService, protobuf only. What it
// has in common with OTLP over HTTP, errors and keys included: otlp_delivery.h. The API key is in
// the metadata, `authorization` (with or without "Bearer") or `x-api-key`, and counts before what a
// resource says of itself.
#pragma once

#include <memory>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

std::unique_ptr<Source> make_otlp_grpc_source(const Context& context);

}  // namespace apitoolkit::server::ingest
