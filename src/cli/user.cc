#include "src/cli/user.h"

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/uuid.h"
#include "src/cli/accounts_command.h"

namespace {

using namespace apitoolkit;       // NOLINT(google-build-using-namespace)
using namespace apitoolkit::cli;  // NOLINT(google-build-using-namespace)

struct Wanted {
  std::string name;
  std::string role;
};

void write_user(account::Accounts& accounts, const account::User& user, json::Writer& w) {
  w.begin_object().key("id").value(user.id).key("name").value(user.name);
  w.key("owner").value(user.is_owner).key("projects").begin_array();
  for (const auto& project : accounts.projects()) {
    const auto role = user.role_in(project->id);
    if (!role) continue;
    w.begin_object().key("id").value(base::format_uuid(project->id));
    w.key("name").value(project->name).key("role").value(account::to_string(*role)).end_object();
  }
  w.end_array().end_object();
}

Status list(account::Accounts& accounts, const AccountsOptions& options) {
  if (options.json) {
    json::Writer w;
    w.begin_array();
    for (const account::User& user : accounts.users()) write_user(accounts, user, w);
    w.end_array();
    print_json(std::move(w));
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const account::User& user : accounts.users()) {
    std::string roles = user.is_owner ? "owner" : "";
    for (const auto& [id, role] : user.memberships) {
      const auto project = accounts.project(id);
      if (user.is_owner || project == nullptr) continue;
      roles += (roles.empty() ? "" : ", ") + std::string(account::to_string(role)) + " of " +
               project->name;
    }
    rows.push_back({std::to_string(user.id), user.name, roles});
  }
  print_table({"ID", "NAME", "ROLE"}, rows);
  return {};
}

Result<account::Role> read_role(const std::string& text) {
  if (const auto role = account::parse_role(text)) return *role;
  return fail(ErrorCode::kInvalidArgument,
              "--role: expected owner, admin, member or viewer, got \"" + text + "\"");
}

// Owners belong to every project, so that none need be named for them.
Result<Uuid> project_for(account::Accounts& accounts, const AccountsOptions& options,
                         account::Role role) {
  if (role == account::Role::kOwner) return Uuid{};
  const auto project = find_project(accounts, options);
  if (!project) return tl::unexpected<Error>(project.error());
  return (*project)->id;
}

Status create(account::Accounts& accounts, const AccountsOptions& options, const Wanted& wanted) {
  const auto role = read_role(wanted.role);
  if (!role) return tl::unexpected<Error>(role.error());
  const auto project = project_for(accounts, options, *role);
  if (!project) return tl::unexpected<Error>(project.error());
  account::User user;
  user.name = wanted.name;
  user.is_owner = *role == account::Role::kOwner;
  if (!user.is_owner) user.memberships[*project] = *role;
  const std::string password = read_line("password for " + wanted.name);
  if (auto done = accounts.add_user(user, password, caller()); !done) return done;
  if (!options.json) {
    std::fprintf(stderr, "%s is made\n", wanted.name.c_str());
    return {};
  }
  json::Writer w;
  write_user(accounts, user, w);
  print_json(std::move(w));
  return {};
}

Status set_role(account::Accounts& accounts, const AccountsOptions& options, const Wanted& wanted) {
  const auto user = find_user(accounts, wanted.name);
  if (!user) return tl::unexpected<Error>(user.error());
  const auto role = read_role(wanted.role);
  if (!role) return tl::unexpected<Error>(role.error());
  const auto project = project_for(accounts, options, *role);
  if (!project) return tl::unexpected<Error>(project.error());
  return accounts.set_role(user->id, *project, *role, caller());
}

Status set_password(account::Accounts& accounts, const Wanted& wanted) {
  const auto user = find_user(accounts, wanted.name);
  if (!user) return tl::unexpected<Error>(user.error());
  const std::string password = read_line("new password for " + wanted.name);
  if (auto done = accounts.set_password(user->id, password, caller()); !done) return done;
  std::fprintf(stderr, "the password of %s is set\n", wanted.name.c_str());
  return {};
}

Status remove(account::Accounts& accounts, const Wanted& wanted) {
  const auto user = find_user(accounts, wanted.name);
  if (!user) return tl::unexpected<Error>(user.error());
  return accounts.remove_user(user->id, caller());
}

}  // namespace

void register_user(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("user", "Users: list, create, role, password, delete");
  command->require_subcommand(1);
  add_accounts_command(*command, "list", "List all users and their roles", false, list,
                       exit_status);
  auto wanted = std::make_shared<Wanted>();  // shared: CLI11 copies its callbacks
  const auto add = [&, wanted](const char* name, const char* help, bool has_role, auto action) {
    CLI::App* one = add_accounts_command(
        *command, name, help, has_role,
        [wanted, action](account::Accounts& accounts, const AccountsOptions& options) {
          return action(accounts, options, *wanted);
        },
        exit_status);
    one->add_option("NAME", wanted->name, "The user, for example owner")->required();
    if (has_role) {
      one->add_option("--role", wanted->role, "owner, admin, member or viewer")->required();
    }
  };
  add("create", "Make a user; the password is read from standard input", true, create);
  add("role", "Set a user's role in the project, or make an owner", true, set_role);
  add("password", "Set a user's password, read from standard input; ends the user's sessions",
      false, [](account::Accounts& accounts, const AccountsOptions&, const Wanted& one) {
        return set_password(accounts, one);
      });
  add("delete", "Delete a user", false,
      [](account::Accounts& accounts, const AccountsOptions&, const Wanted& one) {
        return remove(accounts, one);
      });
}
