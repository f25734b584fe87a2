// Redaction rules, shares and dead letters over REST, and what rules do to what comes in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "src/base/uuid.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kId = "018f3b5e-7c1a-7abc-8def-0123456789ab";

std::string with_body(const std::string& path, const std::string& body,
                      const std::string& more = "") {
  return message(path, R"("response_headers":{"Content-Type":["application/json"]},)"
                       R"("response_body":")" +
                           base::base64_encode(body) + "\"" + more);
}

class RedactionRest : public testing::Test {
 protected:
  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }
  net::RawAnswer call(const std::string& method, const std::string& path,
                      const std::string& body = "") {
    return server_.call(method, "/api/v1/" + path,
                        {"Authorization: Bearer " + admin_, "Content-Type: application/json"},
                        body);
  }
  std::string add_rule(const std::string& members) {
    const auto answer = call("POST", "redaction", "{" + members + "}");
    EXPECT_EQ(answer.status, 201) << answer.body;
    return json_at(answer.body, {"id"});
  }
  std::string stored(const std::string& path, const std::string& field) {
    return json_at(server_.get("/api/v1/exchanges?url_path=" + path).body, {"data", "0", field});
  }

  TestServer server_{in_memory()};
  const std::string admin_ =
      server_->accounts().add_key(*base::parse_uuid(kProject), "admin", {7})->secret;
};

