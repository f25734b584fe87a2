// Users, their passwords and memberships in catalog.db.
#include <map>

#include "src/server/account/sqlite_catalog.h"

namespace apitoolkit::server::account {
namespace {

using store::Statement;

constexpr const char* kNoUser = "there is no such user";

struct Membership {
  std::int64_t user = 0;
  Uuid project{};
  Role role = Role::kViewer;
};

Result<User> read_user(const Statement& row) {
  User user;
  user.id = row.integer(0);
  user.name = row.bytes(1);
  user.is_owner = row.integer(2) != 0;
  user.created_ns = row.integer(3);
  return user;
}

Result<Membership> read_membership(const Statement& row) {
  auto project = row.uuid(1);
  if (!project) return tl::unexpected<Error>(project.error());
  return Membership{row.integer(0), *project, parse_role(row.bytes(2)).value_or(Role::kViewer)};
}

}  // namespace

Result<std::vector<User>> SqliteCatalog::users() {
  const std::lock_guard lock(mutex_);
  auto users =
      rows<User>(read_user, "SELECT id, name, is_owner, created_ns FROM users ORDER BY id");
  if (!users) return users;
  const auto memberships =
      rows<Membership>(read_membership, "SELECT user, project, role FROM memberships");
  if (!memberships) return tl::unexpected<Error>(memberships.error());
  std::map<std::int64_t, User*> by_id;
  for (User& user : *users) by_id[user.id] = &user;
  for (const Membership& one : *memberships) {
    if (const auto found = by_id.find(one.user); found != by_id.end()) {
      found->second->memberships[one.project] = one.role;
    }
  }
  return users;
}

Result<std::optional<std::string>> SqliteCatalog::password_hash(std::string_view user_name) {
  const std::lock_guard lock(mutex_);
  auto found = rows<std::string>(
      [](const Statement& row) -> Result<std::string> { return std::string(row.bytes(0)); },
      "SELECT password_hash FROM users WHERE name = ?", user_name);
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->empty()) return std::optional<std::string>{};
  return std::optional<std::string>{std::move(found->front())};
}

Result<bool> SqliteCatalog::has_generated_password() {
  const std::lock_guard lock(mutex_);
  return database_.integer("SELECT count(*) FROM users WHERE password_generated")
      .map([](std::int64_t users) { return users > 0; });
}

Status SqliteCatalog::insert_user(User& user, const std::string& password_hash, bool generated,
                                  std::int64_t now_ns) {
  if (auto done = run("INSERT INTO users (name, password_hash, password_generated, is_owner,"
                      " created_ns) VALUES (?, ?, ?, ?, ?)",
                      user.name, password_hash, std::int64_t{generated},
                      std::int64_t{user.is_owner}, now_ns);
      !done) {
    return done;
  }
  const auto id = last_id();
  if (!id) return tl::unexpected<Error>(id.error());
  user.id = *id;
  user.created_ns = now_ns;
  return {};
}

Status SqliteCatalog::add_user(User& user, const std::string& password_hash, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    const auto taken = rows<std::int64_t>(
        [](const Statement& row) -> Result<std::int64_t> { return row.integer(0); },
        "SELECT id FROM users WHERE name = ?", user.name);
    if (!taken) return tl::unexpected<Error>(taken.error());
    if (!taken->empty()) {
      return fail(ErrorCode::kAlreadyExists, "there is a user of that name already");
    }
    if (auto done = insert_user(user, password_hash, false, entry.at_ns); !done) return done;
    for (const auto& [project, role] : user.memberships) {
      if (auto done = run("INSERT INTO memberships (user, project, role) VALUES (?, ?, ?)", user.id,
                          project, to_string(role));
          !done) {
        return done;
      }
    }
    return {};
  });
}

Status SqliteCatalog::set_membership(std::int64_t user, const Uuid& project,
                                     std::optional<Role> role, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (role) {
      return run_on_one(kNoUser,
                        "INSERT INTO memberships (user, project, role)"
                        " SELECT id, ?, ? FROM users WHERE id = ?"
                        " ON CONFLICT DO UPDATE SET role = excluded.role",
                        project, to_string(*role), user);
    }
    if (auto done = run_on_one(kNoUser, "DELETE FROM memberships WHERE user = ? AND project = ?",
                               user, project);
        !done) {
      return done;
    }
    constexpr std::string_view kNowhere =
        " IN (SELECT id FROM users WHERE id = ? AND NOT is_owner"
        " AND NOT EXISTS (SELECT 1 FROM memberships WHERE user = users.id))";
    if (auto done = run("DELETE FROM sessions WHERE user" + std::string(kNowhere), user); !done) {
      return done;
    }
    return run("DELETE FROM users WHERE id" + std::string(kNowhere), user);
  });
}

Status SqliteCatalog::keep_an_owner() {
  const auto owners = database_.integer("SELECT count(*) FROM users WHERE is_owner");
  if (!owners) return tl::unexpected<Error>(owners.error());
  if (*owners > 0) return {};
  return fail(ErrorCode::kInvalidArgument, "the last owner cannot go: make another one first");
}

Status SqliteCatalog::set_owner(std::int64_t user, bool is_owner, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (auto done = run_on_one(kNoUser, "UPDATE users SET is_owner = ? WHERE id = ?",
                               std::int64_t{is_owner}, user);
        !done) {
      return done;
    }
    return keep_an_owner();
  });
}

Status SqliteCatalog::remove_user(std::int64_t user, AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    for (const char* sql :
         {"DELETE FROM sessions WHERE user = ?", "DELETE FROM memberships WHERE user = ?"}) {
      if (auto done = run(sql, user); !done) return done;
    }
    if (auto done = run_on_one(kNoUser, "DELETE FROM users WHERE id = ?", user); !done) return done;
    return keep_an_owner();
  });
}

Status SqliteCatalog::set_password(std::int64_t user, const std::string& password_hash,
                                   AuditEntry entry) {
  return audited(entry, [&]() -> Status {
    if (auto done = run_on_one(
            kNoUser, "UPDATE users SET password_hash = ?, password_generated = 0 WHERE id = ?",
            password_hash, user);
        !done) {
      return done;
    }
    return run("DELETE FROM sessions WHERE user = ?", user);
  });
}

}  // namespace apitoolkit::server::account
