#include "src/cli/redact_stored.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "src/cli/accounts_command.h"
#include "src/cli/progress.h"
#include "src/cli/server_client.h"
#include "src/cli/terminal_text.h"
#include "src/server/data_directory.h"
#include "src/server/normalise/dead_letter.h"
#include "src/server/redaction/rule_book.h"
#include "src/server/store/sqlite/rewrite.h"
#include "src/wire/message.h"

namespace {

using namespace apitoolkit;       // NOLINT(google-build-using-namespace)
using namespace apitoolkit::cli;  // NOLINT(google-build-using-namespace)
namespace store = server::store;

// The exchanges of one project, or of all.
Result<std::int64_t> count(const std::string& exchanges, const std::optional<Uuid>& project) {
  const auto opened = store::open_sqlite_store(exchanges);
  if (!opened) return tl::unexpected<Error>(opened.error());
  if (!project) {
    const auto stats = (*opened)->stats();
    if (!stats) return tl::unexpected<Error>(stats.error());
    return stats->exchanges;
  }
  const auto stats = (*opened)->project_stats(*project);
  if (!stats) return tl::unexpected<Error>(stats.error());
  return stats->exchanges;
}

store::Rewriting rewriting_by(const server::redaction::RuleBook& rules,
                              const std::optional<Uuid>& only) {
  store::Rewriting rewriting;
  rewriting.wants = [only](const Uuid& project) { return !only || *only == project; };
  rewriting.record = [&rules](store::Record& record) {
    const std::string before = wire::encode_message(record.exchange);
    rules.of(record.project)->redact(record.exchange);
    return wire::encode_message(record.exchange) != before;
  };
  rewriting.log = [&rules](store::LogEntry& entry) {
    const store::LogEntry before = entry;
    rules.of(entry.project)->redact_log(entry.body, entry.attributes_json);
    return entry != before;
  };
  rewriting.letter = [&rules](store::DeadLetter& letter) {
    std::string bytes =
        server::normalise::mask_dead_letter(letter.bytes, *rules.of(letter.project));
    const bool changed = bytes != letter.bytes;
    letter.bytes = std::move(bytes);
    return changed;
  };
  return rewriting;
}

void report(const store::Rewritten& done, bool dry_run, bool json) {
  if (json) {
    json::Writer w;
    w.begin_object().key("dry_run").value(dry_run).key("exchanges").value(done.exchanges);
    w.key("exchanges_changed").value(done.exchanges_changed);
    w.key("logs_changed").value(done.logs_changed);
    w.key("dead_letters_changed").value(done.letters_changed);
    w.key("unreadable").value(done.unreadable).end_object();
    return print_json(std::move(w));
  }
  std::printf("%s %lld of %lld exchanges, %lld lines of logs, %lld dead letters\n",
              dry_run ? "would change" : "changed", static_cast<long long>(done.exchanges_changed),
              static_cast<long long>(done.exchanges), static_cast<long long>(done.logs_changed),
              static_cast<long long>(done.letters_changed));
  if (done.unreadable > 0) {
    std::printf("%lld exchanges are damaged on disk and %s\n",
                static_cast<long long>(done.unreadable), dry_run ? "would be dropped" : "are gone");
  }
}

Status redact_stored(account::Accounts& accounts, const AccountsOptions& options, bool dry_run) {
  std::optional<Uuid> project;
  if (!options.project.empty()) {
    const auto found = find_project(accounts, options);
    if (!found) return tl::unexpected<Error>(found.error());
    project = (*found)->id;
  }
  // Held to the end: no server starts meanwhile.
  const auto directory = server::DataDirectory::open(options.data);
  if (!directory && directory.error().code == ErrorCode::kAlreadyExists) {
    return fail(ErrorCode::kAlreadyExists, "a server runs on " + options.data +
                                               ": stop it first, and start it again afterwards");
  }
  if (!directory) return tl::unexpected<Error>(directory.error());
  const auto exchanges = directory->subdirectory("exchanges");
  if (!exchanges) return tl::unexpected<Error>(exchanges.error());
  const auto total = count(*exchanges, project);
  if (!total) return tl::unexpected<Error>(total.error());

  const server::redaction::RuleBook rules(accounts, [](const std::string& complaint) {
    std::fprintf(stderr, "apitoolkit: %s\n", shown(complaint).c_str());
  });
  store::Rewriting rewriting = rewriting_by(rules, project);
  rewriting.dry_run = dry_run;
  rewriting.interrupt = &watch_interrupt();
  Result<store::Rewritten> done = store::Rewritten{};
  {
    Progress progress(dry_run ? "reading" : "redacting", *total, ProgressUnit::kExchanges);
    rewriting.progress = [&progress](std::int64_t count) { progress.advance(count); };
    done = store::rewrite_sqlite_store(*exchanges, rewriting);
  }
  if (!done) {
    return fail(done.error().code, done.error().message +
                                       "; each day is as it was or as it is to be, and the same "
                                       "command does the rest");
  }
  if (!dry_run) {
    const std::string detail = std::to_string(done->exchanges_changed) + " of " +
                               std::to_string(done->exchanges) + " exchanges changed";
    if (auto noted =
            accounts.record(project, "exchanges.redact", "stored exchanges", detail, caller());
        !noted) {
      return noted;
    }
  }
  report(*done, dry_run, options.json);
  return {};
}

}  // namespace

void register_redact_stored(CLI::App& app, int& exit_status) {
  auto dry_run = std::make_shared<bool>(false);  // shared: CLI11 copies its callbacks
  CLI::App* command = add_accounts_command(
      app, "redact-stored", "Apply the redaction rules of today to what is stored already", true,
      [dry_run](account::Accounts& accounts, const AccountsOptions& options) {
        return redact_stored(accounts, options, *dry_run);
      },
      exit_status);
  command->add_flag("--dry-run", *dry_run, "Count what would change, and change nothing");
  command->footer(
      "Without --project the exchanges, lines of logs and dead letters of every project, each by "
      "its own rules. The\nserver must be stopped. A day's file is written anew, so nothing of "
      "what is masked stays in it; that takes as\nmuch free disk as the largest day, three times. "
      "After a crash or Ctrl-C the same command does the rest. What\nwas masked cannot be had "
      "back: backups, and exports, keep what they have.\n"
      "Exit status: 0; 1 where a server runs, or a file cannot be written.");
}
