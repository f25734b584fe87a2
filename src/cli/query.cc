#include "src/cli/query.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "src/cli/input.h"
#include "src/cli/query_answer.h"
#include "src/cli/server_client.h"
#include "src/json/writer.h"

namespace {

namespace at = apitoolkit;
using at::cli::kBadInput;
using at::cli::kBadUsage;

constexpr int kInterrupted = 130;  // as a shell says it

struct Options {
  at::cli::ServerAddress server;
  std::string text;
  std::string since;
  std::string until;
  std::int64_t limit = 0;
  std::string format = "table";
};

// Of the terminal that the table goes to; 0 where it goes elsewhere.
std::size_t table_columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 0;
}

std::string request_of(const Options& options) {
  at::json::Writer w;
  w.begin_object().key("query").value(options.text);
  if (!options.since.empty()) w.key("since").value(options.since);
  if (!options.until.empty()) w.key("until").value(options.until);
  if (options.limit > 0) w.key("limit").value(options.limit);
  w.end_object();
  return std::move(w).str();
}

int complain_of(const at::cli::Refusal& refusal) {
  at::cli::complain(refusal.detail, 0);
  std::fputs(refusal.at.c_str(), stderr);
  return refusal.status == 400 ? kBadUsage : kBadInput;
}

int run(const Options& options) {
  const auto& interrupted = at::cli::watch_interrupt();
  at::cli::ServerClient server(options.server, interrupted);
  const auto body = server.post("/api/v1/query", request_of(options));
  // The connection has ended, and with it the query on the server.
  if (interrupted) return kInterrupted;
  if (!body) return complain_of(body.error());
  if (options.format == "json") return at::cli::write_output(*body + "\n");
  const auto answer = at::cli::QueryAnswer::parse(*body);
  if (!answer) return at::cli::complain(answer.error().message, kBadInput);
  const std::string text = options.format == "ndjson" ? answer->ndjson()
                           : options.format == "csv"  ? answer->csv()
                                                      : answer->table(table_columns());
  if (const int status = at::cli::write_output(text); status != 0) return status;
  if (answer->truncated()) {
    std::fputs("apitoolkit: there are more rows; --limit gives up to 10000\n", stderr);
  }
  return 0;
}

}  // namespace

void register_query(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("query", "Ask a server a question in the query language");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command->add_option("TEXT", options->text, "The query: 'status_code >= 500 | take 10'")
      ->required();
  at::cli::add_server_options(*command, options->server, "read");
  command->add_option("--since", options->since, "RFC 3339, or relative to now: -1h");
  command->add_option("--until", options->until, "As --since; exclusive");
  command->add_option("--limit", options->limit, "Rows of the answer (default: 500)")
      ->check(CLI::Range(1, 10'000));
  command->add_option("--format", options->format, "table, ndjson, csv or json (default: table)")
      ->check(CLI::IsMember({"table", "ndjson", "csv", "json"}));
  command->footer(
      "A table is made to fit the terminal; control characters in it are shown escaped. ndjson has "
      "an object for\neach row, json the answer as the server gave it, with types and what was "
      "scanned. Ctrl-C cancels the query\non the server, too.\n"
      "Exit status: 0; 1 where the server cannot be reached, or gave up; 2 for a query that is "
      "wrong; 130 after Ctrl-C.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
