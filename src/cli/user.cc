#include "src/cli/user.h"

#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "src/server/account/catalog.h"
#include "src/server/account/secret.h"
#include "src/server/data_directory.h"

namespace {

namespace at = apitoolkit;
namespace account = apitoolkit::server::account;

constexpr std::size_t kPasswordBytesMin = 8;

int complain(const std::string& message) {
  std::fprintf(stderr, "apitoolkit: %s\n", message.c_str());
  return 1;
}

// From standard input, so that it stands in no process list and no shell history.
int set_password(const std::string& data, const std::string& name) {
  // The lock also says that no server holds the sessions which the new password ends.
  const auto directory = at::server::DataDirectory::open(data);
  if (!directory) return complain(directory.error().message);
  const auto catalog = account::open_catalog(data);
  if (!catalog) return complain(catalog.error().message);
  std::fprintf(stderr, "new password for %s: ", name.c_str());
  std::string password;
  std::getline(std::cin, password);
  if (password.size() < kPasswordBytesMin) return complain("expected at least 8 characters");
  const auto hash = account::hash_password(password);
  if (!hash) return complain(hash.error().message);
  const auto users = (*catalog)->users();
  if (!users) return complain(users.error().message);
  for (const account::User& user : *users) {
    if (user.name != name) continue;
    const auto set = (*catalog)->set_password(user.id, *hash, {});
    if (!set) return complain(set.error().message);
    std::fprintf(stderr, "the password of %s is set\n", name.c_str());
    return 0;
  }
  return complain("there is no user \"" + name + "\"");
}

}  // namespace

void register_user(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("user", "Manage users, with the server stopped");
  command->require_subcommand(1);
  CLI::App* password =
      command->add_subcommand("password", "Set a user's password, read from standard input");
  auto name = std::make_shared<std::string>();  // shared: CLI11 copies its callbacks
  auto data = std::make_shared<std::string>();
  password->add_option("NAME", *name, "The user, for example owner")->required();
  password->add_option("--data", *data, "The server's data directory")->required();
  password->callback([name, data, &exit_status] { exit_status = set_password(*data, *name); });
}
