// Keys, users, projects, sessions and the audit log over REST.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/uuid.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using account::Role;
using testing::HasSubstr;
using testing::Not;

class AccountsRest : public testing::Test {
 protected:
  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }

  std::string log_in(const std::string& name, const std::string& password = kPassword) {
    const auto made = server_->accounts().log_in(name, password, "test");
    EXPECT_TRUE(made) << made.error().message;
    return made ? made->token : "";
  }
  net::RawAnswer call(const std::string& token, const std::string& method, const std::string& path,
                      const std::string& body = "") {
    std::vector<std::string> headers{"Cookie: apitoolkit_session=" + token,
                                     "X-CSRF-Token: " + account::Accounts::csrf_token(token)};
    if (!body.empty()) headers.emplace_back("Content-Type: application/json");
    return server_.call(method, "/api/v1/" + path, headers, body);
  }
  std::string add_user(const std::string& name, const std::string& role) {
    const auto answer = call(
        owner_, "POST", "users",
        R"({"name":")" + name + R"(","role":")" + role + R"(","password":"a password of theirs"})");
    EXPECT_EQ(answer.status, 201) << answer.body;
    return json_at(answer.body, {"id"});
  }

  TestServer server_{in_memory()};
  const std::string owner_ = log_in("owner");
};

TEST_F(AccountsRest, AKeyIsShownOnceWorksAndIsRevokedAtOnce) {
  const auto made = call(owner_, "POST", "keys", R"({"name":"web","scopes":["ingest","read"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string secret = json_at(made.body, {"secret"});
  EXPECT_TRUE(secret.starts_with(json_at(made.body, {"prefix"})));
  EXPECT_EQ(json_at(made.body, {"last_used_at"}), "null");
  EXPECT_EQ(server_.get("/api/v1/exchanges", secret).status, 200);
  const std::string topic = server_.publish_path(secret);
  EXPECT_EQ(server_.call("POST", topic, {}, publish_body({message("/a")})).status, 200);

  const auto listed = call(owner_, "GET", "keys");
  EXPECT_THAT(listed.body, Not(HasSubstr(secret)));
  EXPECT_EQ(json_at(listed.body, {"data", "1", "name"}), "web");
  EXPECT_EQ(json_at(listed.body, {"data", "1", "scopes"}), R"(["ingest","read"])");
  EXPECT_NE(json_at(listed.body, {"data", "1", "last_used_at"}), "null");

  const std::string id = json_at(made.body, {"id"});
  EXPECT_EQ(call(owner_, "DELETE", "keys/" + id).status, 204);
  EXPECT_EQ(server_.get("/api/v1/exchanges", secret).status, 401);
  EXPECT_EQ(server_.get("/api/client_metadata", secret).status, 401);
  EXPECT_EQ(server_.call("POST", topic, {}, publish_body({message("/b")})).status, 401);
  EXPECT_NE(json_at(call(owner_, "GET", "keys").body, {"data", "1", "revoked_at"}), "null");
}

TEST_F(AccountsRest, AKeyIsRenamedAndLimited) {
  const auto made =
      call(owner_, "POST", "keys", R"({"name":"web","scopes":["ingest"],"requests_per_s":5})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "keys/" + json_at(made.body, {"id"});
  const auto changed = call(owner_, "PATCH", path, R"({"name":"worker","bytes_per_s":1000})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  const std::string key = json_at(call(owner_, "GET", "keys").body, {"data", "1"});
  EXPECT_EQ(json_at(key, {"name"}), "worker");
  EXPECT_EQ(json_at(key, {"requests_per_s"}), "5");
  EXPECT_EQ(json_at(key, {"bytes_per_s"}), "1000");
}

TEST_F(AccountsRest, AKeyOverItsLimitIsToldToWait) {
  const auto made = call(owner_, "POST", "keys",
                         R"({"name":"web","scopes":["ingest","read"],"requests_per_s":1})");
  const std::string secret = json_at(made.body, {"secret"});
  const std::string topic = server_.publish_path(secret);
  // As many as it may at once, and those of the seconds that pass meanwhile.
  net::RawAnswer answer;
  for (int i = 0; i < 1000 && answer.status != 429; i++) {
    answer = server_.call("POST", topic, {}, publish_body({message("/a")}));
  }
  EXPECT_EQ(answer.status, 429);
  EXPECT_FALSE(answer.header("Retry-After").empty());
  answer = {};
  for (int i = 0; i < 1000 && answer.status != 429; i++) {
    answer = server_.get("/api/v1/exchanges", secret);
  }
  EXPECT_EQ(answer.status, 429);
  answer = {};
  for (int i = 0; i < 1000 && answer.status != 429; i++) {
    answer = server_.get("/api/client_metadata", secret);
  }
  EXPECT_EQ(answer.status, 429);
  EXPECT_FALSE(answer.header("Retry-After").empty());
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(server_.publish({message("/b")}).status, 200);  // another key's
}

TEST_F(AccountsRest, WhatCannotBeIsNamed) {
  struct Case {
    const char* path;
    const char* body;
    const char* pointer;
  };
  for (const Case& c :
       {Case{"keys", R"({"scopes":["read"]})", "name"},
        {"keys", R"({"name":"a","scopes":[]})", "scopes"},
        {"keys", R"({"name":"a"})", "scopes"},
        {"keys", R"({"name":"a","scopes":["write"]})", "scopes"},
        {"keys", R"({"name":"a","scopes":"read"})", "scopes"},
        {"keys", R"({"name":"a","scopes":["read"],"bytes_per_s":-1})", "bytes_per_s"},
        {"keys", R"({"name":"a","scopes":["read"],"colour":"red"})", "colour"},
        {"users", R"({"name":"a","role":"king","password":"12345678"})", "role"},
        {"users", R"({"role":"viewer","password":"12345678"})", "name"},
        {"users", R"({"name":"nobody yet","role":"viewer"})", "password"},
        {"projects", R"({"name":7})", "name"}}) {
    const auto answer = call(owner_, "POST", c.path, c.body);
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << c.body << answer.body;
  }
  EXPECT_EQ(call(owner_, "POST", "keys", R"({"name":"","scopes":["read"]})").status, 400);
  EXPECT_EQ(call(owner_, "POST", "keys", R"({"name":"a\nb","scopes":["read"]})").status, 400);
  EXPECT_EQ(
      call(owner_, "POST", "users", R"({"name":"a","role":"viewer","password":"short"})").status,
      400);
  EXPECT_EQ(call(owner_, "POST", "keys", "[]").status, 400);
  EXPECT_EQ(call(owner_, "POST", "keys", "{").status, 400);
  EXPECT_EQ(call(owner_, "POST", "keys", "\"" + std::string(2 << 20, 'x') + "\"").status, 413);
  EXPECT_EQ(
      server_.call("POST", "/api/v1/keys", {"Authorization: Bearer " + std::string(kKey)}, "{}")
          .status,
      403);
}

TEST_F(AccountsRest, ARoleIsInForceAtOnce) {
  const std::string id = add_user("vera", "viewer");
  const std::string vera = log_in("vera", "a password of theirs");
  EXPECT_EQ(call(vera, "GET", "keys").status, 403);
  EXPECT_EQ(call(owner_, "PATCH", "users/" + id, R"({"role":"admin"})").status, 200);
  EXPECT_EQ(call(vera, "GET", "keys").status, 200);
  EXPECT_EQ(call(owner_, "DELETE", "users/" + id).status, 204);
  EXPECT_EQ(call(vera, "GET", "keys").status, 401);
  EXPECT_FALSE(server_->accounts().user("vera"));
}

TEST_F(AccountsRest, AnAdminCannotRiseAboveAdmin) {
  const std::string ada_id = add_user("ada", "admin");
  const std::string ada = log_in("ada", "a password of theirs");
  EXPECT_EQ(
      call(ada, "POST", "users", R"({"name":"bob","role":"member","password":"12345678"})").status,
      201);
  EXPECT_EQ(
      call(ada, "POST", "users", R"({"name":"eve","role":"owner","password":"12345678"})").status,
      403);
  EXPECT_EQ(call(ada, "PATCH", "users/" + ada_id, R"({"role":"owner"})").status, 403);
  EXPECT_EQ(call(ada, "PATCH", "users/" + ada_id, R"({"password":"12345678"})").status, 403);
  const std::string owner_id = std::to_string(server_->accounts().user("owner")->id);
  EXPECT_EQ(call(ada, "PATCH", "users/" + owner_id, R"({"role":"viewer"})").status, 403);
  EXPECT_EQ(call(ada, "DELETE", "users/" + owner_id).status, 403);
  EXPECT_EQ(
      call(ada, "POST", "users", R"({"name":"bob","role":"viewer","password":"12345678"})").status,
      409);
}

TEST_F(AccountsRest, TheLastOwnerStays) {
  const std::string owner_id = std::to_string(server_->accounts().user("owner")->id);
  EXPECT_EQ(call(owner_, "DELETE", "users/" + owner_id).status, 400);
  EXPECT_EQ(call(owner_, "PATCH", "users/" + owner_id, R"({"role":"admin"})").status, 400);
  EXPECT_TRUE(server_->accounts().user("owner")->is_owner);
  const std::string second = add_user("second", "owner");
  EXPECT_EQ(call(owner_, "PATCH", "users/" + owner_id, R"({"role":"admin"})").status, 200);
  EXPECT_FALSE(server_->accounts().user("owner")->is_owner);
  EXPECT_EQ(call(owner_, "GET", "keys").status, 200);
  EXPECT_EQ(call(owner_, "POST", "projects", R"({"name":"x"})").status, 403);
}

TEST_F(AccountsRest, OwnersMakeProjectsAndEverybodySwitchesBetweenTheirOwn) {
  const std::string vera_id = add_user("vera", "viewer");
  const std::string vera = log_in("vera", "a password of theirs");
  const auto made = call(owner_, "POST", "projects", R"({"name":"shop"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string shop = json_at(made.body, {"id"});
  const std::string to_shop = R"({"project":")" + shop + "\"}";
  EXPECT_EQ(json_count(call(vera, "GET", "projects").body, {"data"}), 1u);
  EXPECT_EQ(call(vera, "PATCH", "session", to_shop).status, 404);
  EXPECT_EQ(json_count(call(owner_, "GET", "projects").body, {"data"}), 2u);
  const auto switched = call(owner_, "PATCH", "session", to_shop);
  EXPECT_EQ(switched.status, 200);
  EXPECT_EQ(json_at(switched.body, {"project", "name"}), "shop");

  // A user of one project joins another by an owner's word alone, and keeps a role in each.
  EXPECT_EQ(call(owner_, "POST", "users", R"({"name":"vera","role":"admin"})").status, 201);
  EXPECT_EQ(json_at(call(vera, "GET", "session").body, {"role"}), "viewer");
  EXPECT_EQ(json_at(call(vera, "PATCH", "session", to_shop).body, {"role"}), "admin");
  EXPECT_EQ(call(vera, "PATCH", "projects/" + shop, R"({"name":"Shop"})").status, 200);
  EXPECT_EQ(call(vera, "PATCH", std::string("projects/") + kProject, R"({"name":"x"})").status,
            404);
  // Out of the one, the session looks at the other.
  EXPECT_EQ(call(owner_, "DELETE", "users/" + vera_id).status, 204);
  const auto left = call(vera, "GET", "session");
  EXPECT_EQ(json_at(left.body, {"project", "id"}), kProject);
  EXPECT_EQ(json_at(left.body, {"role"}), "viewer");
}

TEST_F(AccountsRest, AnOwnerDeletesAProjectWithAllThatIsInIt) {
  const std::string path = "projects/" + std::string(kProject);
  EXPECT_EQ(call(owner_, "DELETE", path).status, 400);  // the last one
  const std::string other_key = server_.add_project("other");
  const std::string topic = server_.publish_path();
  EXPECT_EQ(server_.publish({message("/a"), "bad"}).status, 400);
  EXPECT_EQ(server_
                .call("POST", server_.publish_path(other_key), {"Content-Type: application/json"},
                      publish_body({message("/other")}))
                .status,
            200);
  add_user("only here", "viewer");
  const std::string viewer = log_in("only here", "a password of theirs");

  EXPECT_EQ(call(owner_, "DELETE", "projects/" + std::string(36, '0')).status, 404);
  EXPECT_EQ(call(viewer, "DELETE", path).status, 403);
  EXPECT_EQ(call(owner_, "DELETE", path).status, 204);

  EXPECT_EQ(server_.get("/api/v1/exchanges").status, 401);
  EXPECT_EQ(
      server_
          .call("POST", topic, {"Content-Type: application/json"}, publish_body({message("/late")}))
          .status,
      404);
  EXPECT_EQ(call(viewer, "GET", "exchanges").status, 401);
  EXPECT_FALSE(server_->accounts().user("only here"));
  EXPECT_EQ(call(owner_, "DELETE", path).status, 404);
  // The owner looks at the other one now, and nothing but that is stored.
  const auto session = call(owner_, "GET", "session");
  EXPECT_EQ(json_at(session.body, {"project", "name"}), "other");
  const std::string metrics = server_.call("GET", "/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("apitoolkit_store_exchanges 1\n"));
  EXPECT_THAT(metrics, HasSubstr("apitoolkit_store_dead_letters 0\n"));
  EXPECT_EQ(json_at(server_.get("/api/v1/stats", other_key).body, {"exchanges"}), "1");
  EXPECT_EQ(json_at(call(owner_, "GET", "audit").body, {"data", "0", "action"}), "project.delete");
}

TEST_F(AccountsRest, OnesOwnPasswordNeedsTheOldOneAndEndsTheSessions) {
  add_user("vera", "viewer");
  const std::string vera = log_in("vera", "a password of theirs");
  const auto body = [](const std::string& current) {
    return R"({"current_password":")" + current + R"(","password":"a new password"})";
  };
  EXPECT_EQ(call(vera, "POST", "session/password", body("wrong")).status, 403);
  EXPECT_EQ(call(vera, "POST", "session/password", body("a password of theirs")).status, 204);
  EXPECT_EQ(call(vera, "GET", "session").status, 401);
  EXPECT_FALSE(log_in("vera", "a new password").empty());
}

TEST_F(AccountsRest, EveryChangeIsInTheAuditLogWithWhoAndWhereFrom) {
  const auto key = call(owner_, "POST", "keys", R"({"name":"web","scopes":["admin"]})");
  const std::string secret = json_at(key.body, {"secret"});
  const std::string id = add_user("vera", "viewer");
  call(owner_, "PATCH", "users/" + id, R"({"role":"member"})");
  const auto second = server_.call(
      "POST", "/api/v1/keys", {"Authorization: Bearer " + secret, "Content-Type: application/json"},
      R"({"name":"by key","scopes":["read"]})");
  EXPECT_EQ(second.status, 201) << second.body;
  const std::string log = server_.get("/api/v1/audit", secret).body;
  EXPECT_EQ(json_at(log, {"data", "0", "action"}), "key.create");
  EXPECT_EQ(json_at(log, {"data", "0", "actor"}), "key " + secret.substr(0, 8) + " (web)");
  EXPECT_EQ(json_at(log, {"data", "0", "peer"}), "127.0.0.1");
  EXPECT_EQ(json_at(log, {"data", "0", "subject"}), json_at(second.body, {"id"}));
  EXPECT_EQ(json_at(log, {"data", "1", "action"}), "user.role");
  EXPECT_EQ(json_at(log, {"data", "1", "subject"}), "vera");
  EXPECT_EQ(json_at(log, {"data", "1", "actor"}), "user owner");
  EXPECT_EQ(json_at(log, {"data", "1", "detail"}), "role=member");
  EXPECT_EQ(json_at(log, {"data", "2", "action"}), "user.create");
  EXPECT_EQ(json_at(log, {"data", "3", "detail"}), "name=web scopes=admin");
  EXPECT_THAT(log, Not(HasSubstr(secret)));
  EXPECT_THAT(log, Not(HasSubstr("a password of theirs")));
  // What concerns the whole server is the owners' to read.
  EXPECT_THAT(log, Not(HasSubstr("server.found")));
  EXPECT_THAT(call(owner_, "GET", "audit").body, HasSubstr("server.found"));
  const auto page = server_.get("/api/v1/audit?limit=1", secret).body;
  EXPECT_EQ(json_count(page, {"data"}), 1u);
  const auto next =
      server_.get("/api/v1/audit?limit=1&cursor=" + json_at(page, {"next_cursor"}), secret).body;
  EXPECT_EQ(json_at(next, {"data", "0", "action"}), "user.role");
}

}  // namespace
}  // namespace apitoolkit::server
