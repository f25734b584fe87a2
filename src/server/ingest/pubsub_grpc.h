// Google Pub/Sub's publisher over gRPC, as Google's clients call it under PUBSUB_EMULATOR_HOST:
//
//   /google.pubsub.v1.Publisher/Publish      one message id for each message
//   /google.pubsub.v1.Publisher/GetTopic     the topic, if it is one
//   /google.pubsub.v1.Publisher/CreateTopic  so too: topics are made with their API keys
//
// Everything else of Pub/Sub is UNIMPLEMENTED. Who publishes, and what becomes of a message that
// cannot be read: publish.h; the errors there have the same names here. The metadata
// `authorization` is the header.
#pragma once

#include <memory>

#include "src/server/ingest/publish.h"
#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

std::unique_ptr<Source> make_pubsub_grpc_source(const Context& context,
                                                std::shared_ptr<MessageIds> ids);

}  // namespace apitoolkit::server::ingest
