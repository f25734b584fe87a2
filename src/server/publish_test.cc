// Publishing over the Pub/Sub door, into memory and into SQLite.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "src/base/uuid.h"
#include "src/net/deflate.h"
#include "src/server/test_server.h"
#include "src/wire/jwt.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

struct Home {
  const char* name;
  std::unique_ptr<store::Store> (*make)();
};

class Publish : public testing::TestWithParam<Home> {
 protected:
  static ServerOptions options() {
    ServerOptions chosen;
    chosen.store = GetParam().make();
    return chosen;
  }
  TestServer server_{options()};

  std::size_t stored(const std::string& query = "") {
    return json_count(server_.get("/api/v1/exchanges?limit=1000" + query).body, {"data"});
  }
  std::size_t letters() { return json_count(server_.get("/api/v1/dead-letters").body, {"data"}); }

  // A token as an SDK signs it, after `change` spoiled it.
  std::string token(const std::function<void(wire::Claims&)>& change = {},
                    const wire::RsaKey* key = nullptr) {
    const std::string metadata = server_.get("/api/client_metadata").body;
    const std::string account = json_at(metadata, {"pubsub_push_service_account"});
    auto own = wire::RsaKey::from_private_pem(json_at(account, {"private_key"}));
    const std::int64_t now_s = base::system_clock().now_ns() / 1'000'000'000;
    wire::Claims claims{json_at(account, {"client_email"}), "https://pubsub.googleapis.com/", now_s,
                        now_s + 3600};
    if (change) change(claims);
    return (key != nullptr ? *key : *own)
        .sign(claims, json_at(account, {"private_key_id"}))
        .value();
  }
  int publish_with(const std::string& authorization) {
    return server_.publish({message("/t")}, {"Authorization: " + authorization}).status;
  }
};

TEST_P(Publish, AcknowledgesWhatCanBeListedAtOnce) {
  const auto answer = server_.publish({message("/a"), message("/b")});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json_count(answer.body, {"messageIds"}), 2u);
  EXPECT_NE(json_at(answer.body, {"messageIds", "0"}), json_at(answer.body, {"messageIds", "1"}));
  EXPECT_EQ(stored(), 2u);
  EXPECT_EQ(stored("&url_path=/a"), 1u);
}

TEST_P(Publish, DropsDuplicatesWithoutComplaint) {
  const std::string named = message("/a", R"("msg_id":"018f3b5e-7c1a-7abc-8def-0123456789ab")");
  const std::string unnamed = message("/b");
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(server_.publish({named, unnamed, named, unnamed}).status, 200);
  }
  EXPECT_EQ(stored(), 2u);
  EXPECT_EQ(server_.get("/api/v1/exchanges/018f3b5e-7c1a-7abc-8def-0123456789ab").status, 200);
}

TEST_P(Publish, StoresTheRestOfABatchAndKeepsTheBadMessage) {
  const auto answer = server_.publish({message("/a"), "{not json", message("/b"), R"({"x":1})"});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(json_at(answer.body, {"error", "status"}), "INVALID_ARGUMENT");
  EXPECT_EQ(json_at(answer.body, {"error", "code"}), "400");
  const std::string reason = json_at(answer.body, {"error", "message"});
  EXPECT_THAT(reason, HasSubstr("messages[1]: "));
  EXPECT_THAT(reason, HasSubstr("messages[3]: "));
  EXPECT_THAT(reason, HasSubstr("2 of 4 messages were stored"));
  EXPECT_EQ(stored(), 2u);
  const std::string kept = server_.get("/api/v1/dead-letters").body;
  EXPECT_EQ(base::base64_decode(json_at(kept, {"data", "1", "bytes"})), "{not json");
  EXPECT_EQ(base::base64_decode(json_at(kept, {"data", "0", "bytes"})), R"({"x":1})");
  EXPECT_EQ(json_at(kept, {"data", "0", "source"}), "pubsub_rest");
  EXPECT_FALSE(json_at(kept, {"data", "0", "reason"}).empty());
}

// A name is repeated for each of its values: a small message could ask for any amount of memory.
TEST_P(Publish, AMessageThatGrowsWithoutBoundIsADeadLetter) {
  std::string values = "1";
  for (int i = 1; i < 1000; i++) values += ",1";
  const std::string grows = message(
      "/grows", R"("query_params":{")" + std::string(100'000, 'n') + "\":[" + values + "]}");
  const auto answer = server_.publish({message("/a"), grows});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(json_at(answer.body, {"error", "message"}),
              HasSubstr("messages[1]: query_params: too large once decoded"));
  EXPECT_EQ(stored(), 1u);
  EXPECT_EQ(letters(), 1u);
}

