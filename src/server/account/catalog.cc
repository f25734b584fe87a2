#include "src/server/account/catalog.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/account/sqlite_catalog.h"

namespace apitoolkit::server::account {
namespace {

using store::Database;
using store::Statement;

// What version 1 did not have.
#define TABLES_OF_VERSION_2                                                                       \
  "CREATE TABLE memberships ("                                                                    \
  "  user INTEGER NOT NULL REFERENCES users (id),"                                                \
  "  project BLOB NOT NULL REFERENCES projects (id),"                                             \
  "  role TEXT NOT NULL, PRIMARY KEY (user, project)) STRICT, WITHOUT ROWID;"                     \
  "CREATE TABLE redaction_rules ("                                                                \
  "  id INTEGER PRIMARY KEY, project BLOB NOT NULL REFERENCES projects (id), kind TEXT NOT NULL," \
  "  value TEXT NOT NULL, method TEXT NOT NULL, host TEXT NOT NULL, url_path TEXT NOT NULL,"      \
  "  note TEXT NOT NULL, created_ns INTEGER NOT NULL) STRICT;"                                    \
  "CREATE TABLE shares ("                                                                         \
  "  id INTEGER PRIMARY KEY, project BLOB NOT NULL REFERENCES projects (id),"                     \
  "  exchange BLOB NOT NULL, token_hash BLOB NOT NULL UNIQUE, created_by TEXT NOT NULL,"          \
  "  created_ns INTEGER NOT NULL, expires_ns INTEGER NOT NULL) STRICT;"                           \
  "CREATE TABLE audit ("                                                                          \
  "  id INTEGER PRIMARY KEY AUTOINCREMENT, at_ns INTEGER NOT NULL, project BLOB,"                 \
  "  actor TEXT NOT NULL, peer TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,"       \
  "  detail TEXT NOT NULL) STRICT;"                                                               \
  "CREATE INDEX audit_by_project ON audit (project, id);"

// What version 2 did not have.
#define TABLES_OF_VERSION_3 \
  "CREATE TABLE removed_projects (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;"

constexpr const char* kSchema = R"(
CREATE TABLE users (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
  password_generated INTEGER NOT NULL, is_owner INTEGER NOT NULL,
  created_ns INTEGER NOT NULL) STRICT;
CREATE TABLE projects (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, pubsub_project_id TEXT NOT NULL UNIQUE,
  rsa_key_id TEXT NOT NULL, client_email TEXT NOT NULL, private_key TEXT NOT NULL,
  created_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY, project BLOB NOT NULL REFERENCES projects (id), hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL, prefix TEXT NOT NULL, scopes INTEGER NOT NULL, topic TEXT NOT NULL UNIQUE,
  created_ns INTEGER NOT NULL, revoked_ns INTEGER, last_used_ns INTEGER,
  requests_per_s INTEGER NOT NULL DEFAULT 0, bytes_per_s INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES users (id),
  project BLOB NOT NULL REFERENCES projects (id), expires_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)" TABLES_OF_VERSION_2 TABLES_OF_VERSION_3;
constexpr store::FileFormat kFormat{3, kSchema};

// There, a user had one role, whatever the project.
constexpr const char* kFromVersion1 = "BEGIN IMMEDIATE;" TABLES_OF_VERSION_2
                                      R"(
ALTER TABLE users ADD COLUMN is_owner INTEGER NOT NULL DEFAULT 0;
UPDATE users SET is_owner = role = 'owner';
INSERT INTO memberships SELECT users.id, projects.id, users.role FROM users, projects
  WHERE users.role <> 'owner';
ALTER TABLE users DROP COLUMN role;
ALTER TABLE api_keys ADD COLUMN requests_per_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE api_keys ADD COLUMN bytes_per_s INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 2;
COMMIT;
)";

constexpr const char* kFromVersion2 =
    "BEGIN IMMEDIATE;" TABLES_OF_VERSION_3 "PRAGMA user_version = 3; COMMIT;";

Status bring_up_to_date(Database& database) {
  for (const char* step : {kFromVersion1, kFromVersion2}) {
    const auto version = database.integer("PRAGMA user_version");
    if (!version) return tl::unexpected<Error>(version.error());
    if (*version != (step == kFromVersion1 ? 1 : 2)) continue;
    Status done = database.execute(step);
    if (!done && database.in_transaction()) (void)database.execute("ROLLBACK");
    if (!done) return done;
  }
  return {};
}

Result<Session> read_session(const Statement& row) {
  Session session;
  auto hash = digest_of(row.bytes(0));
  if (!hash) return tl::unexpected<Error>(hash.error());
  session.token_hash = *hash;
  session.user_id = row.integer(1);
  auto project = row.uuid(2);
  if (!project) return tl::unexpected<Error>(project.error());
  session.project = *project;
  session.expires_ns = row.integer(3);
  return session;
}

Result<AuditEntry> read_audit(const Statement& row) {
  AuditEntry entry;
  entry.id = row.integer(0);
  entry.at_ns = row.integer(1);
  if (!row.is_null(2)) {
    auto project = row.uuid(2);
    if (!project) return tl::unexpected<Error>(project.error());
    entry.project = *project;
  }
  entry.by.name = row.bytes(3);
  entry.by.peer = row.bytes(4);
  entry.action = row.bytes(5);
  entry.subject = row.bytes(6);
  entry.detail = row.bytes(7);
  return entry;
}

}  // namespace

