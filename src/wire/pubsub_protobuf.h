// The messages of google.pubsub.v1.Publisher that a server needs, over gRPC.
//
//   Topic{name=1; map<string,string> labels=2}  GetTopicRequest{topic=1}
//   PublishRequest{topic=1; repeated PubsubMessage messages=2}
//   PubsubMessage{bytes data=1; map<string,string> attributes=2; message_id=3; publish_time=4;
//   ordering_key=5} PublishResponse{repeated string message_ids=1}
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::wire {

// What field 1 of a PublishRequest, a GetTopicRequest or a Topic names: "projects/p/topics/t". A
// view into `message`; empty where there is none. kInvalidArgument where that is not protobuf.
Result<std::string_view> decode_topic_name(std::string_view message);

// As decode_publish_request (pubsub.h), in the words of the same errors.
Result<std::vector<PubsubMessage>> decode_publish_request_protobuf(std::string_view message);

std::string encode_publish_response_protobuf(std::span<const std::string> message_ids);
std::string encode_topic(std::string_view name);

}  // namespace apitoolkit::wire
