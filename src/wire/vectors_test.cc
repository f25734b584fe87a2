// Holds the codecs to the golden vectors in wire/vectors (their README says what each member is).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "src/json/document.h"
#include "src/wire/jwt.h"
#include "src/wire/message.h"
#include "src/wire/metadata.h"
#include "src/wire/pubsub.h"
#include "src/wire/vector_exchange.h"

namespace apitoolkit::wire {
namespace {

using json::Document;
using testing::StartsWith;

const std::string kVectors = APITOOLKIT_SOURCE_DIR "/wire/vectors/";

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// A vector file and its JSON, which points into the text.
struct Vector {
  explicit Vector(const std::string& path) : text(read_file(path)) {
    const Status parsed = document.reparse(text);
    EXPECT_TRUE(parsed) << path << ": " << parsed.error().message;
  }
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;

  std::uint32_t at(std::uint32_t object, std::string_view name) const {
    const auto node = document.member(object, name);
    EXPECT_TRUE(node) << name;
    return node.value_or(0);
  }
  std::string text_at(std::uint32_t object, std::string_view name) const {
    return document.text(at(object, name));
  }
  std::vector<std::uint32_t> elements(std::uint32_t array) const {
    std::vector<std::uint32_t> nodes;
    std::uint32_t node = array + 1;
    for (std::uint32_t i = 0; i < document[array].count; ++i) {
      nodes.push_back(node);
      node = document[node].next;
    }
    return nodes;
  }
  std::vector<std::string> texts(std::uint32_t array) const {
    std::vector<std::string> values;
    for (const std::uint32_t node : elements(array)) values.push_back(document.text(node));
    return values;
  }

  std::string text;
  Document document;
};

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kVectors + folder)) {
    paths.push_back(entry.path().string());
  }
  EXPECT_FALSE(paths.empty());
  return paths;
}

TEST(Vectors, EveryMessageIsReadAsExpected) {
  for (const std::string& path : files_of("messages")) {
    SCOPED_TRACE(path);
    const Vector vector(path);
    const auto object = vector.document.member(0, "message");
    const std::string message =
        object ? std::string(vector.document.raw(*object)) : vector.text_at(0, "message_text");
    const auto exchange = decode_message(message);
    if (const auto error = vector.document.member(0, "error")) {
      ASSERT_FALSE(exchange);
      EXPECT_EQ(exchange.error().code, ErrorCode::kCorrupt);
      EXPECT_THAT(exchange.error().message, StartsWith(vector.document.text(*error)));
      continue;
    }
    ASSERT_TRUE(exchange) << exchange.error().message;
    const auto expected = from_description(vector.document, vector.at(0, "expect"));
    ASSERT_TRUE(expected) << expected.error().message;
    EXPECT_EQ(describe(*exchange), describe(*expected));
  }
}

TEST(Vectors, WhatWasReadIsWrittenAndReadAgainWithoutLoss) {
  for (const std::string& path : files_of("messages")) {
    SCOPED_TRACE(path);
    const Vector vector(path);
    const auto expect = vector.document.member(0, "expect");
    if (!expect) continue;
    auto exchange = from_description(vector.document, *expect);
    ASSERT_TRUE(exchange);
    const auto again = decode_message(encode_message(*exchange));
    ASSERT_TRUE(again) << again.error().message;
    // What the sender leaves out is filled in, and time is written in microseconds.
    if (exchange->url_path.empty()) exchange->url_path = again->url_path;
    if (exchange->query_params.empty()) exchange->query_params = again->query_params;
    exchange->start_ns -= exchange->start_ns % 1000;
    EXPECT_EQ(describe(*again), describe(*exchange));
  }
}

TEST(Vectors, EveryExchangeIsWrittenToTheByte) {
  for (const std::string& path : files_of("encoded")) {
    SCOPED_TRACE(path);
    const Vector vector(path);
    const auto exchange = from_description(vector.document, vector.at(0, "exchange"));
    ASSERT_TRUE(exchange) << exchange.error().message;
    EXPECT_EQ(encode_message(*exchange), vector.text_at(0, "message_text"));
  }
}