Result<Digest> digest_of(std::string_view bytes) {
  Digest hash{};
  if (bytes.size() != hash.size()) {
    return fail(ErrorCode::kCorrupt,
                "catalog.db: a hash has not 32 bytes; restore it from a backup");
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Result<bool> SqliteCatalog::changed_elsewhere() {
  const std::lock_guard lock(mutex_);
  const auto version = database_.integer("PRAGMA data_version");
  if (!version) return tl::unexpected<Error>(version.error());
  return std::exchange(data_version_, *version) != *version;
}

Status SqliteCatalog::found(const User& owner, const std::string& password_hash,
                            bool password_generated, const Project& project, ApiKey& key,
                            std::int64_t now_ns) {
  AuditEntry entry{0, now_ns, std::nullopt, {}, "server.found", project.name, "the first start"};
  User made = owner;
  return audited(entry, [&]() -> Status {
    if (auto done = insert_user(made, password_hash, password_generated, now_ns); !done) {
      return done;
    }
    if (auto done = insert_project(project, now_ns); !done) return done;
    return insert_key(key, now_ns);
  });
}

Status SqliteCatalog::insert_audit(const AuditEntry& entry) {
  return run(
      "INSERT INTO audit (at_ns, project, actor, peer, action, subject, detail)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      entry.at_ns, entry.project, entry.by.name, entry.by.peer, entry.action, entry.subject,
      entry.detail);
}

Status SqliteCatalog::add_audit(const AuditEntry& entry) {
  const std::lock_guard lock(mutex_);
  return insert_audit(entry);
}

Result<std::vector<AuditEntry>> SqliteCatalog::audit(const std::optional<Uuid>& project,
                                                     std::optional<std::int64_t> before,
                                                     int limit) {
  constexpr std::string_view kColumns =
      "SELECT id, at_ns, project, actor, peer, action, subject, detail FROM audit WHERE id < ?";
  const std::int64_t below = before.value_or(INT64_MAX);
  const std::lock_guard lock(mutex_);
  if (!project) {
    return rows<AuditEntry>(read_audit, std::string(kColumns) + " ORDER BY id DESC LIMIT ?", below,
                            std::int64_t{limit});
  }
  return rows<AuditEntry>(read_audit,
                          std::string(kColumns) + " AND project = ? ORDER BY id DESC LIMIT ?",
                          below, *project, std::int64_t{limit});
}

Result<std::vector<Session>> SqliteCatalog::sessions() {
  const std::lock_guard lock(mutex_);
  return rows<Session>(read_session, "SELECT token_hash, user, project, expires_ns FROM sessions");
}

Status SqliteCatalog::add_session(const Session& session) {
  const std::lock_guard lock(mutex_);
  return run("INSERT INTO sessions (token_hash, user, project, expires_ns) VALUES (?, ?, ?, ?)",
             session.token_hash, session.user_id, session.project, session.expires_ns);
}

Status SqliteCatalog::set_session_project(const Digest& token_hash, const Uuid& project) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE sessions SET project = ? WHERE token_hash = ?", project, token_hash);
}

Status SqliteCatalog::remove_session(const Digest& token_hash) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM sessions WHERE token_hash = ?", token_hash);
}

Status SqliteCatalog::tidy(std::int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (auto done = run("DELETE FROM sessions WHERE expires_ns <= ?", now_ns); !done) return done;
  if (auto done = run("DELETE FROM shares WHERE expires_ns <= ?", now_ns); !done) return done;
  return run("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?",
             limits::kAuditEntriesMax);
}

Result<std::unique_ptr<Catalog>> open_catalog(const std::string& directory) {
  const std::string path = directory + "/catalog.db";
  if (auto made = store::create_file(path); !made) return tl::unexpected<Error>(made.error());
  auto database = Database::open(path, Database::Access::kWrite);
  if (!database) return tl::unexpected<Error>(database.error());
  if (auto ready = store::prepare_format(*database, path, kFormat); !ready) {
    return tl::unexpected<Error>(ready.error());
  }
  if (auto ready = bring_up_to_date(*database); !ready) {
    return tl::unexpected<Error>(ready.error());
  }
  // What is removed is not to be read in free pages: rules, names, signing keys.
  if (auto set = database->execute("PRAGMA secure_delete = ON"); !set) {
    return tl::unexpected<Error>(set.error());
  }
  auto catalog = std::make_unique<SqliteCatalog>(std::move(*database));
  if (auto first = catalog->changed_elsewhere(); !first) {
    return tl::unexpected<Error>(first.error());
  }
  return catalog;
}

}  // namespace apitoolkit::server::account
