// Every route that wire/api.json describes × every kind of credential × every method. A route that
// is not described there fails in rest_test.cc; one that does not say its role, or whose path has
// an id of which there is none here, fails in this file.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "src/base/uuid.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using account::Role;

// In every name and text of the first project; what another project is shown must not hold it.
constexpr const char* kMark = "of-the-first-project";
constexpr const char* kExchange = "018f3b5e-7c1a-7abc-8def-0123456789ab";

struct Operation {
  std::string method;
  std::string path;
  std::string role;  // x-role
  bool streams = false;
  bool has_id() const { return path.find('{') != std::string::npos; }
  bool changes() const { return method != "GET"; }
};

std::vector<std::string> members_of(const std::string& object) {
  const auto document = json::Document::parse(object);
  std::vector<std::string> names;
  std::uint32_t name = 1;
  for (std::uint32_t i = 0; i < (*document)[0].count; i++) {
    names.push_back(document->text(name));
    name = (*document)[name + 1].next;
  }
  return names;
}

std::vector<Operation> described() {
  std::ifstream in(APITOOLKIT_SOURCE_DIR "/wire/api.json");
  const std::string api = (std::stringstream() << in.rdbuf()).str();
  std::vector<Operation> operations;
  for (const std::string& path : members_of(json_at(api, {"paths"}))) {
    for (std::string method : members_of(json_at(api, {"paths", path}))) {
      Operation one;
      one.path = path;
      one.role = json_at(api, {"paths", path, method, "x-role"});
      one.streams =
          !json_at(api, {"paths", path, method, "responses", "200", "content", "text/event-stream"})
               .empty();
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      one.method = method;
      operations.push_back(one);
    }
  }
  return operations;
}

