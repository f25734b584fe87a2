// The registry of doors: one line each.
#include <memory>
#include <vector>

#include "src/server/ingest/metadata.h"
#include "src/server/ingest/otlp_grpc.h"
#include "src/server/ingest/otlp_http.h"
#include "src/server/ingest/pubsub_grpc.h"
#include "src/server/ingest/pubsub_rest.h"
#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

std::vector<std::unique_ptr<Source>> make_sources(const Context& context) {
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(make_metadata_source(context));
  const auto ids = std::make_shared<MessageIds>(context.clock);
  sources.push_back(make_pubsub_rest_source(context, ids));
  sources.push_back(make_pubsub_grpc_source(context, ids));
  sources.push_back(make_otlp_http_source(context));
  sources.push_back(make_otlp_grpc_source(context));
  return sources;
}

}  // namespace apitoolkit::server::ingest