TEST_P(Publish, ABatchThatGrowsWithoutBoundIsRefusedAndCanBeSplit) {
  std::string errors = "\"\"";
  for (int i = 1; i < 1000; i++) errors += ",\"\"";
  std::vector<std::string> batch;
  for (int i = 0; i < 200; i++) {
    batch.push_back(message("/" + std::to_string(i), R"("errors":[)" + errors + "]"));
  }
  const auto answer = server_.publish(batch);
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(json_at(answer.body, {"error", "message"}), HasSubstr("Publish fewer at a time"));
  EXPECT_EQ(stored("&fields=id"), 0u);
  EXPECT_EQ(letters(), 0u);
  batch.resize(20);
  EXPECT_EQ(server_.publish(batch).status, 200);
  EXPECT_EQ(stored("&fields=id"), 20u);
}

TEST_P(Publish, AnExchangeWithMoreThanTheBoundsKeepsTheFirst) {
  std::string headers;
  for (int i = 0; i < 300; i++) {
    headers += std::string(i == 0 ? "" : ",") + "\"x-" + std::to_string(i) + "\":\"v\"";
  }
  EXPECT_EQ(server_.publish({message("/many", R"("request_headers":{)" + headers + "}")}).status,
            200);
  const std::string kept =
      json_at(server_.get("/api/v1/exchanges").body, {"data", "0", "request_headers"});
  EXPECT_EQ(json_at(kept, {"x-255"}), "v");
  EXPECT_EQ(json_at(kept, {"x-256"}), "");
}

TEST_P(Publish, ARetryAfterABadMessageStoresNothingTwice) {
  const std::vector<std::string> batch{message("/a"), "bad", message("/b")};
  for (int i = 0; i < 3; i++) EXPECT_EQ(server_.publish(batch).status, 400);
  EXPECT_EQ(stored(), 2u);
  EXPECT_EQ(letters(), 3u);
}

