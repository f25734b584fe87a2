// What `apitoolkit key`, `project` and `user` have in common: they change catalog.db itself,
// whether a server runs on it or not; a running one takes the change up within a second.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/json/writer.h"
#include "src/server/account/accounts.h"

namespace apitoolkit::cli {

namespace account = server::account;

// The options that every one of these commands has.
struct AccountsOptions {
  std::string data;     // --data, or APITOOLKIT_SERVER_DATA
  std::string project;  // --project: a name or an id; may be left out where there is only one
  bool json = false;    // --json: one JSON text on standard output
};

using AccountsAction = std::function<Status(account::Accounts&, const AccountsOptions&)>;

// Adds a command below `parent` that opens the accounts of --data and does `action`; an error is
// one line on standard error and the exit status 1. The options given to the action are those that
// the command was called with.
CLI::App* add_accounts_command(CLI::App& parent, const std::string& name, const std::string& help,
                               bool has_project, AccountsAction action, int& exit_status);

// The project that --project names. kNotFound and kInvalidArgument say which there are.
Result<std::shared_ptr<const account::Project>> find_project(account::Accounts& accounts,
                                                             const AccountsOptions& options);
// The user of that name.
Result<account::User> find_user(account::Accounts& accounts, const std::string& name);

// Who calls, for the audit log: "command line (root)".
account::Actor caller();

// Rows under headings, columns two blanks apart. Control characters become "?", so that no name can
// do anything to a terminal.
void print_table(const std::vector<std::string>& headings,
                 const std::vector<std::vector<std::string>>& rows);
void print_json(json::Writer writer);

// A line of standard input, without its end: a password stands in no process list and no shell
// history.
std::string read_line(const std::string& prompt);

}  // namespace apitoolkit::cli
