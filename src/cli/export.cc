#include "src/cli/export.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "src/base/clock.h"
#include "src/base/uuid.h"
#include "src/cli/export_file.h"
#include "src/cli/input.h"
#include "src/cli/progress.h"
#include "src/cli/query_answer.h"
#include "src/cli/server_client.h"
#include "src/json/writer.h"
#include "src/server/serve/exchange_query.h"
#include "src/wire/message.h"

namespace {

namespace at = apitoolkit;
using at::cli::kBadInput;
using at::cli::kBadUsage;

constexpr int kInterrupted = 130;    // as a shell says it
constexpr std::int64_t kIdleS = 90;  // longer than a page may take
constexpr std::int64_t kRowsMax = 100'000'000;

struct Options {
  at::cli::ServerAddress server;
  std::string query;
  std::string since;
  std::string until;
  std::int64_t limit = kRowsMax;
  std::string format = "ndjson";
  std::string output;
  bool resume = false;
  int patience_s = 60;
};

// How many there are to export; -1 where the server does not say so quickly.
tl::expected<std::int64_t, at::cli::Refusal> count(at::cli::ServerClient& server,
                                                   const Options& options) {
  at::json::Writer w;
  // On a line of its own: the condition may end with a comment.
  const std::string bar = options.query.empty() ? "" : "\n| ";
  w.begin_object().key("query").value(options.query + bar + "summarize n = count()");
  if (!options.since.empty()) w.key("since").value(options.since);
  if (!options.until.empty()) w.key("until").value(options.until);
  w.end_object();
  const auto body = server.post("/api/v1/query", std::move(w).str());
  if (!body && body.error().status != 422 && body.error().status < 500) {
    return tl::unexpected(body.error());
  }
  const auto document = at::json::Document::parse(body ? *body : "");
  const auto rows = document ? document->member(0, "rows") : std::nullopt;
  if (!rows || (*document)[*rows].count != 1) return -1;
  return std::min(at::json::to_int64(document->raw(*rows + 2)).value_or(-1), options.limit);
}

// Ends of exchanges in the pieces of an export that is not in lines of messages.
class Counter {
 public:
  explicit Counter(bool har) : mark_(har ? ",\"_apitoolkit\":{" : "\n") {}
  std::int64_t in(std::string_view piece) {
    // Quotes within captured texts are escaped. A mark that is cut by the end of a piece is found
    // with the next one.
    rest_.append(piece);
    std::int64_t found = 0;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = rest_.find(mark_, from)) != std::string::npos;) {
      ++found;
      from = at + mark_.size();
    }
    const std::size_t kept = std::min(mark_.size() - 1, rest_.size() - from);
    rest_.erase(0, rest_.size() - kept);
    return found;
  }

 private:
  const std::string mark_;
  std::string rest_;
};

// The messages of an export, whole lines only, so that one that broke off goes on behind the last.
class Lines {
 public:
  Lines(at::cli::ExportFile& file, const at::cli::ExportFile::Found& found)
      : file_(file), count_(found.lines), last_(found.last_line) {}

  // False where they cannot be written.
  bool take(std::string_view piece) {
    const std::size_t end = piece.rfind('\n');
    if (end == std::string_view::npos) {
      rest_.append(piece);
      return true;
    }
    rest_.append(piece.substr(0, end + 1));
    count_ += std::count(rest_.begin(), rest_.end(), '\n');
    const std::size_t before =
        rest_.size() < 2 ? std::string::npos : rest_.rfind('\n', rest_.size() - 2);
    last_ = rest_.substr(before == std::string::npos ? 0 : before + 1);
    last_.pop_back();
    const bool written = file_.write(rest_);
    rest_ = piece.substr(end + 1);
    return written;
  }
  // What has come of a line since its begin is sent again.
  void break_off() { rest_.clear(); }

  std::int64_t count() const { return count_; }
  // Of the last one; empty where there is none.
  at::Result<std::string> last_id() const {
    if (count_ == 0) return std::string();
    const auto message = at::wire::decode_message(last_);
    if (message) return at::base::format_uuid(message->id);
    return at::fail(at::ErrorCode::kCorrupt, "its last line is no message");
  }

 private:
  at::cli::ExportFile& file_;
  std::string rest_;
  std::int64_t count_;
  std::string last_;
};

