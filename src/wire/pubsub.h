// Google Pub/Sub's publish call over REST, both sides of it.
// Source: the Pub/Sub REST reference, projects.topics.publish, and the emulator's answers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::wire {

struct PubsubMessage {
  std::string data;  // decoded
  std::map<std::string, std::string> attributes;
};

// {"messages":[{"data":"<base64>"},…]}
std::string encode_publish_request(std::span<const std::string_view> messages);
// The same in pieces of about 32 KiB, or of one message, for a compressor: the whole is some
// megabytes. A piece is good until `write` returns.
void encode_publish_request(std::span<const std::string_view> messages,
                            const std::function<void(std::string_view piece)>& write);

// kInvalidArgument with Google's own words where they are known: "No messages to publish", "Some
// messages are empty", "Too many messages to publish". One bad base64 fails the whole request, as
// Google does.
Result<std::vector<PubsubMessage>> decode_publish_request(std::string_view json);

// {"messageIds":["1",…]}
std::string encode_publish_response(std::span<const std::string> message_ids);

// The ids of an answer to publish; kCorrupt for anything else, such as a proxy's page of HTML.
Result<std::vector<std::string>> decode_publish_response(std::string_view json);

// Google's error shape: {"error":{"code":404,"message":"…","status":"NOT_FOUND"}}.
std::string encode_google_error(int http_status, std::string_view message);
// What such an error says; empty where `json` is something else.
struct GoogleError {
  std::string message;
  std::string status;
};
GoogleError decode_google_error(std::string_view json);
// "NOT_FOUND" for 404 and so on, google/rpc/code.proto; "UNKNOWN" for what it does not list.
std::string_view google_status(int http_status);

// Whether an answer of this HTTP status may be retried: 408, 429, 499, 500, 502, 503, 504; 409 only
// where the body's status is ABORTED.
bool is_retryable(int http_status, std::string_view body);

}  // namespace apitoolkit::wire
