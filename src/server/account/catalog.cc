// The format, version 1: see kSchema. Times are Unix nanoseconds, ids of projects 16 bytes, hashes
// 32 bytes of SHA-256; a key or a session token itself is never written.
#include "src/server/account/catalog.h"

#include <mutex>
#include <utility>

#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server::account {
namespace {

using store::Database;
using store::Statement;
using store::Transaction;

constexpr const char* kSchema = R"(
CREATE TABLE users (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL,
  password_generated INTEGER NOT NULL, role TEXT NOT NULL, created_ns INTEGER NOT NULL) STRICT;
CREATE TABLE projects (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, pubsub_project_id TEXT NOT NULL UNIQUE,
  rsa_key_id TEXT NOT NULL, client_email TEXT NOT NULL, private_key TEXT NOT NULL,
  created_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY, project BLOB NOT NULL REFERENCES projects (id), hash BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL, prefix TEXT NOT NULL, scopes INTEGER NOT NULL, topic TEXT NOT NULL UNIQUE,
  created_ns INTEGER NOT NULL, revoked_ns INTEGER, last_used_ns INTEGER) STRICT;
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY, user INTEGER NOT NULL REFERENCES users (id),
  project BLOB NOT NULL REFERENCES projects (id), expires_ns INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";
constexpr store::FileFormat kFormat{1, kSchema};

std::string_view bytes_of(const Digest& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

Result<Digest> digest_of(std::string_view bytes) {
  Digest hash{};
  if (bytes.size() != hash.size()) {
    return fail(ErrorCode::kCorrupt,
                "catalog.db: a hash has not 32 bytes; restore it from a backup");
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Status insert_project(Database& database, const Project& project, std::int64_t now_ns) {
  auto statement = database.prepare(
      "INSERT INTO projects (id, name, pubsub_project_id, rsa_key_id, client_email, private_key,"
      " created_ns) VALUES (?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind_uuid(1, project.id);
  statement->bind_text(2, project.name);
  statement->bind_text(3, project.pubsub_project_id);
  statement->bind_text(4, project.key_id);
  statement->bind_text(5, project.client_email);
  statement->bind_text(6, project.private_key_pem);
  statement->bind(7, now_ns);
  return statement->run();
}

Status insert_key(Database& database, ApiKey& key, std::int64_t now_ns) {
  auto statement = database.prepare(
      "INSERT INTO api_keys (project, hash, name, prefix, scopes, topic, created_ns)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind_uuid(1, key.project);
  statement->bind_blob(2, bytes_of(key.hash));
  statement->bind_text(3, key.name);
  statement->bind_text(4, key.prefix);
  statement->bind(5, key.scopes.bits);
  statement->bind_text(6, key.topic);
  statement->bind(7, now_ns);
  if (auto done = statement->run(); !done) return done;
  auto id = database.integer("SELECT last_insert_rowid()");
  if (!id) return tl::unexpected<Error>(id.error());
  key.id = *id;
  return {};
}

Status insert_user(Database& database, const User& user, bool generated, std::int64_t now_ns) {
  auto statement = database.prepare(
      "INSERT INTO users (name, password_hash, password_generated, role, created_ns)"
      " VALUES (?, ?, ?, ?, ?)");
  if (!statement) return tl::unexpected<Error>(statement.error());
  statement->bind_text(1, user.name);
  statement->bind_text(2, user.password_hash);
  statement->bind(3, generated ? 1 : 0);
  statement->bind_text(4, to_string(user.role));
  statement->bind(5, now_ns);
  return statement->run();
}

Result<Project> read_project(const Statement& row) {
  Project project;
  auto id = row.uuid(0);
  if (!id) return tl::unexpected<Error>(id.error());
  project.id = *id;
  project.name = row.bytes(1);
  project.pubsub_project_id = row.bytes(2);
  project.key_id = row.bytes(3);
  project.client_email = row.bytes(4);
  project.private_key_pem = row.bytes(5);
  auto key = wire::RsaKey::from_private_pem(project.private_key_pem);
  if (!key) {
    return fail(ErrorCode::kCorrupt, "catalog.db: the RSA key of project \"" + project.name +
                                         "\" cannot be read; restore the file from a backup");
  }
  project.key = std::move(*key);
  return project;
}

Result<ApiKey> read_key(const Statement& row) {
  ApiKey key;
  key.id = row.integer(0);
  auto project = row.uuid(1);
  if (!project) return tl::unexpected<Error>(project.error());
  key.project = *project;
  auto hash = digest_of(row.bytes(2));
  if (!hash) return tl::unexpected<Error>(hash.error());
  key.hash = *hash;
  key.name = row.bytes(3);
  key.prefix = row.bytes(4);
  key.scopes.bits = static_cast<std::uint8_t>(row.integer(5));
  key.topic = row.bytes(6);
  if (!row.is_null(7)) key.revoked_ns = row.integer(7);
  return key;
}

Result<Session> read_session(const Statement& row) {
  Session session;
  auto hash = digest_of(row.bytes(0));
  if (!hash) return tl::unexpected<Error>(hash.error());
  session.token_hash = *hash;
  session.user_id = row.integer(1);
  session.user_name = row.bytes(2);
  session.role = parse_role(row.bytes(3)).value_or(Role::kViewer);
  auto project = row.uuid(4);
  if (!project) return tl::unexpected<Error>(project.error());
  session.project = *project;
  session.expires_ns = row.integer(5);
  return session;
}

class SqliteCatalog final : public Catalog {
 public:
  explicit SqliteCatalog(Database database) : database_(std::move(database)) {}

  Result<std::vector<Project>> projects() override {
    return rows<Project>(
        "SELECT id, name, pubsub_project_id, rsa_key_id, client_email, private_key FROM projects",
        read_project);
  }

  Result<std::vector<ApiKey>> keys() override {
    return rows<ApiKey>(
        "SELECT id, project, hash, name, prefix, scopes, topic, revoked_ns FROM api_keys",
        read_key);
  }

  Result<std::vector<Session>> sessions() override {
    return rows<Session>(
        "SELECT token_hash, users.id, users.name, role, project, expires_ns FROM sessions"
        " JOIN users ON users.id = sessions.user",
        read_session);
  }

  Result<std::optional<User>> user(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    auto statement =
        database_.prepare("SELECT id, name, password_hash, role FROM users WHERE name = ?");
    if (!statement) return tl::unexpected<Error>(statement.error());
    statement->bind_text(1, name);
    auto row = statement->step();
    if (!row) return tl::unexpected<Error>(row.error());
    if (!*row) return std::optional<User>{};
    User user;
    user.id = statement->integer(0);
    user.name = statement->bytes(1);
    user.password_hash = statement->bytes(2);
    user.role = parse_role(statement->bytes(3)).value_or(Role::kViewer);
    return std::optional<User>{std::move(user)};
  }

  Result<bool> has_generated_password() override {
    const std::lock_guard lock(mutex_);
    return database_.integer("SELECT count(*) FROM users WHERE password_generated")
        .map([](std::int64_t users) { return users > 0; });
  }

  Status found(const User& owner, bool password_generated, const Project& project, ApiKey& key,
               std::int64_t now_ns) override {
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected<Error>(transaction.error());
    if (auto done = insert_user(database_, owner, password_generated, now_ns); !done) return done;
    if (auto done = insert_project(database_, project, now_ns); !done) return done;
    if (auto done = insert_key(database_, key, now_ns); !done) return done;
    return transaction->commit();
  }

  Status add_project(const Project& project, std::int64_t now_ns) override {
    const std::lock_guard lock(mutex_);
    return insert_project(database_, project, now_ns);
  }

  Status add_key(ApiKey& key, std::int64_t now_ns) override {
    const std::lock_guard lock(mutex_);
    return insert_key(database_, key, now_ns);
  }

  Status revoke_key(std::int64_t id, std::int64_t now_ns) override {
    return change("UPDATE api_keys SET revoked_ns = ? WHERE id = ?", [&](Statement& statement) {
      statement.bind(1, now_ns);
      statement.bind(2, id);
    });
  }

  Status set_key_used(std::int64_t id, std::int64_t used_ns) override {
    return change("UPDATE api_keys SET last_used_ns = ? WHERE id = ?", [&](Statement& statement) {
      statement.bind(1, used_ns);
      statement.bind(2, id);
    });
  }

  Status set_password(std::string_view user_name, const std::string& password_hash) override {
    const std::lock_guard lock(mutex_);
    auto transaction = Transaction::begin(database_);
    if (!transaction) return tl::unexpected<Error>(transaction.error());
    auto update = database_.prepare(
        "UPDATE users SET password_hash = ?, password_generated = 0 WHERE name = ?");
    if (!update) return tl::unexpected<Error>(update.error());
    update->bind_text(1, password_hash);
    update->bind_text(2, user_name);
    if (auto done = update->run(); !done) return done;
    if (database_.changes() == 0) {
      return fail(ErrorCode::kNotFound, "there is no user \"" + std::string(user_name) + "\"");
    }
    auto end = database_.prepare(
        "DELETE FROM sessions WHERE user IN (SELECT id FROM users WHERE name = ?)");
    if (!end) return tl::unexpected<Error>(end.error());
    end->bind_text(1, user_name);
    if (auto done = end->run(); !done) return done;
    return transaction->commit();
  }

  Status add_session(const Session& session) override {
    return change(
        "INSERT INTO sessions (token_hash, user, project, expires_ns) VALUES (?, ?, ?, ?)",
        [&](Statement& statement) {
          statement.bind_blob(1, bytes_of(session.token_hash));
          statement.bind(2, session.user_id);
          statement.bind_uuid(3, session.project);
          statement.bind(4, session.expires_ns);
        });
  }

  Status remove_session(const Digest& token_hash) override {
    return change("DELETE FROM sessions WHERE token_hash = ?",
                  [&](Statement& statement) { statement.bind_blob(1, bytes_of(token_hash)); });
  }

  Status remove_expired_sessions(std::int64_t now_ns) override {
    return change("DELETE FROM sessions WHERE expires_ns <= ?",
                  [&](Statement& statement) { statement.bind(1, now_ns); });
  }

 private:
  template <class T, class Read>
  Result<std::vector<T>> rows(const char* sql, Read read) {
    const std::lock_guard lock(mutex_);
    auto statement = database_.prepare(sql);
    if (!statement) return tl::unexpected<Error>(statement.error());
    std::vector<T> all;
    while (true) {
      auto row = statement->step();
      if (!row) return tl::unexpected<Error>(row.error());
      if (!*row) return all;
      auto value = read(*statement);
      if (!value) return tl::unexpected<Error>(value.error());
      all.push_back(std::move(*value));
    }
  }

  template <class Bind>
  Status change(const char* sql, Bind bind) {
    const std::lock_guard lock(mutex_);
    auto statement = database_.prepare(sql);
    if (!statement) return tl::unexpected<Error>(statement.error());
    bind(*statement);
    return statement->run();
  }

  std::mutex mutex_;
  Database database_;
};

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kOwner:
      return "owner";
    case Role::kAdmin:
      return "admin";
    case Role::kMember:
      return "member";
    case Role::kViewer:
      return "viewer";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::kOwner, Role::kAdmin, Role::kMember, Role::kViewer}) {
    if (to_string(role) == text) return role;
  }
  return std::nullopt;
}

Result<std::unique_ptr<Catalog>> open_catalog(const std::string& directory) {
  const std::string path = directory + "/catalog.db";
  if (auto made = store::create_file(path); !made) return tl::unexpected<Error>(made.error());
  auto database = Database::open(path, Database::Access::kWrite);
  if (!database) return tl::unexpected<Error>(database.error());
  if (auto ready = store::prepare_format(*database, path, kFormat); !ready) {
    return tl::unexpected<Error>(ready.error());
  }
  return std::make_unique<SqliteCatalog>(std::move(*database));
}

}  // namespace apitoolkit::server::account
