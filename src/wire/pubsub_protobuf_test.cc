#include "src/wire/pubsub_protobuf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/wire/protobuf_writer.h"

namespace apitoolkit::wire {
namespace {

// {topic=1; {data=1; attributes=2 {key=1; value=2}; ordering_key=5}=2 …}
std::string request(const std::vector<std::string>& data, int attributes = 0) {
  ProtobufWriter writer;
  writer.text(1, "projects/p/topics/t");
  for (const std::string& bytes : data) {
    writer.message(2, [&] {
      writer.bytes(1, bytes);
      for (int i = 0; i < attributes; i++) {
        writer.message(2, [&] {
          writer.text(1, "k" + std::to_string(i));
          writer.text(2, "v");
        });
      }
      writer.text(5, "order");
    });
  }
  return std::move(writer).str();
}

TEST(PubsubProtobuf, ReadsWhatClientsSend) {
  const std::string bytes = request({"one", std::string("t\0o", 3)}, 2);
  EXPECT_EQ(decode_topic_name(bytes).value(), "projects/p/topics/t");
  const auto messages = decode_publish_request_protobuf(bytes);
  ASSERT_TRUE(messages);
  ASSERT_EQ(messages->size(), 2u);
  EXPECT_EQ((*messages)[0].data, "one");
  EXPECT_EQ((*messages)[1].data, std::string("t\0o", 3));
  EXPECT_EQ((*messages)[1].attributes.at("k1"), "v");
}

TEST(PubsubProtobuf, RefusesInGooglesWords) {
  struct Case {
    std::string bytes;
    const char* words;
  };
  for (const Case& c :
       {Case{request({}), "No messages to publish"},
        {"", "No messages to publish"},
        {request({"a", ""}), "Some messages are empty"},
        {request(std::vector<std::string>(1001, "x")), "Too many messages to publish"},
        {request({"x"}, 101), "messages[0].attributes: expected at most 100"},
        {"\xff", "not protobuf"},
        {"\x12\x02\x0a\x05", "messages[0]: expected protobuf"},
        {"\x12\x04\x12\x02\x0a\x05", "messages[0].attributes: expected protobuf"}}) {
    const auto messages = decode_publish_request_protobuf(c.bytes);
    ASSERT_FALSE(messages) << c.words;
    EXPECT_EQ(messages.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(messages.error().message, testing::HasSubstr(c.words));
  }
  EXPECT_TRUE(decode_publish_request_protobuf(request(std::vector<std::string>(1000, "x"), 0)));
  EXPECT_FALSE(decode_topic_name("\x0a\x05x"));
}

// Whatever prefix of a request arrives, it is read to its end or refused.
TEST(PubsubProtobuf, ReadsNoFurtherThanTheRequest) {
  const std::string whole = request({"one", "two"}, 3);
  for (std::size_t size = 0; size < whole.size(); size++) {
    const std::string part = whole.substr(0, size);  // a copy, so that its end is a boundary
    const auto messages = decode_publish_request_protobuf(part);
    EXPECT_TRUE(!messages || messages->size() < 2) << size;
    (void)decode_topic_name(part);
  }
}

TEST(PubsubProtobuf, WritesAnswers) {
  const std::vector<std::string> ids{"1", "22"};
  EXPECT_EQ(encode_publish_response_protobuf(ids), "\x0a\x01\x31\x0a\x02\x32\x32");
  EXPECT_EQ(encode_topic("t"), "\x0a\x01t");
}

}  // namespace
}  // namespace apitoolkit::wire
