// Google Pub/Sub's publish call over REST, as the SDKs of the field make it:
//
//   POST /v1/projects/{project}/topics/{topic}:publish  {"messages":[{"data":"<base64>"},…]}
//     200 {"messageIds":["1",…]}  or  Google's error shape
//
// Who publishes, and what becomes of a message that cannot be read: publish.h. Errors there are
// 404, 401, 403 and 400 here.
#pragma once

#include <memory>
#include <string_view>

#include "src/server/ingest/publish.h"
#include "src/server/ingest/source.h"

namespace apitoolkit::server::ingest {

inline constexpr std::string_view kPubsubPathPrefix = "/v1/projects/";

std::unique_ptr<Source> make_pubsub_rest_source(const Context& context,
                                                std::shared_ptr<MessageIds> ids);

// The answer of a failed call in Google's shape.
net::ServerResponse google_error(int status, std::string_view message);

}  // namespace apitoolkit::server::ingest