TEST_F(RedactionRest, ARuleHoldsForWhatComesInFromThenOn) {
  ASSERT_EQ(server_.publish({with_body("/before", R"({"pin":"0001"})")}).status, 200);
  const std::string id = add_rule(R"("kind":"response_body","value":"$.pin","note":"PCI")");
  ASSERT_EQ(server_.publish({with_body("/after", R"({"pin":"0002"})")}).status, 200);
  EXPECT_EQ(stored("/before", "response_body"), R"({"pin":"0001"})");
  EXPECT_EQ(stored("/after", "response_body"), R"({"pin":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(call("PATCH", "redaction/" + id, R"({"value":"$.code"})").status, 200);
  ASSERT_EQ(server_.publish({with_body("/patched", R"({"pin":"3","code":"4"})")}).status, 200);
  EXPECT_EQ(stored("/patched", "response_body"), R"({"pin":"3","code":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(call("DELETE", "redaction/" + id).status, 204);
  ASSERT_EQ(server_.publish({with_body("/gone", R"({"code":"5"})")}).status, 200);
  EXPECT_EQ(stored("/gone", "response_body"), R"({"code":"5"})");
}

TEST_F(RedactionRest, ARuleOfAnEndpointHoldsThereOnly) {
  add_rule(R"("kind":"response_body","value":"$.pin","method":"GET","url_path":"/cards/{id}")");
  ASSERT_EQ(server_
                .publish({with_body("/cards/:card", R"({"pin":"1"})"),
                          with_body("/orders/:id", R"({"pin":"2"})")})
                .status,
            200);
  EXPECT_EQ(stored("/cards/:card", "response_body"), R"({"pin":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(stored("/orders/:id", "response_body"), R"({"pin":"2"})");
}

TEST_F(RedactionRest, ARuleOfOneProjectIsNoneOfAnother) {
  const std::string other = server_.add_project("other");
  add_rule(R"("kind":"scrub","value":"email")");
  const auto publish = [&](const std::string& key) {
    return server_.call("POST", server_.publish_path(key), {},
                        publish_body({with_body("/a", R"({"to":"vera@example.com"})")}));
  };
  ASSERT_EQ(publish(kKey).status, 200);
  ASSERT_EQ(publish(other).status, 200);
  EXPECT_EQ(stored("/a", "response_body"), R"({"to":"[CLIENT_REDACTED]"})");
  EXPECT_THAT(server_.get("/api/v1/exchanges", other).body, HasSubstr("vera@example.com"));
}

TEST_F(RedactionRest, ARuleThatCannotBeIsRefusedWithItsPlace) {
  struct Case {
    const char* body;
    const char* pointer;
    const char* detail;
  };
  for (const Case& c : {Case{R"({"kind":"request_body","value":"$.a["})", "value", "column 5"},
                        {R"({"kind":"scrub","value":"emial"})", "value", "did you mean"},
                        {R"({"kind":"header","value":"a b"})", "value", "header's name"},
                        {R"({"kind":"cookie","value":"a"})", "kind", "request_body"},
                        {R"({"kind":"header"})", "value", "string"},
                        {R"({"kind":"header","value":"a","method":7})", "method", "string"},
                        {R"({"kind":"header","value":"a","path":"/"})", "path", "url_path"}}) {
    const auto answer = call("POST", "redaction", c.body);
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << answer.body;
    EXPECT_THAT(json_at(answer.body, {"detail"}), HasSubstr(c.detail));
  }
  EXPECT_EQ(json_count(call("GET", "redaction").body, {"data"}), 0u);
}

TEST_F(RedactionRest, TheMetadataHandsOverTheRulesOfTheWholeProject) {
  const auto metadata = [&](const std::string& tag) {
    return server_.call("GET", "/api/client_metadata",
                        {"Authorization: Bearer " + std::string(kKey), "X-APIToolkit-SDK: f/1",
                         "If-None-Match: " + tag});
  };
  const std::string before = metadata("\"none\"").header("ETag");
  EXPECT_EQ(metadata(before).status, 304);
  add_rule(R"("kind":"header","value":"X-Account")");
  add_rule(R"("kind":"query","value":"account")");
  add_rule(R"("kind":"request_body","value":"$.a")");
  add_rule(R"("kind":"response_body","value":"$.b")");
  add_rule(R"("kind":"scrub","value":"iban")");
  add_rule(R"("kind":"response_body","value":"$.c","url_path":"/only/here")");
  const auto after = metadata(before);
  ASSERT_EQ(after.status, 200);
  EXPECT_EQ(json_at(after.body, {"apitoolkit", "redact"}),
            R"({"headers":["X-Account"],"request_body":["$.a"],"response_body":["$.b"],)"
            R"("query":["account"],"scrub":["iban"]})");
}

TEST_F(RedactionRest, TellsWhichSdksHaveWhichRules) {
  const auto ask = [&](std::vector<std::string> headers) {
    headers.push_back("Authorization: Bearer " + std::string(kKey));
    return server_.call("GET", "/api/client_metadata", headers).header("ETag");
  };
  const auto row = [&](const std::string& name) {
    const std::string body = call("GET", "redaction/sdks").body;
    for (std::size_t i = 0; i < json_count(body, {"data"}); i++) {
      const std::string one = json_at(body, {"data", std::to_string(i)});
      if (json_at(one, {"sdk"}) == name) return one;
    }
    return std::string();
  };
  const std::string first = add_rule(R"("kind":"header","value":"X-Account")");
  add_rule(R"("kind":"header","value":"X-Here","url_path":"/only/here")");
  ask({"User-Agent: upstream/1"});
  const std::string tag = ask({"X-APIToolkit-SDK: flask/1"});
  EXPECT_EQ(json_at(row("flask/1"), {"taken"}), "[" + first + "]");
  EXPECT_EQ(json_at(row("flask/1"), {"missing"}), "[]");
  EXPECT_EQ(json_at(row("flask/1"), {"address"}), "127.0.0.1");
  EXPECT_EQ(json_at(row("flask/1"), {"confirmed_at"}), "null");
  EXPECT_EQ(json_at(row("upstream/1"), {"applies_rules"}), "false");
  EXPECT_EQ(json_at(row("upstream/1"), {"taken"}), "[]");
  EXPECT_EQ(json_at(row("upstream/1"), {"missing"}), "[" + first + "]");

  ask({"X-APIToolkit-SDK: flask/1", "If-None-Match: " + tag});
  EXPECT_NE(json_at(row("flask/1"), {"confirmed_at"}), "null");

  const std::string second = add_rule(R"("kind":"request_body","value":"$.a")");
  EXPECT_EQ(json_at(row("flask/1"), {"taken"}), "[" + first + "]");
  EXPECT_EQ(json_at(row("flask/1"), {"missing"}), "[" + second + "]");
  ask({"X-APIToolkit-SDK: flask/1", "If-None-Match: " + tag});
  EXPECT_EQ(json_at(row("flask/1"), {"taken"}), "[" + first + "," + second + "]");
  EXPECT_EQ(json_at(row("flask/1"), {"confirmed_at"}), "null");
}

TEST_F(RedactionRest, APreviewStoresNothing) {
  ASSERT_EQ(server_
                .publish({with_body("/a", R"({"pin":"1","code":"2"})",
                                    R"(,"msg_id":")" + std::string(kId) + "\"")})
                .status,
            200);
  add_rule(R"("kind":"response_body","value":"$.pin")");
  const std::string rules = R"("rules":[{"kind":"response_body","value":"$.code"}])";
  const auto of_stored =
      call("POST", "redaction/preview", R"({"id":")" + std::string(kId) + "\"," + rules + "}");
  ASSERT_EQ(of_stored.status, 200) << of_stored.body;
  EXPECT_EQ(json_at(of_stored.body, {"before", "response_body"}), R"({"pin":"1","code":"2"})");
  EXPECT_EQ(json_at(of_stored.body, {"after", "response_body"}),
            R"({"pin":"[CLIENT_REDACTED]","code":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(stored("/a", "response_body"), R"({"pin":"1","code":"2"})");
  const auto of_sample =
      call("POST", "redaction/preview",
           R"({"exchange":)" + with_body("/b", R"({"code":"2"})") + "," + rules + "}");
  EXPECT_EQ(json_at(of_sample.body, {"after", "response_body"}), R"({"code":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(json_count(server_.get("/api/v1/exchanges").body, {"data"}), 1u);
  EXPECT_EQ(json_count(call("GET", "redaction").body, {"data"}), 1u);

  const auto wrong =
      call("POST", "redaction/preview",
           R"({"id":")" + std::string(kId) +
               R"(","rules":[{"kind":"query","value":"a"},{"kind":"scrub","value":"x"}]})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json_at(wrong.body, {"pointer"}), "rules/1/value");
  EXPECT_EQ(call("POST", "redaction/preview", "{}").status, 400);
  EXPECT_EQ(
      json_at(call("POST", "redaction/preview", R"({"exchange":{"method":7}})").body, {"pointer"}),
      "exchange");
}

TEST_F(RedactionRest, AShareShowsOneExchangeToAnybodyUntilItEnds) {
  ASSERT_EQ(
      server_.publish({message("/a", R"("msg_id":")" + std::string(kId) + "\""), message("/b")})
          .status,
      200);
  const auto made = call("POST", "shares", R"({"exchange_id":")" + std::string(kId) + "\"}");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = json_at(made.body, {"path"});
  EXPECT_GE(path.size(), 7u + 43u);
  const auto shared = server_.call("GET", path);
  EXPECT_EQ(shared.status, 200);
  EXPECT_EQ(json_at(shared.body, {"exchange", "id"}), kId);
  EXPECT_EQ(shared.header("Cache-Control"), "no-store");
  EXPECT_EQ(server_.call("GET", path + "x").status, 404);
  EXPECT_EQ(server_.call("GET", "/share/nothing").header("Content-Type"),
            "application/problem+json");
  EXPECT_THAT(call("GET", "shares").body, Not(HasSubstr(path)));
  EXPECT_EQ(json_count(call("GET", "shares").body, {"data"}), 1u);
  EXPECT_EQ(call("DELETE", "shares/" + json_at(made.body, {"id"})).status, 204);
  EXPECT_EQ(server_.call("GET", path).status, 404);
  EXPECT_EQ(
      call("POST", "shares", R"({"exchange_id":"018f3b5e-7c1a-7abc-8def-000000000000"})").status,
      404);
  EXPECT_EQ(
      call("POST", "shares", R"({"exchange_id":")" + std::string(kId) + R"(","expires_in_s":0})")
          .status,
      400);
}

