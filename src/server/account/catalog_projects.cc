// Projects and their API keys in catalog.db.
#include "src/server/account/sqlite_catalog.h"

namespace apitoolkit::server::account {
namespace {

using store::Statement;

constexpr const char* kNoProject = "there is no such project";
constexpr const char* kNoKey = "there is no such key";

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
  project.created_ns = row.integer(6);
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
  key.created_ns = row.integer(7);
  if (!row.is_null(8)) key.revoked_ns = row.integer(8);
  if (!row.is_null(9)) key.used_ns = row.integer(9);
  key.limits = {row.integer(10), row.integer(11)};
  return key;
}

}  // namespace

Result<std::vector<Project>> SqliteCatalog::projects() {
  const std::lock_guard lock(mutex_);
  return rows<Project>(read_project,
                       "SELECT id, name, pubsub_project_id, rsa_key_id, client_email, private_key,"
                       " created_ns FROM projects");
}

Status SqliteCatalog::insert_project(const Project& project, std::int64_t now_ns) {
  // One that comes back is not erased any more.
  if (auto done = run("DELETE FROM removed_projects WHERE id = ?", project.id); !done) return done;
  return run(
      "INSERT INTO projects (id, name, pubsub_project_id, rsa_key_id, client_email, private_key,"
      " created_ns) VALUES (?, ?, ?, ?, ?, ?, ?)",
      project.id, project.name, project.pubsub_project_id, project.key_id, project.client_email,
      project.private_key_pem, now_ns);
}

Status SqliteCatalog::add_project(const Project& project, AuditEntry entry) {
  return audited(entry, [&] { return insert_project(project, entry.at_ns); });
}

Status SqliteCatalog::rename_project(const Uuid& id, const std::string& name, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoProject, "UPDATE projects SET name = ? WHERE id = ?", name, id);
  });
}

Status SqliteCatalog::remove_project(const Uuid& id, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    const auto projects = database_.integer("SELECT count(*) FROM projects");
    if (!projects) return tl::unexpected<Error>(projects.error());
    if (*projects == 1) {
      return fail(ErrorCode::kInvalidArgument,
                  "the last project cannot go: make another one first");
    }
    for (const char* table : {"api_keys", "memberships", "redaction_rules", "shares"}) {
      const std::string sql = "DELETE FROM " + std::string(table) + " WHERE project = ?";
      if (auto done = run(sql, id); !done) return done;
    }
    constexpr std::string_view kNowhere =
        " IN (SELECT id FROM users WHERE NOT is_owner"
        " AND NOT EXISTS (SELECT 1 FROM memberships WHERE user = users.id))";
    for (const char* place : {"sessions WHERE user", "users WHERE id"}) {
      if (auto done = run("DELETE FROM " + std::string(place) + std::string(kNowhere)); !done) {
        return done;
      }
    }
    // Whoever looked at it looks at another one, of those that are his.
    if (auto done = run("UPDATE sessions SET project = (SELECT id FROM projects WHERE id <> ?1"
                        " LIMIT 1) WHERE project = ?1",
                        id);
        !done) {
      return done;
    }
    if (auto done = run("INSERT INTO removed_projects (id) VALUES (?)", id); !done) return done;
    return run_on_one(kNoProject, "DELETE FROM projects WHERE id = ?", id);
  });
}

Result<std::vector<Uuid>> SqliteCatalog::removed_projects() {
  const std::lock_guard lock(mutex_);
  return rows<Uuid>([](const Statement& row) { return row.uuid(0); },
                    "SELECT id FROM removed_projects");
}

Status SqliteCatalog::forget_removed_project(const Uuid& id) {
  const std::lock_guard lock(mutex_);
  return run("DELETE FROM removed_projects WHERE id = ?", id);
}

Result<std::vector<ApiKey>> SqliteCatalog::keys() {
  const std::lock_guard lock(mutex_);
  return rows<ApiKey>(read_key,
                      "SELECT id, project, hash, name, prefix, scopes, topic, created_ns,"
                      " revoked_ns, last_used_ns, requests_per_s, bytes_per_s FROM api_keys");
}

Status SqliteCatalog::insert_key(ApiKey& key, std::int64_t now_ns) {
  if (auto done =
          run("INSERT INTO api_keys (project, hash, name, prefix, scopes, topic,"
              " created_ns, requests_per_s, bytes_per_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
              key.project, key.hash, key.name, key.prefix, std::int64_t{key.scopes.bits}, key.topic,
              now_ns, key.limits.requests_per_s, key.limits.bytes_per_s);
      !done) {
    return done;
  }
  const auto id = last_id();
  if (!id) return tl::unexpected<Error>(id.error());
  key.id = *id;
  key.created_ns = now_ns;
  return {};
}

Status SqliteCatalog::add_key(ApiKey& key, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (auto done = insert_key(key, entry.at_ns); !done) return done;
    entry.subject = std::to_string(key.id);
    return {};
  });
}

Status SqliteCatalog::update_key(const ApiKey& key, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoKey,
                      "UPDATE api_keys SET name = ?, requests_per_s = ?, bytes_per_s = ?"
                      " WHERE id = ? AND project = ?",
                      key.name, key.limits.requests_per_s, key.limits.bytes_per_s, key.id,
                      key.project);
  });
}

// A second time is no error and leaves the first time of it.
Status SqliteCatalog::revoke_key(const Uuid& project, std::int64_t id, AuditEntry entry) {
  return audited(entry, [&] {
    return run_on_one(kNoKey,
                      "UPDATE api_keys SET revoked_ns = coalesce(revoked_ns, ?)"
                      " WHERE id = ? AND project = ?",
                      entry.at_ns, id, project);
  });
}

Status SqliteCatalog::set_key_used(std::int64_t id, std::int64_t used_ns) {
  const std::lock_guard lock(mutex_);
  return run("UPDATE api_keys SET last_used_ns = ? WHERE id = ?", used_ns, id);
}

}  // namespace apitoolkit::server::account
