// Publishing over gRPC, on the port that serves everything else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/net/deflate.h"
#include "src/net/raw_grpc_client.h"
#include "src/server/test_server.h"
#include "src/wire/jwt.h"
#include "src/wire/protobuf_reader.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr const char* kPublish = "/google.pubsub.v1.Publisher/Publish";
constexpr const char* kGetTopic = "/google.pubsub.v1.Publisher/GetTopic";

class GrpcPublish : public testing::Test {
 protected:
  // "projects/p/topics/t" of that key.
  std::string topic(std::string_view key = kKey) const {
    const std::string path = server_.publish_path(key);
    return path.substr(4, path.size() - 4 - std::string_view(":publish").size());
  }

  static std::string request(const std::string& topic, const std::vector<std::string>& messages) {
    wire::ProtobufWriter writer;
    writer.text(1, topic);
    for (const std::string& data : messages) {
      writer.message(2, [&] { writer.bytes(1, data); });
    }
    return std::move(writer).str();
  }

  std::size_t stored() {
    return json_count(server_.get("/api/v1/exchanges?limit=1000").body, {"data"});
  }

  TestServer server_;
  net::RawGrpcClient client_{server_.port()};
};

std::vector<std::string> message_ids(std::string_view response) {
  std::vector<std::string> ids;
  for (wire::ProtobufReader reader(response); reader.next();) {
    if (reader.number() == 1) ids.emplace_back(reader.bytes());
  }
  return ids;
}

TEST_F(GrpcPublish, AcknowledgesWhatCanBeListedAtOnce) {
  const auto result = client_.call(kPublish, request(topic(), {message("/a"), message("/b")}));
  EXPECT_EQ(result.code, 0) << result.text;
  const auto ids = message_ids(result.message());
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(stored(), 2u);
  // Both doors publish to the same topic.
  EXPECT_EQ(server_.publish({message("/c")}).status, 200);
  EXPECT_EQ(stored(), 3u);
}

TEST_F(GrpcPublish, TakesCompressedMessagesOfTenMegabytes) {
  const std::string large =
      message("/large", R"("request_body":")" + std::string(9'000'000, 'A') + '"');
  std::string frame = net::grpc_frame(net::gzip(request(topic(), {large})));
  frame[0] = 1;
  EXPECT_EQ(client_.call({kPublish, frame, {{"grpc-encoding", "gzip"}}}).code, 0);
  EXPECT_EQ(client_.call(kPublish, request(topic(), {large})).code, 0);
  EXPECT_EQ(stored(), 1u);  // twice the same
  const std::string larger(12'000'000, 'A');
  EXPECT_EQ(client_.call(kPublish, request(topic(), {larger})).code, 8);
}

TEST_F(GrpcPublish, StoresTheRestOfABatchAndKeepsTheBadMessage) {
  const auto result =
      client_.call(kPublish, request(topic(), {message("/a"), "{not json", message("/b")}));
  EXPECT_EQ(result.code, 3);
  EXPECT_THAT(result.text, HasSubstr("messages[1]: "));
  EXPECT_THAT(result.text, HasSubstr("2 of 3 messages were stored"));
  EXPECT_EQ(stored(), 2u);
  const std::string kept = server_.get("/api/v1/dead-letters").body;
  EXPECT_EQ(json_at(kept, {"data", "0", "source"}), "pubsub_grpc");
}