TEST_P(Publish, RefusesEnvelopesInGooglesWords) {
  struct Case {
    std::string body;
    const char* message;
  };
  std::string many = R"({"messages":[)";
  for (int i = 0; i < 1001; i++) many += std::string(i == 0 ? "" : ",") + R"({"data":"e30="})";
  many += "]}";
  for (const Case& c : {Case{R"({"messages":[]})", "No messages to publish"},
                        {R"({"messages":[{}]})", "Some messages are empty"},
                        {many, "Too many messages to publish"},
                        {"{", ""},
                        {"[]", ""},
                        {"", ""},
                        {R"({"messages":[{"data":"*"}]})", ""},
                        {R"({"messages":{"data":""}})", ""},
                        {std::string(100'000, '['), ""}}) {
    const auto answer = server_.call("POST", server_.publish_path(), {}, c.body);
    EXPECT_EQ(answer.status, 400) << c.body.substr(0, 40);
    EXPECT_EQ(json_at(answer.body, {"error", "status"}), "INVALID_ARGUMENT");
    EXPECT_THAT(json_at(answer.body, {"error", "message"}), HasSubstr(c.message));
  }
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(letters(), 0u);
}

TEST_P(Publish, AcceptsGzipAndUnknownParameters) {
  const auto answer =
      server_.call("POST", server_.publish_path() + "?alt=json", {"Content-Encoding: gzip"},
                   net::gzip(publish_body({message("/z")})));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(stored(), 1u);
}

TEST_P(Publish, TakesATokenOfTheProjectOnly) {
  const auto other = wire::RsaKey::generate().value();
  EXPECT_EQ(publish_with("Bearer " + token()), 200);
  EXPECT_EQ(publish_with("Bearer " + token([](auto& c) { c.audience = "http://test/"; })), 200);
  EXPECT_EQ(publish_with("Bearer " + token({}, &other)), 401);
  EXPECT_EQ(publish_with("Bearer " + token([](auto& c) {
                           c.issued_at_s -= 7200;
                           c.expires_at_s -= 7200;
                         })),
            401);
  EXPECT_EQ(publish_with("Bearer " +
                         token([](auto& c) { c.audience = "https://storage.googleapis.com/"; })),
            401);
  EXPECT_EQ(publish_with("Bearer " + token([](auto& c) { c.issuer = "somebody@else"; })), 401);
  EXPECT_EQ(publish_with("Bearer " + token() + "x"), 401);
  EXPECT_EQ(publish_with("Bearer a.b.c"), 401);
  EXPECT_EQ(publish_with("Bearer nonsense"), 401);
  EXPECT_EQ(publish_with("Basic dXNlcjpwYXNz"), 401);
  const auto refused = server_.publish({message("/t")}, {"Authorization: Bearer nonsense"});
  EXPECT_EQ(json_at(refused.body, {"error", "status"}), "UNAUTHENTICATED");
}

TEST_P(Publish, TakesTheKeyThatTheTopicBelongsToAndNoOther) {
  EXPECT_EQ(publish_with("Bearer " + std::string(kKey)), 200);
  EXPECT_EQ(publish_with(kKey), 200);
  EXPECT_EQ(publish_with("Bearer " + server_.add_project("other")), 401);
}

TEST_P(Publish, TakesTheTopicAloneAsEmulatorClientsDo) {
  EXPECT_EQ(server_.publish({message("/a")}).status, 200);
  EXPECT_EQ(publish_with("Bearer "), 200);
}

TEST_P(Publish, DoesNotKnowOtherTopicsOrProjects) {
  const std::string path = server_.publish_path();
  const std::string other = server_.publish_path(server_.add_project("other"));
  const std::string project = path.substr(0, path.find("/topics/"));
  const std::string topic = path.substr(path.find("/topics/"));
  for (const std::string& target :
       {project + "/topics/at-unknown:publish", "/v1/projects/nothing" + topic,
        other.substr(0, other.find("/topics/")) + topic}) {
    const auto answer = server_.call("POST", target, {}, publish_body({message("/x")}));
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(json_at(answer.body, {"error", "status"}), "NOT_FOUND");
  }
  EXPECT_EQ(stored(), 0u);
}

TEST_P(Publish, ARevokedKeysTopicIsRefusedWithAndWithoutAToken) {
  const std::string signed_token = token();
  server_.publish({message("/before")});
  const auto second = server_->accounts().add_key(*base::parse_uuid(kProject), "reader", {2});
  const auto holder = server_->accounts().find_key(kKey);
  ASSERT_TRUE(server_->accounts().revoke_key(holder->key_id));
  EXPECT_EQ(server_.publish({message("/after")}).status, 401);
  EXPECT_EQ(publish_with("Bearer " + signed_token), 401);
  EXPECT_EQ(publish_with("Bearer " + std::string(kKey)), 401);
  EXPECT_EQ(json_count(server_.get("/api/v1/exchanges", second->secret).body, {"data"}), 1u);
}

TEST_P(Publish, AKeyThatMayOnlyReadCannotIngest) {
  const auto reader = server_->accounts().add_key(*base::parse_uuid(kProject), "reader", {2});
  EXPECT_EQ(server_.get("/api/client_metadata", reader->secret).status, 401);
  const std::string path = server_.publish_path();
  const auto answer = server_.call(
      "POST", path.substr(0, path.find("/topics/")) + "/topics/" + reader->key.topic + ":publish",
      {}, publish_body({message("/x")}));
  EXPECT_EQ(answer.status, 403);
}

TEST_P(Publish, TakesTheProjectFromTheTopicAndTheTimeOnlyWhereItCanBe) {
  server_.publish({message("/a", R"("project_id":"99999999-9999-4999-8999-999999999999")"),
                   message("/old", R"("timestamp":"1970-01-01T00:00:00Z")")});
  const std::string list = server_.get("/api/v1/exchanges?url_path=/a").body;
  EXPECT_EQ(json_at(list, {"data", "0", "project_id"}), kProject);
  EXPECT_EQ(json_at(list, {"data", "0", "timestamp_corrected"}), "false");
  const std::string old = server_.get("/api/v1/exchanges?url_path=/old&since=-1h").body;
  EXPECT_EQ(json_at(old, {"data", "0", "timestamp_corrected"}), "true");
  EXPECT_EQ(json_at(old, {"data", "0", "timestamp"}), json_at(old, {"data", "0", "received_at"}));
}

TEST_P(Publish, RedactsAgainWhateverTheSdkSent) {
  server_.publish(
      {message("/a?token=url-secret",
               R"("request_headers":{"Authorization":["Bearer header-secret"],"Accept":["*/*"]},)"
               R"("response_headers":{"Set-Cookie":"cookie-secret"},)"
               R"("query_params":{"token":["query-secret"]})")});
  const std::string list = server_.get("/api/v1/exchanges").body;
  EXPECT_THAT(list, testing::Not(HasSubstr("-secret")));
  EXPECT_EQ(json_at(list, {"data", "0", "request_headers", "Authorization"}), "[CLIENT_REDACTED]");
  EXPECT_EQ(json_at(list, {"data", "0", "request_headers", "Accept"}), "*/*");
}

TEST_P(Publish, ManyPublishersAtOnceLoseNothing) {
  const std::string path = server_.publish_path();
  std::vector<std::thread> publishers;
  for (int p = 0; p < 6; p++) {
    publishers.emplace_back([&, p] {
      net::RawClient client(server_.port());
      for (int i = 0; i < 20; i++) {
        const std::string at = "/" + std::to_string(p) + "/" + std::to_string(i);
        const auto answer = client.call(net::raw_request(
            "POST", path, {}, publish_body({message(at + "/a"), message(at + "/b")})));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, 200);
      }
    });
  }
  for (std::thread& publisher : publishers) publisher.join();
  EXPECT_EQ(stored(), 240u);
}

INSTANTIATE_TEST_SUITE_P(
    Homes, Publish,
    testing::Values(Home{"Memory", [] { return store::make_memory_store(); }},
                    Home{"Sqlite", []() -> std::unique_ptr<store::Store> { return nullptr; }}),
    [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace apitoolkit::server