int complain_of(const at::cli::Refusal& refusal, const std::string& context) {
  at::cli::complain(context + refusal.detail, 0);
  std::fputs(refusal.at.c_str(), stderr);
  return refusal.status == 400 ? kBadUsage : kBadInput;
}

at::cli::Parameters parameters_of(const Options& options) {
  return {{"format", options.format},
          {"query", options.query},
          {"since", options.since},
          {"until", options.until}};
}

void wait(std::chrono::milliseconds time, const std::atomic<bool>& interrupted) {
  constexpr std::chrono::milliseconds kLookEvery{50};
  const auto until = std::chrono::steady_clock::now() + time;
  while (!interrupted && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kLookEvery);
  }
}

// Messages, as often as the connection breaks off.
tl::expected<void, at::cli::Refusal> stream_lines(const Options& options,
                                                  at::cli::ServerClient& server, Lines& lines,
                                                  at::cli::Progress& progress, bool& written,
                                                  const std::atomic<bool>& interrupted) {
  constexpr std::chrono::milliseconds kPause{500};
  auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(options.patience_s);
  while (lines.count() < options.limit) {
    const auto last = lines.last_id();
    if (!last) return tl::unexpected(at::cli::Refusal{400, last.error().message, "", 0});
    at::cli::Parameters parameters = parameters_of(options);
    parameters.emplace_back("limit", std::to_string(options.limit - lines.count()));
    parameters.emplace_back("after", *last);
    parameters.emplace_back("logs", "true");
    const std::int64_t before = lines.count();
    auto done = server.stream("/api/v1/exchanges" + at::cli::query_string(parameters), {}, kIdleS,
                              [&](std::string_view piece) {
                                const std::int64_t counted = lines.count();
                                written = lines.take(piece);
                                progress.advance(lines.count() - counted);
                                return written;
                              });
    if (done || !written || interrupted || !done.error().is_passing()) return done;
    lines.break_off();
    const auto now = std::chrono::steady_clock::now();
    if (lines.count() > before) give_up = now + std::chrono::seconds(options.patience_s);
    // What never began is refused, not broken off.
    if (lines.count() == 0 || now + kPause >= give_up) return done;
    wait(kPause, interrupted);
    if (interrupted) return done;
  }
  return {};
}

// As `since` and `until` of the options, but meaning the same tomorrow.
void fix_time(std::string& time) {
  const std::int64_t now_ns = at::base::system_clock().now_ns();
  const auto at_ns = at::server::serve::parse_time(time, now_ns);
  if (at_ns && at::base::parse_rfc3339(time) == std::nullopt) {
    time = at::base::format_rfc3339(*at_ns);
  }
}

// How the same command goes on.
std::string advice(const Options& options) {
  if (options.output.empty()) return "";
  const std::string since = options.since.empty() ? "" : " --since " + options.since;
  const std::string until = options.until.empty() ? "" : " --until " + options.until;
  return "; the same command with --resume" + since + until + " goes on with it";
}

int export_lines(const Options& options, at::cli::ServerClient& server, std::int64_t total,
                 const std::atomic<bool>& interrupted) {
  at::cli::ExportFile file(options.output);
  at::cli::ExportFile::Found found;
  if (options.resume) {
    auto left = file.resume();
    if (!left) return at::cli::complain(left.error().message, kBadInput);
    found = std::move(*left);
  } else if (auto opened = file.open(); !opened) {
    return at::cli::complain(opened.error().message, kBadInput);
  }
  Lines lines(file, found);
  if (auto last = lines.last_id(); !last) {
    return at::cli::complain(options.output + ".part: " + last.error().message, kBadInput);
  }
  bool written = true;
  tl::expected<void, at::cli::Refusal> done;
  {
    at::cli::Progress progress("exporting", total, at::cli::ProgressUnit::kExchanges);
    progress.advance(lines.count());
    done = stream_lines(options, server, lines, progress, written, interrupted);
  }
  if (!written) return at::cli::complain(file.failed().value().message, kBadInput);
  if (lines.count() > 0 && (interrupted || !done)) file.keep_part();
  if (interrupted) {
    if (lines.count() > 0 && !options.output.empty()) {
      at::cli::complain("interrupted" + advice(options), 0);
    }
    return kInterrupted;
  }
  if (!done && done.error().status == 404) {
    return at::cli::complain(
        "the exchange after which to go on is not stored any more: begin anew, without --resume",
        kBadInput);
  }
  if (!done) {
    const std::string context =
        lines.count() == 0 ? ""
                           : "the export broke off after " + std::to_string(lines.count()) +
                                 " exchanges; what was written is not all" + advice(options) + ": ";
    return complain_of(done.error(), context);
  }
  if (auto finished = file.finish(); !finished) {
    return at::cli::complain(finished.error().message, kBadInput);
  }
  return 0;
}

