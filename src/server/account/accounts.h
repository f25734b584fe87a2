// Who may do what: finds the project behind a key, a topic or a session, from memory; and all that
// changes who there is, each with a line in the audit log.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/server/account/account.h"
#include "src/server/account/catalog.h"
#include "src/server/account/login_limiter.h"

namespace apitoolkit::server::account {

// Somebody with a key. The project is shared, because it may be replaced while a request holds it.
struct KeyHolder {
  std::int64_t key_id = 0;
  Scopes scopes;
  std::string topic;
  std::shared_ptr<const Project> project;
  std::string name = {};  // "key atk_1234 (web)", for the audit log
  KeyLimits limits = {};
};

// Somebody who logged in.
struct SessionHolder {
  Session session;
  std::string user_name;
  Role role = Role::kViewer;  // in that project
  std::shared_ptr<const Project> project;
};

struct NewKey {
  std::string secret;  // the key itself, which nobody can read again
  ApiKey key;
};

struct NewSession {
  std::string token;
  SessionHolder holder;
};

struct NewShare {
  std::string token;  // likewise
  Share share;
};

// A project's rules, in the order of their ids. Shared: whoever reads them goes on while they are
// replaced. As long as they are the same, it is the same vector.
using RulesOfProject = std::shared_ptr<const std::vector<RedactionRule>>;

// Thread-safe. Finding takes a shared lock and no disk. A change is in force for everything that
// begins after it returned; one of another process (the command line's) after the next refresh().
class Accounts {
 public:
  // Reads the catalog. `clock` must outlive the Accounts.
  static Result<std::unique_ptr<Accounts>> open(std::unique_ptr<Catalog> catalog,
                                                const base::Clock& clock);

  // kUnauthenticated for a key that is unknown or revoked.
  Result<KeyHolder> find_key(std::string_view key);
  // kNotFound for a topic that never was one; kUnauthenticated if its key is revoked.
  Result<KeyHolder> find_topic(std::string_view topic);
  // Nothing for one that has ended, or whose user is gone or in no project any more. Where the user
  // has lost the project that the session looked at, it looks at another one.
  std::optional<SessionHolder> find_session(std::string_view token);

  // What there is now. Lists are in the order of ids, keys with the revoked ones.
  std::shared_ptr<const Project> project(const Uuid& id);
  std::vector<std::shared_ptr<const Project>> projects();
  std::vector<ApiKey> keys_of(const Uuid& project);
  std::optional<User> user(std::int64_t id);
  std::optional<User> user(std::string_view name);
  // Everybody; of a project, its members and the owners.
  std::vector<User> users();
  std::vector<User> users_of(const Uuid& project);
  RulesOfProject rules_of(const Uuid& project);
  // Those whose exchanges may still be in the store (erasure.h).
  std::vector<Uuid> removed_projects();

  // --- Changes (accounts_changes.cc). `by` goes into the audit log. kInvalidArgument says which
  // value cannot be; kNotFound for an id that is not in that project.
  Status add_project(Project project, const Actor& by = {});
  Status rename_project(const Uuid& id, const std::string& name, const Actor& by);
  // With its keys, rules, shares and memberships, and the users who were in no other; its exchanges
  // are the store's. kInvalidArgument for the last project.
  Status remove_project(const Uuid& id, const Actor& by);
  // Nothing of it is stored any more.
  Status forget_removed_project(const Uuid& id);
  Result<NewKey> add_key(const Uuid& project, std::string name, Scopes scopes, const Actor& by = {},
                         KeyLimits limits = {});
  Status update_key(const ApiKey& key, const Actor& by);
  Status revoke_key(const Uuid& project, std::int64_t id, const Actor& by);
  // Of any project.
  Status revoke_key(std::int64_t id, const Actor& by = {});
  // Slow (argon2id), as set_password is. Gives the user its id.
  Status add_user(User& user, std::string_view password, const Actor& by);
  // kOwner makes an owner; another role ends that, and is the user's in this project. No role ends
  // the membership, and the user with the last one; an owner, who needs none, goes altogether.
  Status set_role(std::int64_t user, const Uuid& project, std::optional<Role> role,
                  const Actor& by);
  Status remove_user(std::int64_t user, const Actor& by);
  Status set_password(std::int64_t user, std::string_view password, const Actor& by);
  // Rules must have been compiled by whoever gives them.
  Status add_rule(RedactionRule& rule, const Actor& by);
  Status update_rule(const RedactionRule& rule, const Actor& by);
  Status remove_rule(const Uuid& project, std::int64_t id, const Actor& by);
  Result<NewShare> add_share(const Uuid& project, const Uuid& exchange, std::int64_t lifetime_s,
                             const Actor& by);
  Status remove_share(const Uuid& project, std::int64_t id, const Actor& by);
  // The share of that token while it lasts.
  Result<std::optional<Share>> find_share(std::string_view token);
  // Of something that is kept elsewhere: "dead_letter.delete".
  Status record(const std::optional<Uuid>& project, std::string action, std::string subject,
                std::string detail, const Actor& by);

  // --- Sessions.
  // Slow (argon2id). kUnauthenticated for a wrong name or password, without saying which;
  // kPermissionDenied for a user in no project; kResourceExhausted after too many failures of this
  // name or this peer.
  Result<NewSession> log_in(std::string_view user_name, std::string_view password,
                            std::string_view peer);
  // kNotFound for a project that the user does not belong to.
  Status switch_project(std::string_view token, const Uuid& project);
  Status log_out(std::string_view token);
  // Slow (argon2id). Counts as a log-in does.
  Status check_password(std::string_view user_name, std::string_view password,
                        std::string_view peer);
  // What a changing request must send back, derived from the session's token.
  static std::string csrf_token(std::string_view session_token);

  // Reads the catalog again if another process has changed it. Every second or so.
  Status refresh();
  // Writes when keys were last used, and forgets what has ended. Now and then.
  Status tidy();

  Catalog& catalog() { return *catalog_; }

 private:
  Accounts(std::unique_ptr<Catalog> catalog, const base::Clock& clock);
  // Reads what the catalog has, sessions too, and puts it in the place of what is in memory.
  Status load();
  KeyHolder holder_of(const ApiKey& key);
  std::optional<SessionHolder> holder_of(const Session& session) const;
  AuditEntry entry(const std::optional<Uuid>& project, std::string action, std::string subject,
                   std::string detail, const Actor& by) const;
  // `change` on the catalog, then load().
  template <class Change>
  Status apply(Change change);

  std::unique_ptr<Catalog> catalog_;
  const base::Clock& clock_;
  LoginLimiter limiter_;
  std::mutex change_mutex_;         // held from a change of the catalog until memory has it
  std::atomic<bool> stale_{false};  // memory lacks something that the catalog has
  std::shared_mutex mutex_;         // guards the maps
  std::map<Uuid, std::shared_ptr<const Project>> projects_;
  std::map<Digest, ApiKey> keys_;  // by the hash of the key
  std::map<std::string, Digest, std::less<>> topics_;
  std::map<std::int64_t, User> users_;
  std::map<Uuid, RulesOfProject> rules_;
  std::vector<Uuid> removed_projects_;
  std::map<Digest, Session> sessions_;
  std::mutex used_mutex_;
  std::unordered_map<std::int64_t, std::int64_t> used_ns_;  // by key id, since the last tidy()
};

// A project with a fresh RSA key: takes about a tenth of a second.
Result<Project> make_project(const Uuid& id, std::string name);
// A key of that secret, not yet stored.
ApiKey make_key(const Uuid& project, std::string name, Scopes scopes, std::string_view secret);

}  // namespace apitoolkit::server::account
