// The file catalog.db: users, projects, API keys, sessions, redaction rules, shares and the audit
// log. Captured content is elsewhere.
//
// Several processes may have it open: the server, and the command line beside it. Each change is
// one transaction together with its line of the audit log, and what must never happen (no owner
// left) is refused inside of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/server/account/account.h"

namespace apitoolkit::server::account {

// Thread-safe: one lock around one connection. What every request needs is in Accounts' memory; the
// catalog is only asked where something changes. An id that is not there, or of another project
// than the one named, is kNotFound.
class Catalog {
 public:
  virtual ~Catalog() = default;

  virtual Result<std::vector<Project>> projects() = 0;
  virtual Result<std::vector<ApiKey>> keys() = 0;
  virtual Result<std::vector<User>> users() = 0;
  virtual Result<std::vector<Session>> sessions() = 0;
  virtual Result<std::vector<RedactionRule>> rules() = 0;
  // Newest first, expired ones too.
  virtual Result<std::vector<Share>> shares(const Uuid& project) = 0;
  virtual Result<std::optional<Share>> share(const Digest& token_hash) = 0;
  // Newest first, with ids below `before` if that is given. Of one project; of everything without.
  virtual Result<std::vector<AuditEntry>> audit(const std::optional<Uuid>& project,
                                                std::optional<std::int64_t> before, int limit) = 0;
  // Nothing if there is no such user.
  virtual Result<std::optional<std::string>> password_hash(std::string_view user_name) = 0;
  // Whether a generated password still stands that nobody has chosen.
  virtual Result<bool> has_generated_password() = 0;
  // Whether another process has changed the file since the last call.
  virtual Result<bool> changed_elsewhere() = 0;

  // The first user, project and key: all of them, or nothing. Gives the key its id.
  virtual Status found(const User& owner, const std::string& password_hash, bool password_generated,
                       const Project& project, ApiKey& key, std::int64_t now_ns) = 0;

  // Changes. Times come from `entry.at_ns`, and what is made gets its id here.
  virtual Status add_project(const Project& project, AuditEntry entry) = 0;
  virtual Status rename_project(const Uuid& id, const std::string& name, AuditEntry entry) = 0;
  virtual Status add_key(ApiKey& key, AuditEntry entry) = 0;
  // Name and limits.
  virtual Status update_key(const ApiKey& key, AuditEntry entry) = 0;
  virtual Status revoke_key(const Uuid& project, std::int64_t id, AuditEntry entry) = 0;
  // kAlreadyExists where the name is taken.
  virtual Status add_user(User& user, const std::string& password_hash, AuditEntry entry) = 0;
  // No role ends the membership, and the user with the last one.
  virtual Status set_membership(std::int64_t user, const Uuid& project, std::optional<Role> role,
                                AuditEntry entry) = 0;
  // kInvalidArgument for the last owner.
  virtual Status set_owner(std::int64_t user, bool is_owner, AuditEntry entry) = 0;
  // With sessions and memberships. kInvalidArgument for the last owner.
  virtual Status remove_user(std::int64_t user, AuditEntry entry) = 0;
  // Ends the user's sessions too.
  virtual Status set_password(std::int64_t user, const std::string& password_hash,
                              AuditEntry entry) = 0;
  virtual Status add_rule(RedactionRule& rule, AuditEntry entry) = 0;
  virtual Status update_rule(const RedactionRule& rule, AuditEntry entry) = 0;
  virtual Status remove_rule(const Uuid& project, std::int64_t id, AuditEntry entry) = 0;
  virtual Status add_share(Share& share, AuditEntry entry) = 0;
  virtual Status remove_share(const Uuid& project, std::int64_t id, AuditEntry entry) = 0;
  // Of what is not in this file.
  virtual Status add_audit(const AuditEntry& entry) = 0;

  virtual Status set_key_used(std::int64_t id, std::int64_t used_ns) = 0;
  virtual Status add_session(const Session& session) = 0;
  virtual Status set_session_project(const Digest& token_hash, const Uuid& project) = 0;
  virtual Status remove_session(const Digest& token_hash) = 0;
  // Sessions and shares that have ended, and what the audit log has beyond
  // limits::kAuditEntriesMax.
  virtual Status tidy(std::int64_t now_ns) = 0;

  // With its keys, rules, shares and memberships, and the users who were in no other.
  // kInvalidArgument for the last project.
  virtual Status remove_project(const Uuid& id, AuditEntry entry) = 0;
  // Those whose exchanges may still be stored: until they are forgotten, or there again.
  virtual Result<std::vector<Uuid>> removed_projects() = 0;
  virtual Status forget_removed_project(const Uuid& id) = 0;
};

// Opens or creates `directory`/catalog.db with mode 0600, and brings one of an older version up to
// date. kUnsupported for one of a newer version.
Result<std::unique_ptr<Catalog>> open_catalog(const std::string& directory);

}  // namespace apitoolkit::server::account