class EveryRoute : public testing::Test {
 protected:
  EveryRoute() {
    auto& accounts = server_->accounts();
    EXPECT_TRUE(accounts.rename_project(project_, kMark, {}));
    server_.publish(
        {message("/a", R"("host":")" + std::string(kMark) + R"(","msg_id":")" + kExchange + "\""),
         std::string("bad ") + kMark});
    reader_ = accounts.add_key(project_, std::string("r ") + kMark, {2})->secret;
    admin_ = accounts.add_key(project_, std::string("a ") + kMark, {4})->secret;
    ingest_ = accounts.add_key(project_, std::string("i ") + kMark, {1})->secret;
    const auto revoked = accounts.add_key(project_, std::string("x ") + kMark, {7});
    revoked_ = revoked->secret;
    EXPECT_TRUE(accounts.revoke_key(revoked->key.id));
    other_ = server_.add_project("other");
    for (const auto& project : accounts.projects()) {
      if (project->id != project_) {
        other_admin_ = accounts.add_key(project->id, "admin", {7})->secret;
      }
    }
    sessions_[Role::kOwner] = *accounts.log_in("owner", kPassword, "test");
    for (const Role role : {Role::kViewer, Role::kMember, Role::kAdmin}) {
      add_user(std::string(account::to_string(role)) + kMark, role);
      sessions_[role] =
          *accounts.log_in(std::string(account::to_string(role)) + kMark, kPassword, "test");
    }
    ids_["/api/v1/users/"] = add_user("somebody else", Role::kViewer);
    ids_["/api/v1/exchanges/"] = kExchange;
    ids_["/api/v1/projects/"] = kProject;
    account::RedactionRule rule;
    rule.project = project_;
    rule.value = "X-Account";
    rule.note = kMark;
    EXPECT_TRUE(accounts.add_rule(rule, {}));
    ids_["/api/v1/redaction/"] = std::to_string(rule.id);
    const auto share = accounts.add_share(project_, *base::parse_uuid(kExchange), 600, {kMark, ""});
    ids_["/api/v1/shares/"] = std::to_string(share->share.id);
    ids_["/share/"] = share->token;
    ids_["/api/v1/dead-letters/"] =
        json_at(server_.get("/api/v1/dead-letters").body, {"data", "0", "id"});
    ids_["/api/v1/keys/"] = std::to_string(accounts.keys_of(project_).front().id);
  }

  std::string add_user(const std::string& name, Role role) {
    account::User user;
    user.name = name;
    user.memberships[project_] = role;
    EXPECT_TRUE(server_->accounts().add_user(user, kPassword, {}));
    return std::to_string(user.id);
  }

  // The path with the id of something that the first project has.
  std::string path_of(const Operation& operation) const {
    const std::size_t at = operation.path.find('{');
    if (at == std::string::npos) return operation.path;
    const auto found = ids_.find(operation.path.substr(0, at));
    EXPECT_NE(found, ids_.end()) << operation.path << ": there is none of these in this test";
    if (found == ids_.end()) return operation.path;
    return operation.path.substr(0, at) + found->second +
           operation.path.substr(operation.path.find('}') + 1);
  }

  // Whether another route takes that path as one with an id: /redaction/{id} does
  // /redaction/preview.
  bool is_of_a_pattern(const std::string& method, const std::string& path) const {
    return std::any_of(operations_.begin(), operations_.end(), [&](const Operation& one) {
      const std::size_t at = one.path.find('{');
      return one.method == method && one.path != path && at != std::string::npos &&
             one.path.back() == '}' && path.starts_with(one.path.substr(0, at)) &&
             path.find('/', at) == std::string::npos;
    });
  }

  net::RawAnswer call(const Operation& operation, std::vector<std::string> headers) {
    std::string body;
    if (operation.changes() && operation.method != "DELETE") {
      headers.emplace_back("Content-Type: application/json");
      body = "{}";
    }
    return server_.call(operation.method, path_of(operation), std::move(headers), body);
  }
  net::RawAnswer with_key(const Operation& operation, const std::string& key) {
    return call(operation, {"Authorization: Bearer " + key});
  }
  net::RawAnswer with_session(const Operation& operation, Role role) {
    const std::string& token = sessions_.at(role).token;
    return call(operation, {"Cookie: apitoolkit_session=" + token,
                            "X-CSRF-Token: " + account::Accounts::csrf_token(token)});
  }

  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }
  TestServer server_{in_memory()};
  const Uuid project_ = *base::parse_uuid(kProject);
  const std::vector<Operation> operations_ = described();
  std::string reader_, admin_, ingest_, revoked_, other_, other_admin_;
  std::map<Role, account::NewSession> sessions_;
  std::map<std::string, std::string> ids_;  // by what stands before {id} in a path
};

void expect_problem(const net::RawAnswer& answer, int status) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST_F(EveryRoute, SaysWhichRoleItWants) {
  const std::set<std::string> roles{"viewer", "member", "admin", "owner", "session", "none"};
  for (const Operation& operation : operations_) {
    EXPECT_TRUE(roles.contains(operation.role))
        << operation.method << " " << operation.path << ": x-role is missing in wire/api.json";
  }
}

TEST_F(EveryRoute, RefusesWhoHasNoKeyThatIsValid) {
  for (const Operation& operation : operations_) {
    if (operation.role == "none") continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    const auto nobody = call(operation, {});
    expect_problem(nobody, 401);
    EXPECT_EQ(nobody.header("WWW-Authenticate"), "Bearer");
    for (const std::string& key :
         {std::string("wrong"), admin_ + "x", std::string(), revoked_, std::string(1000, 'k')}) {
      expect_problem(with_key(operation, key), 401);
    }
    expect_problem(call(operation, {"Cookie: apitoolkit_session=wrong"}), 401);
    expect_problem(with_key(operation, ingest_), 403);
  }
}

