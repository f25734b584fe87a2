#include "src/cli/key.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/cli/accounts_command.h"

namespace {

using namespace apitoolkit;       // NOLINT(google-build-using-namespace)
using namespace apitoolkit::cli;  // NOLINT(google-build-using-namespace)

struct NewKey {
  std::string name;
  std::vector<std::string> scopes{"ingest"};
  account::KeyLimits limits;
};

std::string text_of(const std::optional<std::int64_t>& unix_ns) {
  return unix_ns ? base::format_rfc3339(*unix_ns) : "-";
}

std::string text_of(account::Scopes scopes) {
  std::string text;
  for (const std::string_view name : names_of(scopes)) {
    text += (text.empty() ? "" : ",") + std::string(name);
  }
  return text;
}

void write_time(const std::optional<std::int64_t>& unix_ns, json::Writer& w) {
  unix_ns ? w.value(base::format_rfc3339(*unix_ns)) : w.null();
}

// As GET /api/v1/keys shows it.
void write_key(const account::ApiKey& key, const std::string& secret, json::Writer& w) {
  w.begin_object().key("id").value(key.id).key("name").value(key.name);
  w.key("prefix").value(key.prefix).key("scopes").begin_array();
  for (const std::string_view scope : names_of(key.scopes)) w.value(scope);
  w.end_array().key("created_at").value(base::format_rfc3339(key.created_ns));
  w.key("last_used_at");
  write_time(key.used_ns, w);
  w.key("revoked_at");
  write_time(key.revoked_ns, w);
  if (!secret.empty()) w.key("secret").value(secret);
  w.end_object();
}

Status list(account::Accounts& accounts, const AccountsOptions& options) {
  const auto project = find_project(accounts, options);
  if (!project) return tl::unexpected<Error>(project.error());
  const auto keys = accounts.keys_of((*project)->id);
  if (options.json) {
    json::Writer w;
    w.begin_array();
    for (const account::ApiKey& key : keys) write_key(key, "", w);
    w.end_array();
    print_json(std::move(w));
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  rows.reserve(keys.size());
  for (const account::ApiKey& key : keys) {
    rows.push_back({std::to_string(key.id), key.name, key.prefix + "…", text_of(key.scopes),
                    text_of(key.used_ns), text_of(key.revoked_ns)});
  }
  print_table({"ID", "NAME", "PREFIX", "SCOPES", "LAST USED", "REVOKED"}, rows);
  return {};
}

Status create(account::Accounts& accounts, const AccountsOptions& options, const NewKey& wanted) {
  account::Scopes scopes;
  for (const std::string& name : wanted.scopes) {
    const auto scope = account::parse_scope(name);
    if (!scope) {
      return fail(ErrorCode::kInvalidArgument,
                  "--scope: expected ingest, read or admin, got \"" + name + "\"");
    }
    scopes.bits |= static_cast<std::uint8_t>(*scope);
  }
  const auto project = find_project(accounts, options);
  if (!project) return tl::unexpected<Error>(project.error());
  const auto made = accounts.add_key((*project)->id, wanted.name, scopes, caller(), wanted.limits);
  if (!made) return tl::unexpected<Error>(made.error());
  if (options.json) {
    json::Writer w;
    write_key(made->key, made->secret, w);
    print_json(std::move(w));
    return {};
  }
  // The key alone on standard output, so that a script can take it.
  std::fprintf(stderr, "key %lld of %s (%s); it is shown once:\n",
               static_cast<long long>(made->key.id), (*project)->name.c_str(),
               text_of(scopes).c_str());
  std::printf("%s\n", made->secret.c_str());
  return {};
}

Status revoke(account::Accounts& accounts, std::int64_t id) {
  if (auto done = accounts.revoke_key(id, caller()); !done) return done;
  std::fprintf(stderr, "key %lld is revoked; a running server refuses it within a second\n",
               static_cast<long long>(id));
  return {};
}

}  // namespace

void register_key(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("key", "API keys: list, create, revoke");
  command->require_subcommand(1);
  add_accounts_command(*command, "list", "List a project's keys, revoked ones too", true, list,
                       exit_status);
  auto wanted = std::make_shared<NewKey>();  // shared: CLI11 copies its callbacks
  CLI::App* add = add_accounts_command(
      *command, "create", "Make a key and print it, once", true,
      [wanted](account::Accounts& accounts, const AccountsOptions& options) {
        return create(accounts, options, *wanted);
      },
      exit_status);
  add->add_option("NAME", wanted->name, "What the key is for, for example web")->required();
  add->add_option("--scope", wanted->scopes, "ingest, read or admin; may be repeated [ingest]")
      ->delimiter(',');
  add->add_option("--requests-per-s", wanted->limits.requests_per_s,
                  "At most so many requests a second [the server's default]")
      ->check(CLI::Range(std::int64_t{0}, limits::kKeyRateMax));
  add->add_option("--bytes-per-s", wanted->limits.bytes_per_s,
                  "At most so many bytes a second [the server's default]")
      ->check(CLI::Range(std::int64_t{0}, limits::kKeyRateMax));
  auto id = std::make_shared<std::int64_t>(0);
  CLI::App* end = add_accounts_command(
      *command, "revoke", "Revoke a key, for good", false,
      [id](account::Accounts& accounts, const AccountsOptions&) { return revoke(accounts, *id); },
      exit_status);
  end->add_option("ID", *id, "The key's number, as `key list` shows it")->required();
}