TEST_F(RedactionRest, AShareEndsByItself) {
  class SetClock final : public base::Clock {
   public:
    std::int64_t now_ns() const override { return now; }
    std::atomic<std::int64_t> now{base::system_clock().now_ns()};
  } clock;
  ServerOptions options = in_memory();
  options.clock = &clock;
  TestServer server(std::move(options));
  ASSERT_EQ(server.publish({message("/a", R"("msg_id":")" + std::string(kId) + "\"")}).status, 200);
  const auto made =
      server->accounts().add_share(*base::parse_uuid(kProject), *base::parse_uuid(kId), 60, {});
  EXPECT_EQ(server.call("GET", "/share/" + made->token).status, 200);
  clock.now += 60'000'000'000;
  EXPECT_EQ(server.call("GET", "/share/" + made->token).status, 404);
}

TEST_F(RedactionRest, ADeadLetterIsFetchedReplayedAndDeleted) {
  ASSERT_EQ(server_.publish({std::string("bad")}).status, 400);
  const std::string id = json_at(call("GET", "dead-letters").body, {"data", "0", "id"});
  const auto fetched = call("GET", "dead-letters/" + id);
  EXPECT_EQ(fetched.status, 200);
  EXPECT_EQ(base::base64_decode(json_at(fetched.body, {"bytes"})), "bad");
  // Still unreadable: it says why, and there is one letter as before.
  const auto again = call("POST", "dead-letters/" + id + "/replay");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(json_count(call("GET", "dead-letters").body, {"data"}), 1u);
  EXPECT_EQ(call("DELETE", "dead-letters/" + id).status, 204);
  EXPECT_EQ(call("GET", "dead-letters/" + id).status, 404);
  EXPECT_EQ(call("POST", "dead-letters/" + id + "/replay").status, 404);
  EXPECT_THAT(call("GET", "audit").body, HasSubstr("dead_letter.delete"));
}

