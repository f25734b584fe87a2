#include "src/cli/accounts_command.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <utility>

#include "src/base/clock.h"
#include "src/base/uuid.h"

namespace apitoolkit::cli {
namespace {

Result<std::unique_ptr<account::Accounts>> open_accounts(const std::string& data) {
  // Not made here: a first start of the server shows what it makes.
  if (!std::filesystem::exists(data + "/catalog.db")) {
    return fail(ErrorCode::kNotFound, "there is no catalog.db in " + data +
                                          ": give the --data directory of a server that has been "
                                          "started at least once");
  }
  auto catalog = account::open_catalog(data);
  if (!catalog) return tl::unexpected<Error>(catalog.error());
  return account::Accounts::open(std::move(*catalog), base::system_clock());
}

}  // namespace

CLI::App* add_accounts_command(CLI::App& parent, const std::string& name, const std::string& help,
                               bool has_project, AccountsAction action, int& exit_status) {
  CLI::App* command = parent.add_subcommand(name, help);
  auto options = std::make_shared<AccountsOptions>();  // shared: CLI11 copies its callbacks
  command->add_option("--data", options->data, "The server's data directory")
      ->envname("APITOOLKIT_SERVER_DATA")
      ->type_name("DIR")
      ->required();
  if (has_project) {
    command
        ->add_option("--project", options->project,
                     "The project's name or id; may be left out where there is only one")
        ->type_name("NAME");
  }
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, action = std::move(action), &exit_status] {
    const auto accounts = open_accounts(options->data);
    Status done;
    if (accounts) {
      done = action(**accounts, *options);
    } else {
      done = tl::unexpected<Error>(accounts.error());
    }
    if (done) return;
    std::fprintf(stderr, "apitoolkit: %s\n", done.error().message.c_str());
    exit_status = 1;
  });
  return command;
}

Result<std::shared_ptr<const account::Project>> find_project(account::Accounts& accounts,
                                                             const AccountsOptions& options) {
  const auto projects = accounts.projects();
  std::vector<std::shared_ptr<const account::Project>> fitting;
  std::string known;
  for (const auto& project : projects) {
    const std::string id = base::format_uuid(project->id);
    known += (known.empty() ? "" : ", ") + project->name + " (" + id + ")";
    if (options.project.empty() || options.project == id || options.project == project->name) {
      fitting.push_back(project);
    }
  }
  if (fitting.size() == 1) return fitting.front();
  if (fitting.empty()) {
    return fail(ErrorCode::kNotFound,
                "there is no project \"" + options.project + "\"; there are " + known);
  }
  return fail(ErrorCode::kInvalidArgument,
              "say which project with --project NAME or ID; there are " + known);
}

Result<account::User> find_user(account::Accounts& accounts, const std::string& name) {
  if (auto user = accounts.user(std::string_view(name))) return *std::move(user);
  std::string known;
  for (const account::User& user : accounts.users()) {
    known += (known.empty() ? "" : ", ") + user.name;
  }
  return fail(ErrorCode::kNotFound, "there is no user \"" + name + "\"; there are " + known);
}

account::Actor caller() {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, memory.data(), memory.size(), &found) == 0 &&
      found != nullptr) {
    return {"command line (" + std::string(entry.pw_name) + ")", ""};
  }
  return {"command line (" + std::to_string(::getuid()) + ")", ""};
}

void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < headings.size(); column++) {
    std::size_t width = headings[column].size();
    for (const auto& row : rows) width = std::max(width, row[column].size());
    widths.push_back(width);
  }
  const auto print = [&widths](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t column = 0; column < row.size(); column++) {
      std::string text = row[column];
      for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
      }
      if (column + 1 < row.size()) text.resize(std::max(text.size(), widths[column] + 2), ' ');
      line += text;
    }
    std::printf("%s\n", line.c_str());
  };
  print(headings);
  for (const auto& row : rows) print(row);
}

void print_json(json::Writer writer) {
  std::printf("%s\n", std::move(writer).str().c_str());
}

std::string read_line(const std::string& prompt) {
  std::fprintf(stderr, "%s: ", prompt.c_str());
  std::string line;
  std::getline(std::cin, line);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace apitoolkit::cli