// CSV and HAR, which have a beginning and an end and are begun anew.
int export_whole(const Options& options, at::cli::ServerClient& server, std::int64_t total,
                 const std::atomic<bool>& interrupted) {
  at::cli::ExportFile output(options.output);
  if (auto opened = output.open(); !opened) {
    return at::cli::complain(opened.error().message, kBadInput);
  }
  Counter counter(options.format == "har");
  bool written = true;
  std::int64_t exchanges = 0;
  tl::expected<void, at::cli::Refusal> done;
  {
    at::cli::Progress progress("exporting", total, at::cli::ProgressUnit::kExchanges);
    at::cli::Parameters parameters = parameters_of(options);
    parameters.emplace_back("limit", std::to_string(options.limit));
    done = server.stream("/api/v1/exchanges" + at::cli::query_string(parameters), {}, kIdleS,
                         [&](std::string_view piece) {
                           written = output.write(piece);
                           const std::int64_t more = counter.in(piece);
                           exchanges += more;
                           progress.advance(more);
                           return written;
                         });
  }
  if (interrupted) return kInterrupted;
  if (!written) return at::cli::complain(output.failed().value().message, kBadInput);
  if (!done) {
    const std::string context = exchanges == 0
                                    ? ""
                                    : "the export broke off after " + std::to_string(exchanges) +
                                          " exchanges; what was written is not all: ";
    return complain_of(done.error(), context);
  }
  if (auto finished = output.finish(); !finished) {
    return at::cli::complain(finished.error().message, kBadInput);
  }
  return 0;
}

int run(Options options) {
  const bool is_lines = options.format == "ndjson";
  if (options.resume && (!is_lines || options.output.empty())) {
    return at::cli::complain("--resume needs --output, and ndjson", kBadUsage);
  }
  if (options.resume && (options.since.starts_with('-') || options.until.starts_with('-'))) {
    return at::cli::complain(
        "--resume needs --since and --until as times: those that the export that broke off has "
        "told",
        kBadUsage);
  }
  fix_time(options.since);
  fix_time(options.until);
  const auto& interrupted = at::cli::watch_interrupt();
  at::cli::ServerClient server(options.server, interrupted);
  const auto total = count(server, options);
  if (interrupted) return kInterrupted;
  if (!total) return complain_of(total.error(), "");
  return is_lines ? export_lines(options, server, *total, interrupted)
                  : export_whole(options, server, *total, interrupted);
}

}  // namespace

void register_export(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("export", "Write a server's exchanges to a file");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  at::cli::add_server_options(*command, options->server, "read");
  command->add_option("--query", options->query,
                      "Only those that fulfil this condition: 'status_code >= 500'");
  command->add_option("--since", options->since, "RFC 3339, or relative to now: -1h");
  command->add_option("--until", options->until, "As --since; exclusive");
  command->add_option("--limit", options->limit, "At most so many, the newest")
      ->check(CLI::Range(std::int64_t{1}, kRowsMax));
  command->add_option("--format", options->format, "ndjson, har or csv (default: ndjson)")
      ->check(CLI::IsMember({"ndjson", "har", "csv"}));
  command->add_option("-o,--output", options->output,
                      "This file instead of standard output; it appears once it is whole");
  command->add_flag("--resume", options->resume,
                    "Go on with the file that an export of the same exchanges has left");
  command
      ->add_option("--patience", options->patience_s,
                   "Seconds without an exchange after which to give up (default: 60)")
      ->check(CLI::PositiveNumber);
  command->footer(
      "ndjson and har are what `apitoolkit import` takes: each line of ndjson is a message, as "
      "SDKs send it, with the\nlines of logs of its trace, and a har is for browsers' tools, too. "
      "Where the connection breaks off, ndjson goes\non behind the last exchange; what it gives up "
      "with is FILE.part, and --resume goes on with that: no exchange\nis missing, none there "
      "twice.\n"
      "Exit status: 0; 1 where the server refuses or the export breaks off; 2 for a condition that "
      "is wrong; 130\nafter Ctrl-C.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
