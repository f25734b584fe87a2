#include "src/cli/project.h"

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "src/base/uuid.h"
#include "src/cli/accounts_command.h"
#include "src/cli/terminal_text.h"
#include "src/server/account/erasure.h"
#include "src/server/store/store.h"

namespace {

using namespace apitoolkit;       // NOLINT(google-build-using-namespace)
using namespace apitoolkit::cli;  // NOLINT(google-build-using-namespace)

struct Removal {
  std::string name;  // or id
  bool yes = false;
};

void write_project(const account::Project& project, json::Writer& w) {
  w.begin_object().key("id").value(base::format_uuid(project.id));
  w.key("name").value(project.name);
  w.key("created_at").value(base::format_rfc3339(project.created_ns)).end_object();
}

Status list(account::Accounts& accounts, const AccountsOptions& options) {
  if (options.json) {
    json::Writer w;
    w.begin_array();
    for (const auto& project : accounts.projects()) write_project(*project, w);
    w.end_array();
    print_json(std::move(w));
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& project : accounts.projects()) {
    rows.push_back(
        {base::format_uuid(project->id), project->name, base::format_rfc3339(project->created_ns)});
  }
  print_table({"ID", "NAME", "CREATED"}, rows);
  return {};
}

Status create(account::Accounts& accounts, const AccountsOptions& options,
              const std::string& name) {
  auto project = account::make_project(base::make_uuid_v4(), name);
  if (!project) return tl::unexpected<Error>(project.error());
  const Uuid id = project->id;
  if (auto done = accounts.add_project(std::move(*project), caller()); !done) return done;
  if (options.json) {
    json::Writer w;
    write_project(*accounts.project(id), w);
    print_json(std::move(w));
    return {};
  }
  std::printf("%s\n", base::format_uuid(id).c_str());
  return {};
}

// Whether somebody at a terminal says so; without one there is --yes.
Status confirm(const account::Project& project) {
  if (::isatty(STDIN_FILENO) == 0) {
    return fail(ErrorCode::kInvalidArgument,
                "nobody can be asked whether the project is to go: say --yes");
  }
  std::fprintf(stderr, "The project %s goes with all that is stored of it, for good.\n",
               shown(project.name).c_str());
  if (read_line("Its name, if that is meant") == project.name) return {};
  return fail(ErrorCode::kInvalidArgument, "that is not its name: nothing was deleted");
}

Status remove(account::Accounts& accounts, AccountsOptions options, const Removal& removal) {
  options.project = removal.name;
  const auto project = find_project(accounts, options);
  if (!project) return tl::unexpected<Error>(project.error());
  if (!removal.yes) {
    if (auto sure = confirm(**project); !sure) return sure;
  }
  if (auto done = accounts.remove_project((*project)->id, caller()); !done) return done;
  const auto store = server::store::open_sqlite_store(options.data + "/exchanges");
  if (store) return account::erase_removed_projects(accounts, **store);
  if (store.error().code != ErrorCode::kUnavailable) return tl::unexpected<Error>(store.error());
  std::fprintf(stderr, "the server that runs erases what is stored of it\n");
  return {};
}

Status rename(account::Accounts& accounts, const AccountsOptions& options,
              const std::string& name) {
  const auto project = find_project(accounts, options);
  if (!project) return tl::unexpected<Error>(project.error());
  return accounts.rename_project((*project)->id, name, caller());
}

}  // namespace

void register_project(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("project", "Projects: list, create, rename, delete");
  command->require_subcommand(1);
  add_accounts_command(*command, "list", "List all projects", false, list, exit_status);
  auto name = std::make_shared<std::string>();  // shared: CLI11 copies its callbacks
  add_accounts_command(
      *command, "create", "Make a project and print its id", false,
      [name](account::Accounts& accounts, const AccountsOptions& options) {
        return create(accounts, options, *name);
      },
      exit_status)
      ->add_option("NAME", *name, "The project's name")
      ->required();
  auto renamed = std::make_shared<std::string>();
  add_accounts_command(
      *command, "rename", "Give the project of --project another name", true,
      [renamed](account::Accounts& accounts, const AccountsOptions& options) {
        return rename(accounts, options, *renamed);
      },
      exit_status)
      ->add_option("NAME", *renamed, "The new name")
      ->required();
  auto removal = std::make_shared<Removal>();
  CLI::App* one = add_accounts_command(
      *command, "delete", "Delete a project with all that is stored of it", false,
      [removal](account::Accounts& accounts, const AccountsOptions& options) {
        return remove(accounts, options, *removal);
      },
      exit_status);
  one->add_option("NAME", removal->name, "The project's name or id")->required();
  one->add_flag("--yes", removal->yes, "Do not ask");
}
