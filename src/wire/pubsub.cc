#include "src/wire/pubsub.h"

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/json/writer.h"

namespace apitoolkit::wire {
namespace {

using json::Document;
using json::Type;

tl::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

std::string place(std::uint32_t index, std::string_view member) {
  return "messages[" + std::to_string(index) + "]." + std::string(member);
}

// Absent and null are the same in protobuf's JSON form.
std::optional<std::uint32_t> present_member(const Document& document, std::uint32_t object,
                                            std::string_view name) {
  auto node = document.member(object, name);
  if (node && document[*node].type == Type::kNull) node.reset();
  return node;
}

Status read_attributes(const Document& document, std::uint32_t object, std::uint32_t index,
                       std::map<std::string, std::string>& out) {
  if (document[object].type != Type::kObject) {
    return refuse(place(index, "attributes") + ": expected an object of strings");
  }
  if (document[object].count > limits::kPublishAttributesMax) {
    return refuse(place(index, "attributes") + ": expected at most " +
                  std::to_string(limits::kPublishAttributesMax));
  }
  std::uint32_t node = object + 1;
  for (std::uint32_t i = 0; i < document[object].count; ++i) {
    const std::uint32_t value = document[node].next;
    if (document[value].type != Type::kString) {
      return refuse(place(index, "attributes") + ": expected an object of strings");
    }
    out[document.text(node)] = document.text(value);
    node = document[value].next;
  }
  return {};
}

Result<PubsubMessage> read_message(const Document& document, std::uint32_t object,
                                   std::uint32_t index) {
  if (document[object].type != Type::kObject) {
    return refuse("messages[" + std::to_string(index) + "]: expected an object");
  }
  PubsubMessage message;
  if (const auto data = present_member(document, object, "data")) {
    const json::Node& node = document[*data];
    const std::string_view raw = document.raw(*data);
    std::optional<std::string> bytes;
    if (node.type == Type::kString) {
      bytes = node.escaped ? base::base64_decode(document.text(*data))
                           : base::base64_decode(raw.substr(1, raw.size() - 2));
    }
    if (!bytes) return refuse(place(index, "data") + ": expected base64 text");
    message.data = std::move(*bytes);
  }
  if (const auto attributes = present_member(document, object, "attributes")) {
    if (auto read = read_attributes(document, *attributes, index, message.attributes); !read) {
      return tl::unexpected(read.error());
    }
  }
  if (message.data.empty() && message.attributes.empty()) {
    return refuse("Some messages are empty");
  }
  return message;
}

}  // namespace

void encode_publish_request(std::span<const std::string_view> messages,
                            const std::function<void(std::string_view piece)>& write) {
  constexpr std::size_t kPieceBytes = 32 << 10;
  std::string piece = R"({"messages":[)";
  for (const std::string_view& message : messages) {
    piece += &message == messages.data() ? R"({"data":")" : R"(,{"data":")";
    base::base64_append(message, piece);
    piece += R"("})";
    if (piece.size() < kPieceBytes) continue;
    write(piece);
    piece.clear();
  }
  piece += "]}";
  write(piece);
}

std::string encode_publish_request(std::span<const std::string_view> messages) {
  std::string request;
  encode_publish_request(messages, [&](std::string_view piece) { request += piece; });
  return request;
}

Result<std::vector<PubsubMessage>> decode_publish_request(std::string_view json) {
  const auto document = Document::parse(json);
  if (!document) return refuse("Invalid JSON payload received: " + document.error().message);
  if ((*document)[0].type != Type::kObject) {
    return refuse("Invalid JSON payload received: expected an object");
  }
  const auto list = present_member(*document, 0, "messages");
  if (list && (*document)[*list].type != Type::kArray) {
    return refuse("messages: expected a list");
  }
  const std::uint32_t count = list ? (*document)[*list].count : 0;
  if (count == 0) return refuse("No messages to publish");
  if (count > limits::kPublishMessagesMax) return refuse("Too many messages to publish");
  std::vector<PubsubMessage> messages;
  messages.reserve(count);
  std::uint32_t node = *list + 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto message = read_message(*document, node, i);
    if (!message) return tl::unexpected(message.error());
    messages.push_back(std::move(*message));
    node = (*document)[node].next;
  }
  return messages;
}

std::string encode_publish_response(std::span<const std::string> message_ids) {
  json::Writer writer;
  writer.begin_object().key("messageIds").begin_array();
  for (const std::string& id : message_ids) writer.value(id);
  writer.end_array().end_object();
  return std::move(writer).str();
}

Result<std::vector<std::string>> decode_publish_response(std::string_view json) {
  const auto document = Document::parse(json);
  const auto list = document && (*document)[0].type == Type::kObject
                        ? document->member(0, "messageIds")
                        : std::nullopt;
  if (!list || (*document)[*list].type != Type::kArray) {
    return fail(ErrorCode::kCorrupt, "messageIds: expected a list");
  }
  std::vector<std::string> ids;
  std::uint32_t node = *list + 1;
  for (std::uint32_t i = 0; i < (*document)[*list].count; ++i) {
    if ((*document)[node].type != Type::kString) {
      return fail(ErrorCode::kCorrupt, "messageIds: expected a list of strings");
    }
    ids.push_back(document->text(node));
    node = (*document)[node].next;
  }
  return ids;
}

std::string encode_google_error(int http_status, std::string_view message) {
  json::Writer writer;
  writer.begin_object().key("error").begin_object();
  writer.key("code").value(http_status);
  writer.key("message").value(message);
  writer.key("status").value(google_status(http_status));
  writer.end_object().end_object();
  return std::move(writer).str();
}

GoogleError decode_google_error(std::string_view json) {
  const auto document = Document::parse(json);
  if (!document || (*document)[0].type != Type::kObject) return {};
  const auto error = document->member(0, "error");
  if (!error || (*document)[*error].type != Type::kObject) return {};
  const auto text = [&](std::string_view name) {
    const auto node = document->member(*error, name);
    if (!node || (*document)[*node].type != Type::kString) return std::string();
    return document->text(*node);
  };
  return {text("message"), text("status")};
}

std::string_view google_status(int http_status) {
  switch (http_status) {
    case 400:
      return "INVALID_ARGUMENT";
    case 401:
      return "UNAUTHENTICATED";
    case 403:
      return "PERMISSION_DENIED";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "ALREADY_EXISTS";
    case 429:
      return "RESOURCE_EXHAUSTED";
    case 499:
      return "CANCELLED";
    case 500:
      return "INTERNAL";
    case 501:
      return "UNIMPLEMENTED";
    case 503:
      return "UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return "UNKNOWN";
  }
}

bool is_retryable(int http_status, std::string_view body) {
  switch (http_status) {
    case 408:
    case 429:
    case 499:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    case 409:
      return decode_google_error(body).status == "ABORTED";
    default:
      return false;
  }
}

}  // namespace apitoolkit::wire
