// catalog.db in SQLite. The format, version 3, is kSchema in catalog.cc: times are Unix
// nanoseconds, ids of projects 16 bytes, hashes 32 bytes of SHA-256; a key, a session's or a
// share's token itself is never written. catalog.cc has what belongs to no table in particular;
// catalog_projects.cc, catalog_users.cc and catalog_rules.cc the others.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/server/account/catalog.h"
#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server::account {

class SqliteCatalog final : public Catalog {
 public:
  explicit SqliteCatalog(store::Database database) : database_(std::move(database)) {}

  Result<std::vector<Project>> projects() override;
  Result<std::vector<ApiKey>> keys() override;
  Result<std::vector<User>> users() override;
  Result<std::vector<Session>> sessions() override;
  Result<std::vector<RedactionRule>> rules() override;
  Result<std::vector<Share>> shares(const Uuid& project) override;
  Result<std::optional<Share>> share(const Digest& token_hash) override;
  Result<std::vector<AuditEntry>> audit(const std::optional<Uuid>& project,
                                        std::optional<std::int64_t> before, int limit) override;
  Result<std::optional<std::string>> password_hash(std::string_view user_name) override;
  Result<bool> has_generated_password() override;
  Result<bool> changed_elsewhere() override;

  Status found(const User& owner, const std::string& password_hash, bool password_generated,
               const Project& project, ApiKey& key, std::int64_t now_ns) override;
  Status add_project(const Project& project, AuditEntry entry) override;
  Status rename_project(const Uuid& id, const std::string& name, AuditEntry entry) override;
  Status remove_project(const Uuid& id, AuditEntry entry) override;
  Result<std::vector<Uuid>> removed_projects() override;
  Status forget_removed_project(const Uuid& id) override;
  Status add_key(ApiKey& key, AuditEntry entry) override;
  Status update_key(const ApiKey& key, AuditEntry entry) override;
  Status revoke_key(const Uuid& project, std::int64_t id, AuditEntry entry) override;
  Status add_user(User& user, const std::string& password_hash, AuditEntry entry) override;
  Status set_membership(std::int64_t user, const Uuid& project, std::optional<Role> role,
                        AuditEntry entry) override;
  Status set_owner(std::int64_t user, bool is_owner, AuditEntry entry) override;
  Status remove_user(std::int64_t user, AuditEntry entry) override;
  Status set_password(std::int64_t user, const std::string& password_hash,
                      AuditEntry entry) override;
  Status add_rule(RedactionRule& rule, AuditEntry entry) override;
  Status update_rule(const RedactionRule& rule, AuditEntry entry) override;
  Status remove_rule(const Uuid& project, std::int64_t id, AuditEntry entry) override;
  Status add_share(Share& share, AuditEntry entry) override;
  Status remove_share(const Uuid& project, std::int64_t id, AuditEntry entry) override;
  Status add_audit(const AuditEntry& entry) override;

  Status set_key_used(std::int64_t id, std::int64_t used_ns) override;
  Status add_session(const Session& session) override;
  Status set_session_project(const Digest& token_hash, const Uuid& project) override;
  Status remove_session(const Digest& token_hash) override;
  Status tidy(std::int64_t now_ns) override;

 private:
  static void bind(store::Statement& s, int i, std::int64_t value) { s.bind(i, value); }
  static void bind(store::Statement& s, int i, std::string_view text) { s.bind_text(i, text); }
  static void bind(store::Statement& s, int i, const Uuid& id) { s.bind_uuid(i, id); }
  static void bind(store::Statement& s, int i, const Digest& hash) {
    s.bind_blob(i, {reinterpret_cast<const char*>(hash.data()), hash.size()});
  }
  static void bind(store::Statement& s, int i, const std::optional<Uuid>& id) {
    id ? s.bind_uuid(i, *id) : s.bind_null(i);
  }

  // The rest is called with the lock held.

  template <class... Values>
  Result<store::Statement> prepare(std::string_view sql, const Values&... values) {
    auto statement = database_.prepare(sql);
    if (!statement) return statement;
    [[maybe_unused]] int parameter = 0;
    (bind(*statement, ++parameter, values), ...);
    return statement;
  }

  // `values` must be alive during the call.
  template <class... Values>
  Status run(std::string_view sql, const Values&... values) {
    auto statement = prepare(sql, values...);
    if (!statement) return tl::unexpected<Error>(statement.error());
    return statement->run();
  }

  // As run, but kNotFound with `missing` if that changed nothing.
  template <class... Values>
  Status run_on_one(const char* missing, std::string_view sql, const Values&... values) {
    if (auto done = run(sql, values...); !done) return done;
    if (database_.changes() == 0) return fail(ErrorCode::kNotFound, missing);
    return {};
  }

  // Every row of a query, as `read` makes a T of it.
  template <class T, class Read, class... Values>
  Result<std::vector<T>> rows(Read read, std::string_view sql, const Values&... values) {
    auto statement = prepare(sql, values...);
    if (!statement) return tl::unexpected<Error>(statement.error());
    std::vector<T> all;
    while (true) {
      const auto row = statement->step();
      if (!row) return tl::unexpected<Error>(row.error());
      if (!*row) return all;
      Result<T> value = read(*statement);
      if (!value) return tl::unexpected<Error>(value.error());
      all.push_back(std::move(*value));
    }
  }

  // One transaction of `change` and its line of the audit log, whose subject `change` may set.
  // Takes the lock itself.
  template <class Change>
  Status audited(AuditEntry& entry, Change change) {
    const std::lock_guard lock(mutex_);
    auto transaction = store::Transaction::begin(database_);
    if (!transaction) return tl::unexpected<Error>(transaction.error());
    if (Status done = change(); !done) return done;
    if (Status done = insert_audit(entry); !done) return done;
    return transaction->commit();
  }
  Status insert_audit(const AuditEntry& entry);
  Status insert_project(const Project& project, std::int64_t now_ns);
  Status insert_key(ApiKey& key, std::int64_t now_ns);
  Status insert_user(User& user, const std::string& password_hash, bool generated,
                     std::int64_t now_ns);
  Result<std::int64_t> last_id() { return database_.integer("SELECT last_insert_rowid()"); }
  Status keep_an_owner();

  std::mutex mutex_;  // guards what follows
  store::Database database_;
  std::int64_t data_version_ = 0;  // SQLite's, when it was last looked at
};

// The 32 bytes of a hash; kCorrupt for another length.
Result<Digest> digest_of(std::string_view bytes);

}  // namespace apitoolkit::server::account