TEST_F(GrpcPublish, RefusesWhatIsWrongAsGoogleDoes) {
  const std::string own = topic();
  const std::string unknown = own.substr(0, own.rfind('/') + 1) + "unknown";
  const std::string elsewhere = "projects/other/topics/" + own.substr(own.rfind('/') + 1);
  struct Case {
    const char* what;
    std::string request;
    int code;
  };
  const std::vector<Case> cases{
      {"not protobuf", "\xff\xff\xff", 3},
      {"nothing", "", 3},
      {"no topic's name", request("topic", {message("/a")}), 3},
      {"half a name", request("projects/p/topics/", {message("/a")}), 3},
      {"no messages", request(own, {}), 3},
      {"an empty message", request(own, {""}), 3},
      {"too many", request(own, std::vector<std::string>(1001, "x")), 3},
      {"an unknown topic", request(unknown, {message("/a")}), 5},
      {"a topic of another project", request(elsewhere, {message("/a")}), 5},
  };
  for (const Case& c : cases) {
    const auto result = client_.call(kPublish, c.request);
    EXPECT_EQ(result.code, c.code) << c.what;
    EXPECT_FALSE(result.text.empty()) << c.what;
  }
  for (const char* method : {"DeleteTopic", "ListTopics", "UpdateTopic"}) {
    EXPECT_EQ(client_.call(std::string("/google.pubsub.v1.Publisher/") + method, "").code, 12);
  }
  EXPECT_EQ(client_.call("/google.pubsub.v1.Subscriber/Pull", "").code, 12);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(GrpcPublish, KnowsTheTopicsThatThereAre) {
  const std::string own = topic();
  const std::string asked = request(own, {});  // a Topic and a GetTopicRequest look the same
  for (const char* method : {"GetTopic", "CreateTopic"}) {
    const std::string path = std::string("/google.pubsub.v1.Publisher/") + method;
    const auto result = client_.call(path, asked);
    EXPECT_EQ(result.code, 0) << result.text;
    EXPECT_EQ(result.message(), asked);
    EXPECT_EQ(client_.call(path, request("projects/p/topics/unknown", {})).code, 5);
  }
}

TEST_F(GrpcPublish, ChecksCredentialsWhereThereAreSome) {
  const std::string other = server_.add_project("other");
  const std::string own = topic();
  const auto code = [&](const std::string& authorization) {
    return client_.call(kPublish, request(own, {message("/a")}), {{"authorization", authorization}})
        .code;
  };
  EXPECT_EQ(code(std::string("Bearer ") + kKey), 0);
  EXPECT_EQ(code("Bearer " + other), 16);
  EXPECT_EQ(code("Bearer nonsense"), 16);
  EXPECT_EQ(code("Bearer a.b.c"), 16);

  const std::string metadata = server_.get("/api/client_metadata").body;
  const std::string account = json_at(metadata, {"pubsub_push_service_account"});
  const auto key = wire::RsaKey::from_private_pem(json_at(account, {"private_key"}));
  const std::int64_t now_s = base::system_clock().now_ns() / 1'000'000'000;
  const auto token = [&](const std::string& audience) {
    const wire::Claims claims{json_at(account, {"client_email"}), audience, now_s, now_s + 3600};
    return "Bearer " + key->sign(claims, json_at(account, {"private_key_id"})).value();
  };
  EXPECT_EQ(code(token("https://pubsub.googleapis.com/")), 0);
  EXPECT_EQ(code(token("https://pubsub.googleapis.com/google.pubsub.v1.Publisher")), 0);
  EXPECT_EQ(code(token("http://test/")), 0);  // what the client calls this server
  EXPECT_EQ(code(token("https://storage.googleapis.com/")), 16);

  const auto holder = server_->accounts().find_key(kKey);
  ASSERT_TRUE(server_->accounts().revoke_key(holder->key_id));
  EXPECT_EQ(client_.call(kPublish, request(own, {message("/b")})).code, 16);
  EXPECT_EQ(client_.call(kGetTopic, request(own, {})).code, 16);
}

// Each of the pipeline's reasons to come back later says when.
TEST(GrpcPublishTrouble, SaysWhenToTryAgain) {
  ServerOptions options;
  options.free_bytes = []() -> Result<std::int64_t> { return 0; };
  const TestServer server(std::move(options));
  net::RawGrpcClient client(server.port());
  const std::string path = server.publish_path();
  wire::ProtobufWriter writer;
  writer.text(1, path.substr(4, path.size() - 4 - std::string_view(":publish").size()));
  writer.message(2, [&] { writer.bytes(1, message("/a")); });
  const auto result = client.call(kPublish, std::move(writer).str());
  EXPECT_EQ(result.code, 14);
  const auto details = base::base64_decode(result.headers.at("grpc-status-details-bin"));
  ASSERT_TRUE(details);
  EXPECT_THAT(*details, HasSubstr("google.rpc.RetryInfo"));
}

}  // namespace
}  // namespace apitoolkit::server
