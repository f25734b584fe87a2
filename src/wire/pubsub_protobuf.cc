#include "src/wire/pubsub_protobuf.h"

#include <utility>

#include "src/base/limits.h"
#include "src/wire/protobuf_reader.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

std::string place(std::size_t index) {
  return "messages[" + std::to_string(index) + "]";
}

// A map's entry: {key=1; value=2}. False where it is not one.
bool read_attribute(std::string_view entry, std::map<std::string, std::string>& out) {
  std::string_view key;
  std::string_view value;
  ProtobufReader reader(entry);
  while (reader.next()) {
    if (reader.number() == 1) key = reader.bytes();
    if (reader.number() == 2) value = reader.bytes();
  }
  out[std::string(key)] = value;
  return !reader.failed();
}

Result<PubsubMessage> read_message(std::string_view bytes, std::size_t index) {
  PubsubMessage message;
  ProtobufReader reader(bytes);
  while (reader.next()) {
    if (reader.number() == 1 && reader.is_bytes()) message.data = reader.bytes();
    if (reader.number() != 2 || !reader.is_bytes()) continue;
    if (!read_attribute(reader.bytes(), message.attributes)) {
      return refuse(place(index) + ".attributes: expected protobuf");
    }
    if (message.attributes.size() > limits::kPublishAttributesMax) {
      return refuse(place(index) + ".attributes: expected at most " +
                    std::to_string(limits::kPublishAttributesMax));
    }
  }
  if (reader.failed()) return refuse(place(index) + ": expected protobuf");
  if (message.data.empty() && message.attributes.empty()) return refuse("Some messages are empty");
  return message;
}

}  // namespace

Result<std::string_view> decode_topic_name(std::string_view message) {
  std::string_view name;
  ProtobufReader reader(message);
  while (reader.next()) {
    if (reader.number() == 1) name = reader.bytes();
  }
  if (reader.failed()) return refuse("the request is not protobuf");
  return name;
}

Result<std::vector<PubsubMessage>> decode_publish_request_protobuf(std::string_view message) {
  std::vector<PubsubMessage> messages;
  ProtobufReader reader(message);
  while (reader.next()) {
    if (reader.number() != 2 || !reader.is_bytes()) continue;
    if (messages.size() == limits::kPublishMessagesMax)
      return refuse("Too many messages to publish");
    auto one = read_message(reader.bytes(), messages.size());
    if (!one) return tl::unexpected(one.error());
    messages.push_back(std::move(*one));
  }
  if (reader.failed()) return refuse("the request is not protobuf");
  if (messages.empty()) return refuse("No messages to publish");
  return messages;
}

std::string encode_publish_response_protobuf(std::span<const std::string> message_ids) {
  ProtobufWriter writer;
  for (const std::string& id : message_ids) writer.text(1, id);
  return std::move(writer).str();
}

std::string encode_topic(std::string_view name) {
  ProtobufWriter writer;
  writer.text(1, name);
  return std::move(writer).str();
}

}  // namespace apitoolkit::wire
