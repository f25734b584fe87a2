// Google Pub/Sub's publish call over REST, as the SDKs of the field make it:
//
//   POST /v1/projects/{project}/topics/{topic}:publish  {"messages":[{"data":"<base64>"},…]}
//     200 {"messageIds":["1",…]}  or  Google's error shape
//
// Who publishes is known by the topic, which is unguessable and belongs to one API key:
//   topic unknown, or of another project   404
//   its key revoked                        401, with or without a token
//   Authorization: Bearer <JWT>            signed with the project's key, in time, for Pub/Sub or
//   for
//                                          this server; anything else 401
//   Authorization: Bearer <API key>        the key that the topic belongs to; another one 401
//   no Authorization                       the topic is the credential: under PUBSUB_EMULATOR_HOST
//                                          Google's clients send none
//
// A message that cannot be read makes the answer 400, and says which one and why; the others of the
// batch are stored all the same, and it is kept as a dead letter. A publisher that sends the batch
// again does no harm: what is stored already is dropped as a duplicate.
#pragma once

#include <memory>
#include <string_view>

#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

inline constexpr std::string_view kPubsubPathPrefix = "/v1/projects/";

std::unique_ptr<Source> make_pubsub_rest_source(const Context& context);

// The answer of a failed call in Google's shape.
net::ServerResponse google_error(int status, std::string_view message);

}  // namespace apitoolkit::server::ingest