TEST_F(EveryRoute, RefusesRolesThatAreTooSmallAndLetsTheOthersIn) {
  const std::vector<Role> roles{Role::kViewer, Role::kMember, Role::kAdmin, Role::kOwner};
  for (const Operation& operation : operations_) {
    const auto least = account::parse_role(operation.role);
    if (!least) continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    for (const Role role : roles) {
      if (role < *least) expect_problem(with_session(operation, role), 403);
    }
    if (*least > Role::kViewer) expect_problem(with_key(operation, reader_), 403);
    if (*least > Role::kAdmin) expect_problem(with_key(operation, admin_), 403);
  }
  // Afterwards, because these may change something: all that was refused has left everything there.
  std::vector<Operation> deleting_last = operations_;
  std::stable_partition(deleting_last.begin(), deleting_last.end(),
                        [](const Operation& one) { return one.method != "DELETE"; });
  // With a project all goes that is in it.
  std::stable_partition(deleting_last.begin(), deleting_last.end(), [](const Operation& one) {
    return one.method != "DELETE" || one.path != "/api/v1/projects/{id}";
  });
  for (const Operation& operation : deleting_last) {
    const auto least = account::parse_role(operation.role);
    if (!least || operation.streams) continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    const int status = with_session(operation, *least).status;
    EXPECT_TRUE((status >= 200 && status < 300) || status == 400 || status == 409) << status;
    if (operation.changes()) continue;
    EXPECT_EQ(with_key(operation, *least == Role::kViewer ? reader_ : admin_).status, status);
  }
}

TEST_F(EveryRoute, WantsTheTokenOfTheSessionWhereItChangesSomething) {
  for (const Operation& operation : operations_) {
    if (operation.role == "none" || !operation.changes()) continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    const std::string cookie = "Cookie: apitoolkit_session=" + sessions_.at(Role::kOwner).token;
    expect_problem(call(operation, {cookie}), 403);
    expect_problem(call(operation, {cookie, "X-CSRF-Token: wrong"}), 403);
    const std::string of_another = account::Accounts::csrf_token(sessions_.at(Role::kViewer).token);
    expect_problem(call(operation, {cookie, "X-CSRF-Token: " + of_another}), 403);
  }
}

TEST_F(EveryRoute, OfSessionsIsForLogInsOnly) {
  for (const Operation& operation : operations_) {
    if (operation.role != "session") continue;
    SCOPED_TRACE(operation.method + " " + operation.path);
    expect_problem(with_key(operation, admin_), 401);
  }
}

TEST_F(EveryRoute, ShowsAnotherProjectNothing) {
  for (const Operation& operation : operations_) {
    if (operation.role == "none" || operation.role == "session" || operation.role == "owner") {
      continue;
    }
    SCOPED_TRACE(operation.method + " " + operation.path);
    if (operation.has_id()) {
      expect_problem(with_key(operation, other_admin_), 404);
    } else if (!operation.streams) {
      EXPECT_EQ(with_key(operation, other_admin_).body.find(kMark), std::string::npos);
    }
  }
  // What is listed to the first project does have the mark, or the line above proves nothing.
  for (const char* path : {"exchanges", "keys", "users", "projects", "audit", "redaction"}) {
    const auto own = server_.get(std::string("/api/v1/") + path, admin_).body;
    EXPECT_NE(own.find(kMark), std::string::npos) << path;
  }
}

TEST_F(EveryRoute, NamesItsMethodsToWhoTriesAnother) {
  std::map<std::string, std::set<std::string>> methods;
  for (const Operation& operation : operations_) {
    methods[operation.path].insert(operation.method);
    if (operation.method == "GET") methods[operation.path].insert("HEAD");
  }
  for (const auto& [path, known] : methods) {
    for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
      if (known.contains(method) || is_of_a_pattern(method, path)) continue;
      SCOPED_TRACE(std::string(method) + " " + path);
      const auto answer = server_.call(method, path_of({method, path, "", false}),
                                       {"Authorization: Bearer " + admin_});
      EXPECT_EQ(answer.status, 405);
      for (const std::string& one : known) {
        EXPECT_NE((", " + answer.header("Allow") + ",").find(", " + one + ","), std::string::npos)
            << answer.header("Allow");
      }
    }
  }
}

}  // namespace
}  // namespace apitoolkit::server
