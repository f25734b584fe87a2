// Who gets in: log-ins, keys, projects as walls. Every route with every kind of credential is in
// every_route_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/uuid.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr const char* kId = "018f3b5e-7c1a-7abc-8def-0123456789ab";

ServerOptions in_memory() {
  ServerOptions options;
  options.store = store::make_memory_store();
  return options;
}

class Access : public testing::Test {
 protected:
  TestServer server_{in_memory()};

  std::string log_in_body(const std::string& password) {
    return R"({"name":"owner","password":")" + password + R"("})";
  }
  net::RawAnswer log_in(const std::string& password = kPassword) {
    return server_.call("POST", "/api/v1/session", {"Content-Type: application/json"},
                        log_in_body(password));
  }
  static std::string cookie_of(const net::RawAnswer& answer) {
    const std::string header = answer.header("Set-Cookie");
    return "Cookie: theme=dark; " + header.substr(0, header.find(';'));
  }
};

TEST_F(Access, AProjectIsAWall) {
  const std::string other = server_.add_project("other");
  server_.publish({message("/a", R"("msg_id":")" + std::string(kId) + "\""), "bad"});
  EXPECT_EQ(json_count(server_.get("/api/v1/exchanges").body, {"data"}), 1u);
  EXPECT_EQ(json_count(server_.get("/api/v1/exchanges", other).body, {"data"}), 0u);
  EXPECT_EQ(json_count(server_.get("/api/v1/dead-letters").body, {"data"}), 1u);
  EXPECT_EQ(json_count(server_.get("/api/v1/dead-letters", other).body, {"data"}), 0u);
  const std::string own_stats = server_.get("/api/v1/stats").body;
  EXPECT_EQ(json_at(own_stats, {"exchanges"}), "1");
  EXPECT_EQ(json_at(own_stats, {"dead_letters"}), "1");
  const std::string other_stats = server_.get("/api/v1/stats", other).body;
  EXPECT_EQ(json_at(other_stats, {"exchanges"}), "0");
  EXPECT_EQ(json_at(other_stats, {"dead_letters"}), "0");
  EXPECT_EQ(json_at(other_stats, {"oldest"}), "null");
  EXPECT_EQ(json_at(other_stats, {"newest"}), "null");
  EXPECT_NE(json_at(server_.get("/api/client_metadata", other).body, {"project_id"}), kProject);
}

TEST_F(Access, AKeyThatMayOnlyIngestCannotRead) {
  const auto key = server_->accounts().add_key(*base::parse_uuid(kProject), "ingest", {1});
  EXPECT_EQ(server_.get("/api/client_metadata", key->secret).status, 200);
  EXPECT_EQ(server_.get("/api/v1/exchanges", key->secret).status, 403);
}

TEST_F(Access, HealthMetricsAndTheDashboardAreOpen) {
  for (const char* path : {"/healthz", "/metrics", "/"}) {
    EXPECT_EQ(server_.call("GET", path).status, 200) << path;
  }
}

TEST_F(Access, ALogInIsAStrictCookieThatReads) {
  const auto answer = log_in();
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string cookie = answer.header("Set-Cookie");
  for (const char* part : {"apitoolkit_session=", "HttpOnly", "SameSite=Strict", "Path=/"}) {
    EXPECT_THAT(cookie, HasSubstr(part));
  }
  EXPECT_EQ(json_at(answer.body, {"user"}), "owner");
  EXPECT_EQ(json_at(answer.body, {"role"}), "owner");
  EXPECT_EQ(json_at(answer.body, {"project", "id"}), kProject);
  const auto session = server_.call("GET", "/api/v1/session", {cookie_of(answer)});
  EXPECT_EQ(session.status, 200);
  EXPECT_EQ(session.body, answer.body);
  EXPECT_EQ(server_.call("GET", "/api/v1/exchanges", {cookie_of(answer)}).status, 200);
}

TEST_F(Access, LoggingOutNeedsTheTokenAndEndsTheSession) {
  const auto answer = log_in();
  const std::string cookie = cookie_of(answer);
  const std::string token = "X-CSRF-Token: " + json_at(answer.body, {"csrf_token"});
  EXPECT_EQ(server_.call("DELETE", "/api/v1/session").status, 401);
  EXPECT_EQ(server_.call("DELETE", "/api/v1/session", {cookie}).status, 403);
  EXPECT_EQ(server_.call("DELETE", "/api/v1/session", {cookie, token + "x"}).status, 403);
  EXPECT_EQ(server_.call("DELETE", "/api/v1/session", {cookie, token}).status, 204);
  EXPECT_EQ(server_.call("GET", "/api/v1/session", {cookie}).status, 401);
  EXPECT_EQ(server_.call("GET", "/api/v1/exchanges", {cookie}).status, 401);
}

TEST_F(Access, AShownKeyCountsBeforeACookie) {
  const std::string cookie = cookie_of(log_in());
  EXPECT_EQ(
      server_.call("GET", "/api/v1/exchanges", {cookie, "Authorization: Bearer wrong"}).status,
      401);
}

TEST_F(Access, BadLogInsAreRefusedInProblems) {
  struct Case {
    const char* type;
    std::string body;
    int status;
  };
  for (const Case& c : {Case{"application/json", log_in_body("wrong"), 401},
                        {"application/json", R"({"name":"nobody","password":"x"})", 401},
                        {"application/json", R"({"name":"owner"})", 400},
                        {"application/json", R"({"name":7,"password":"x"})", 400},
                        {"application/json", "[]", 400},
                        {"application/json", "", 400},
                        {"application/json", std::string(5000, ' '), 413},
                        {"application/x-www-form-urlencoded", log_in_body(kPassword), 415}}) {
    const auto answer =
        server_.call("POST", "/api/v1/session", {std::string("Content-Type: ") + c.type}, c.body);
    EXPECT_EQ(answer.status, c.status) << c.body.substr(0, 60);
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(answer.header("Set-Cookie"), "");
  }
}

TEST_F(Access, TooManyFailuresAreToldToWait) {
  for (int i = 0; i < limits::kLoginAttemptsPerMinuteMax; i++)
    EXPECT_EQ(log_in("wrong").status, 401);
  const auto answer = log_in();
  EXPECT_EQ(answer.status, 429);
  EXPECT_FALSE(answer.header("Retry-After").empty());
}

}  // namespace
}  // namespace apitoolkit::server
