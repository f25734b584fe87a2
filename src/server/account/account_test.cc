#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/account/accounts.h"
#include "src/server/account/bootstrap.h"
#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server::account {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class SetClock final : public base::Clock {
 public:
  std::int64_t now_ns() const override { return now; }
  std::int64_t now = 1'700'000'000'000'000'000;
};

class AccountTest : public testing::Test {
 protected:
  AccountTest() {
    std::string pattern = (fs::temp_directory_path() / "account-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~AccountTest() override { fs::remove_all(directory_); }

  std::unique_ptr<Catalog> catalog() {
    auto opened = open_catalog(directory_);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }

  // The accounts of a first start with those wishes.
  std::unique_ptr<Accounts> founded(const BootstrapWishes& wishes) {
    auto fresh = catalog();
    auto made = bootstrap(*fresh, wishes, clock_.now);
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_TRUE(*made);
    founded_ = **made;
    return std::move(*Accounts::open(std::move(fresh), clock_));
  }

  std::string file_bytes() const {
    std::string all;
    for (const auto& entry : fs::directory_iterator(directory_)) {
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return all;
  }

  const BootstrapWishes wishes_{"a password of mine", "bootstrap-key-0123456789",
                                "11111111-2222-4333-8444-555555555555"};
  SetClock clock_;
  std::string directory_;
  Founded founded_;
};

TEST_F(AccountTest, TheFirstStartMakesWhatWasWishedAndShowsNoneOfIt) {
  const auto accounts = founded(wishes_);
  EXPECT_FALSE(founded_.password);
  EXPECT_FALSE(founded_.key);
  const auto holder = accounts->find_key("bootstrap-key-0123456789");
  ASSERT_TRUE(holder);
  EXPECT_EQ(base::format_uuid(holder->project->id), "11111111-2222-4333-8444-555555555555");
  EXPECT_TRUE(holder->scopes.has(Scope::kIngest));
  EXPECT_TRUE(holder->scopes.has(Scope::kRead));
  EXPECT_FALSE(holder->scopes.has(Scope::kAdmin));
  EXPECT_TRUE(accounts->log_in("owner", "a password of mine", "peer"));
  EXPECT_FALSE(*accounts->catalog().has_generated_password());
}

TEST_F(AccountTest, TheFirstStartMakesSecretsWhereNoneWereWished) {
  const auto accounts = founded({{}, {}, "Shop"});
  ASSERT_TRUE(founded_.password);
  ASSERT_TRUE(founded_.key);
  EXPECT_EQ(founded_.project_name, "Shop");
  EXPECT_EQ(founded_.key->find_first_of("=,% "), std::string::npos);
  EXPECT_TRUE(accounts->find_key(*founded_.key));
  EXPECT_TRUE(accounts->log_in("owner", *founded_.password, "peer"));
  EXPECT_TRUE(*accounts->catalog().has_generated_password());
}

TEST_F(AccountTest, ASecondStartMakesNothing) {
  founded(wishes_);
  const auto again = bootstrap(*catalog(), {"another password", "another-key-0123456789", {}}, 0);
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
}

TEST_F(AccountTest, WishesThatCannotBeAreNamed) {
  struct Case {
    BootstrapWishes wishes;
    const char* named;
  };
  for (const Case& c : {Case{{"short", {}, {}}, "APITOOLKIT_BOOTSTRAP_PASSWORD"},
                        {{{}, "fifteen-letters", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "with=equals-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "with,comma-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "with%percent-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "with blank-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "with\ttab-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, "wíth-umlaut-0123456789", {}}, "APITOOLKIT_BOOTSTRAP_KEY"},
                        {{{}, {}, std::string(300, 'p')}, "APITOOLKIT_BOOTSTRAP_PROJECT"}}) {
    const auto status = check_wishes(c.wishes);
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr(c.named));
  }
  EXPECT_TRUE(check_wishes({"eight888", "sixteen-letters!", ""}));
}

TEST_F(AccountTest, EmptyVariablesCountAsNotSet) {
  const auto wishes = read_wishes([](const char* name) -> const char* {
    return std::string_view(name) == "APITOOLKIT_BOOTSTRAP_PROJECT" ? "Shop" : "";
  });
  EXPECT_FALSE(wishes.password);
  EXPECT_FALSE(wishes.key);
  EXPECT_EQ(wishes.project, "Shop");
}

TEST_F(AccountTest, TheCatalogHoldsNoSecretInClear) {
  std::string token;
  std::string secret;
  {
    const auto accounts = founded(wishes_);
    token = accounts->log_in("owner", "a password of mine", "peer")->token;
    secret = accounts->add_key(founded_.project, "second", {1})->secret;
  }
  const std::string bytes = file_bytes();
  EXPECT_THAT(bytes, HasSubstr("pubsub_project_id"));
  for (const std::string& hidden : {std::string("a password of mine"),
                                    std::string("bootstrap-key-0123456789"), token, secret}) {
    EXPECT_THAT(bytes, Not(HasSubstr(hidden)));
  }
}

TEST_F(AccountTest, TheCatalogIsItsOwnersAlone) {
  founded(wishes_);
  struct stat found {};
  ASSERT_EQ(::stat((directory_ + "/catalog.db").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
}

TEST_F(AccountTest, KeysTopicsAndSessionsOutliveARestart) {
  std::string topic;
  std::string token;
  std::string second;
  {
    const auto accounts = founded(wishes_);
    topic = accounts->find_key("bootstrap-key-0123456789")->topic;
    token = accounts->log_in("owner", "a password of mine", "peer")->token;
    second = accounts->add_key(founded_.project, "second", {2})->secret;
  }
  const auto accounts = std::move(*Accounts::open(catalog(), clock_));
  EXPECT_EQ(accounts->find_topic(topic)->project->id, founded_.project);
  EXPECT_TRUE(accounts->find_session(token));
  EXPECT_FALSE(accounts->find_key(second)->scopes.has(Scope::kIngest));
}

TEST_F(AccountTest, ARevokedKeyAndItsTopicAreRefusedAtOnceAndAfterARestart) {
  std::string topic;
  {
    const auto accounts = founded(wishes_);
    const auto holder = accounts->find_key("bootstrap-key-0123456789");
    topic = holder->topic;
    ASSERT_TRUE(accounts->revoke_key(holder->key_id));
    EXPECT_EQ(accounts->find_key("bootstrap-key-0123456789").error().code,
              ErrorCode::kUnauthenticated);
    EXPECT_EQ(accounts->find_topic(topic).error().code, ErrorCode::kUnauthenticated);
  }
  const auto accounts = std::move(*Accounts::open(catalog(), clock_));
  EXPECT_FALSE(accounts->find_key("bootstrap-key-0123456789"));
  EXPECT_EQ(accounts->find_topic(topic).error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(accounts->find_topic("at-unknown").error().code, ErrorCode::kNotFound);
}

TEST_F(AccountTest, EveryKeyHasATopicOfItsOwn) {
  const auto accounts = founded(wishes_);
  const auto one = accounts->add_key(founded_.project, "one", {1});
  const auto two = accounts->add_key(founded_.project, "two", {1});
  EXPECT_NE(one->key.topic, two->key.topic);
  EXPECT_TRUE(one->key.topic.starts_with("at-"));
  EXPECT_GE(one->key.topic.size(), 40u);
  EXPECT_EQ(accounts->find_topic(one->key.topic)->key_id, one->key.id);
  EXPECT_TRUE(one->secret.starts_with(one->key.prefix));
  EXPECT_FALSE(accounts->add_key(base::make_uuid_v4(), "of nobody's project", {1}));
}

TEST_F(AccountTest, LogInsFailWithoutSayingWhetherTheNameExists) {
  const auto accounts = founded(wishes_);
  const auto wrong = accounts->log_in("owner", "wrong", "peer");
  const auto unknown = accounts->log_in("nobody", "a password of mine", "peer");
  EXPECT_EQ(wrong.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(unknown.error().message, wrong.error().message);
}

TEST_F(AccountTest, SessionsEnd) {
  const auto accounts = founded(wishes_);
  const auto first = accounts->log_in("owner", "a password of mine", "peer");
  const auto second = accounts->log_in("owner", "a password of mine", "peer");
  ASSERT_TRUE(accounts->log_out(first->token));
  EXPECT_FALSE(accounts->find_session(first->token));
  EXPECT_TRUE(accounts->find_session(second->token));
  EXPECT_FALSE(accounts->find_session(""));
  clock_.now += limits::kSessionLifetimeS * 1'000'000'000;
  EXPECT_FALSE(accounts->find_session(second->token));
  ASSERT_TRUE(accounts->tidy());
  EXPECT_TRUE(accounts->catalog().sessions()->empty());
}

TEST_F(AccountTest, ANewPasswordReplacesTheOldAndEndsSessions) {
  const auto accounts = founded({{}, {}, {}});
  ASSERT_TRUE(accounts->log_in("owner", *founded_.password, "peer"));
  ASSERT_TRUE(accounts->set_password(accounts->user("owner")->id, "chosen by me", {}));
  EXPECT_FALSE(*accounts->catalog().has_generated_password());
  EXPECT_TRUE(accounts->catalog().sessions()->empty());
  EXPECT_FALSE(accounts->log_in("owner", *founded_.password, "peer"));
  EXPECT_TRUE(accounts->log_in("owner", "chosen by me", "peer"));
  EXPECT_EQ(accounts->set_password(999, "long enough", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(AccountTest, TakesUpWhatAnotherProcessChanged) {
  const auto server = founded(wishes_);
  const auto command = std::move(*Accounts::open(catalog(), clock_));
  const auto made = command->add_key(founded_.project, "by hand", {2});
  ASSERT_TRUE(made);
  EXPECT_FALSE(server->find_key(made->secret));
  ASSERT_TRUE(server->refresh());
  EXPECT_TRUE(server->find_key(made->secret));
  const auto session = server->log_in("owner", "a password of mine", "peer");
  ASSERT_TRUE(command->revoke_key(made->key.id));
  ASSERT_TRUE(command->refresh());
  ASSERT_TRUE(command->set_password(command->user("owner")->id, "another password", {}));
  ASSERT_TRUE(server->refresh());
  EXPECT_FALSE(server->find_key(made->secret));
  EXPECT_FALSE(server->find_session(session->token));
}

TEST_F(AccountTest, KeepsRulesThatAreTheSameWhileOthersChange) {
  const auto accounts = founded(wishes_);
  RedactionRule rule;
  rule.project = founded_.project;
  rule.value = "X-Account";
  ASSERT_TRUE(accounts->add_rule(rule, {}));
  const RulesOfProject before = accounts->rules_of(founded_.project);
  ASSERT_EQ(before->size(), 1u);
  ASSERT_TRUE(accounts->add_key(founded_.project, "another", {1}));
  EXPECT_EQ(accounts->rules_of(founded_.project), before);
  ASSERT_TRUE(accounts->remove_rule(founded_.project, rule.id, {}));
  EXPECT_TRUE(accounts->rules_of(founded_.project)->empty());
  EXPECT_EQ(before->size(), 1u);
}

TEST_F(AccountTest, BringsACatalogOfVersion1UpToDate) {
  founded(wishes_);
  {
    // As version 1 had it.
    auto database =
        store::Database::open(directory_ + "/catalog.db", store::Database::Access::kWrite);
    const auto done = database->execute(
        "ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'owner';"
        "ALTER TABLE users DROP COLUMN is_owner;"
        "INSERT INTO users VALUES (7, 'vera', '', 0, 1, 'member');"
        "DROP TABLE memberships; DROP TABLE redaction_rules; DROP TABLE shares; DROP TABLE audit;"
        "DROP TABLE removed_projects;"
        "ALTER TABLE api_keys DROP COLUMN requests_per_s;"
        "ALTER TABLE api_keys DROP COLUMN bytes_per_s; PRAGMA user_version = 1");
    ASSERT_TRUE(done) << done.error().message;
  }
  const auto accounts = std::move(*Accounts::open(catalog(), clock_));
  EXPECT_TRUE(accounts->find_key("bootstrap-key-0123456789"));
  EXPECT_TRUE(accounts->user("owner")->is_owner);
  EXPECT_EQ(accounts->user("vera")->role_in(founded_.project), Role::kMember);
  EXPECT_TRUE(accounts->add_key(founded_.project, "more", {1}));
  EXPECT_EQ(accounts->catalog().audit(founded_.project, {}, 10)->size(), 1u);
}

TEST_F(AccountTest, TheAuditLogIsBounded) {
  const auto accounts = founded(wishes_);
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(accounts->record(founded_.project, "test", std::to_string(i), "", {}));
  }
  {
    auto database =
        store::Database::open(directory_ + "/catalog.db", store::Database::Access::kWrite);
    const std::string sql =
        "UPDATE sqlite_sequence SET seq = " + std::to_string(limits::kAuditEntriesMax + 4);
    ASSERT_TRUE(database->execute(sql.c_str()));
  }
  ASSERT_TRUE(accounts->record(founded_.project, "test", "last", "", {}));
  ASSERT_TRUE(accounts->tidy());
  const auto left = *accounts->catalog().audit(founded_.project, {}, 10);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.front().subject, "last");
}

TEST_F(AccountTest, ACatalogOfANewerVersionIsRefusedInOneSentence) {
  founded(wishes_);
  {
    auto database =
        store::Database::open(directory_ + "/catalog.db", store::Database::Access::kWrite);
    ASSERT_TRUE(database->execute("PRAGMA user_version = 999"));
  }
  const auto opened = open_catalog(directory_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(opened.error().message, HasSubstr("newer"));
  EXPECT_THAT(opened.error().message, HasSubstr("catalog.db"));
}

TEST(LoginLimiter, AllowsTenAttemptsAMinute) {
  LoginLimiter limiter;
  constexpr std::int64_t kStart = 5'000'000'000;
  for (int i = 0; i < limits::kLoginAttemptsPerMinuteMax; i++) {
    EXPECT_TRUE(limiter.admit("a", kStart + i));
  }
  EXPECT_FALSE(limiter.admit("a", kStart + 100));
  EXPECT_TRUE(limiter.admit("b", kStart + 100));
  EXPECT_TRUE(limiter.admit("a", kStart + 60'000'000'000));
}

TEST(LoginLimiter, GivesAttemptsBackAfterASuccess) {
  LoginLimiter limiter;
  for (int i = 0; i < 100; i++) {
    EXPECT_TRUE(limiter.admit("a", 1));
    limiter.succeeded("a");
  }
}

TEST(LoginLimiter, ForgetsOldSubjectsRatherThanGrow) {
  LoginLimiter limiter;
  for (int i = 0; i < limits::kLoginPeersMax; i++) {
    ASSERT_TRUE(limiter.admit(std::to_string(i), 1));
  }
  EXPECT_FALSE(limiter.admit("one more", 2));
  EXPECT_TRUE(limiter.admit("one more", 61'000'000'000));
}

TEST(Secret, NeverRepeatsAndStaysInItsAlphabet) {
  const std::string a = random_secret("atk_");
  const std::string b = random_secret("atk_");
  EXPECT_NE(a, b);
  EXPECT_EQ(a.size(), 4u + 43u);
  EXPECT_EQ(a.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Secret, PasswordHashesAreSaltedArgon2id) {
  const auto one = hash_password("the same");
  const auto two = hash_password("the same");
  EXPECT_NE(*one, *two);
  EXPECT_TRUE(one->starts_with("$argon2id$"));
  EXPECT_TRUE(verify_password("the same", *one));
  EXPECT_FALSE(verify_password("another", *one));
  EXPECT_FALSE(verify_password("the same", ""));
}

}  // namespace
}  // namespace apitoolkit::server::account