TEST(Vectors, EveryIdentityIsTheHashOfTheCanonicalText) {
  const Vector vector(kVectors + "identity.json");
  for (const std::uint32_t row : vector.elements(vector.at(0, "messages"))) {
    SCOPED_TRACE(vector.text_at(row, "name"));
    const auto exchange = decode_message(vector.document.raw(vector.at(row, "message")));
    ASSERT_TRUE(exchange);
    std::string hex;
    for (const std::uint8_t byte : identity(*exchange)) {
      constexpr char kDigits[] = "0123456789abcdef";
      hex += kDigits[byte >> 4];
      hex += kDigits[byte & 15];
    }
    EXPECT_EQ(hex, vector.text_at(row, "identity"));
  }
}

TEST(Vectors, PublishRequestsAreWrittenToTheByte) {
  const Vector vector(kVectors + "publish.json");
  for (const std::uint32_t row : vector.elements(vector.at(0, "requests"))) {
    const std::vector<std::string> messages = vector.texts(vector.at(row, "messages"));
    const std::vector<std::string_view> views(messages.begin(), messages.end());
    EXPECT_EQ(encode_publish_request(views), vector.text_at(row, "body"));
  }
}

TEST(Vectors, PublishRequestsAreReadOrRefused) {
  const Vector vector(kVectors + "publish.json");
  for (const std::uint32_t row : vector.elements(vector.at(0, "accepted"))) {
    SCOPED_TRACE(vector.text_at(row, "name"));
    const auto messages = decode_publish_request(vector.text_at(row, "body"));
    ASSERT_TRUE(messages) << messages.error().message;
    const auto expected = vector.elements(vector.at(row, "expect"));
    ASSERT_EQ(messages->size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ((*messages)[i].data, vector.text_at(expected[i], "data"));
      std::map<std::string, std::string> attributes;
      const std::uint32_t object = vector.at(expected[i], "attributes");
      const auto& document = vector.document;
      for (std::uint32_t k = 0, name = object + 1; k < document[object].count; ++k) {
        attributes[document.text(name)] = document.text(document[name].next);
        name = document[document[name].next].next;
      }
      EXPECT_EQ((*messages)[i].attributes, attributes);
    }
  }
  for (const std::uint32_t row : vector.elements(vector.at(0, "refused"))) {
    SCOPED_TRACE(vector.text_at(row, "name"));
    const auto messages = decode_publish_request(vector.text_at(row, "body"));
    ASSERT_FALSE(messages);
    EXPECT_EQ(messages.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(messages.error().message, StartsWith(vector.text_at(row, "message")));
  }
}

TEST(Vectors, PublishAnswersAreWrittenAndRead) {
  const Vector vector(kVectors + "publish.json");
  for (const std::uint32_t row : vector.elements(vector.at(0, "answers"))) {
    const auto ids = vector.texts(vector.at(row, "message_ids"));
    EXPECT_EQ(encode_publish_response(ids), vector.text_at(row, "body"));
    EXPECT_EQ(decode_publish_response(vector.text_at(row, "body")), ids);
  }
  for (const std::uint32_t row : vector.elements(vector.at(0, "errors"))) {
    const auto status =
        json::to_int64(vector.document.raw(vector.at(row, "http_status"))).value_or(0);
    const std::string body = vector.text_at(row, "body");
    const std::string message = vector.text_at(row, "message");
    EXPECT_EQ(encode_google_error(static_cast<int>(status), message), body);
    EXPECT_EQ(decode_google_error(body).message, message);
    EXPECT_EQ(decode_google_error(body).status, google_status(static_cast<int>(status)));
  }
}

void expect_metadata(const Vector& vector, std::uint32_t expect, const ClientMetadata& metadata) {
  EXPECT_EQ(metadata.project_id, vector.text_at(expect, "project_id"));
  EXPECT_EQ(metadata.topic_id, vector.text_at(expect, "topic_id"));
  EXPECT_EQ(metadata.pubsub_project_id, vector.text_at(expect, "pubsub_project_id"));
  const std::uint32_t account = vector.at(expect, "service_account");
  EXPECT_EQ(metadata.service_account.project_id, vector.text_at(account, "project_id"));
  EXPECT_EQ(metadata.service_account.private_key_id, vector.text_at(account, "private_key_id"));
  EXPECT_EQ(metadata.service_account.private_key, vector.text_at(account, "private_key"));
  EXPECT_EQ(metadata.service_account.client_email, vector.text_at(account, "client_email"));
  const std::uint32_t extension = vector.at(expect, "extension");
  ASSERT_EQ(metadata.extension.has_value(), vector.document[extension].type == json::Type::kObject);
  if (!metadata.extension) return;
  const MetadataExtension& ours = *metadata.extension;
  EXPECT_EQ(ours.pubsub_endpoint, vector.text_at(extension, "pubsub_endpoint"));
  EXPECT_EQ(ours.redact_headers, vector.texts(vector.at(extension, "redact_headers")));
  EXPECT_EQ(ours.redact_request_body, vector.texts(vector.at(extension, "redact_request_body")));
  EXPECT_EQ(ours.redact_response_body, vector.texts(vector.at(extension, "redact_response_body")));
  EXPECT_EQ(ours.redact_query, vector.texts(vector.at(extension, "redact_query")));
  const auto& document = vector.document;
  EXPECT_EQ(ours.sample_rate, json::to_double(document.raw(vector.at(extension, "sample_rate"))));
  EXPECT_EQ(ours.refresh_s, json::to_int64(document.raw(vector.at(extension, "refresh_s"))));
}

TEST(Vectors, MetadataIsReadOrRefused) {
  const Vector vector(kVectors + "metadata.json");
  for (const std::uint32_t row : vector.elements(vector.at(0, "accepted"))) {
    SCOPED_TRACE(vector.text_at(row, "name"));
    const auto metadata = decode_metadata(vector.document.raw(vector.at(row, "body")));
    ASSERT_TRUE(metadata) << metadata.error().message;
    expect_metadata(vector, vector.at(row, "expect"), *metadata);
    const auto again = decode_metadata(encode_metadata(*metadata));
    ASSERT_TRUE(again) << again.error().message;
    expect_metadata(vector, vector.at(row, "expect"), *again);
  }
  for (const std::uint32_t row : vector.elements(vector.at(0, "refused"))) {
    SCOPED_TRACE(vector.text_at(row, "name"));
    const auto metadata = decode_metadata(vector.text_at(row, "body_text"));
    ASSERT_FALSE(metadata);
    EXPECT_EQ(metadata.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(metadata.error().message, StartsWith(vector.text_at(row, "message")));
  }
}

TEST(Vectors, ATokenIsSignedToTheByteAndVerified) {
  const Vector vector(kVectors + "jwt.json");
  const auto key = RsaKey::from_private_pem(vector.text_at(0, "private_key"));
  ASSERT_TRUE(key) << key.error().message;
  const auto number = [&](std::string_view name) {
    return json::to_int64(vector.document.raw(vector.at(0, name))).value_or(-1);
  };
  const Claims claims{vector.text_at(0, "issuer"), vector.text_at(0, "audience"),
                      number("issued_at_s"), number("expires_at_s")};
  const std::string token = vector.text_at(0, "token");
  EXPECT_EQ(key->sign(claims, vector.text_at(0, "key_id")), token);
  EXPECT_EQ(token_key_id(token), vector.text_at(0, "key_id"));
  const auto verified = key->verify(token, claims.issued_at_s + 10);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->issuer, claims.issuer);
  EXPECT_EQ(verified->audience, claims.audience);
}

}  // namespace
}  // namespace apitoolkit::wire