TEST(DeadLetterReplay, StoresWhatCanBeReadByNowAndThenDropsTheLetter) {
  ServerOptions options;
  options.store = store::make_memory_store();
  const Uuid project = *base::parse_uuid(kProject);
  const std::int64_t now_ns = base::system_clock().now_ns();
  const store::DeadLetter letters[] = {{0, project, now_ns, "pubsub_rest", "was too new",
                                        message("/late", R"("request_headers":{"Cookie":"c"})")},
                                       {0, project, now_ns, "otlp_http", "x", "bytes"}};
  ASSERT_TRUE(options.store->append({.records = {}, .dead_letters = letters}));
  TestServer server(std::move(options));
  const std::string key = server->accounts().add_key(project, "admin", {7})->secret;
  const auto call = [&](const std::string& method, const std::string& path) {
    return server.call(method, "/api/v1/" + path, {"Authorization: Bearer " + key});
  };
  const std::string letters_json = call("GET", "dead-letters").body;
  const std::string otlp = json_at(letters_json, {"data", "0", "id"});
  const std::string late = json_at(letters_json, {"data", "1", "id"});
  EXPECT_EQ(call("POST", "dead-letters/" + otlp + "/replay").status, 409);
  EXPECT_EQ(call("POST", "dead-letters/" + late + "/replay").status, 204);
  const std::string stored = call("GET", "exchanges").body;
  EXPECT_EQ(json_count(stored, {"data"}), 1u);
  EXPECT_EQ(json_at(stored, {"data", "0", "url_path"}), "/late");
  EXPECT_EQ(json_at(stored, {"data", "0", "request_headers", "Cookie"}), "[CLIENT_REDACTED]");
  EXPECT_EQ(json_count(call("GET", "dead-letters").body, {"data"}), 1u);
}

}  // namespace
}  // namespace apitoolkit::server
