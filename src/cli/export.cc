#include "src/cli/export.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "src/cli/input.h"
#include "src/cli/progress.h"
#include "src/cli/query_answer.h"
#include "src/cli/server_client.h"
#include "src/json/writer.h"

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
};

// Standard output, or a file that has its name only once it is whole.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {}
  ~Output() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove(part().c_str());
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  at::Status open() {
    if (path_.empty()) return {};
    // What is captured is not for everybody to read.
    const int descriptor =
        ::open(part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor >= 0) file_ = ::fdopen(descriptor, "w");
    if (file_ == nullptr) return failed();
    return {};
  }

  bool write(std::string_view piece) {
    std::FILE* to = file_ != nullptr ? file_ : stdout;
    return std::fwrite(piece.data(), 1, piece.size(), to) == piece.size();
  }

  at::Status finish() {
    if (path_.empty()) return std::fflush(stdout) == 0 ? at::Status{} : failed();
    const bool flushed = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (flushed && closed && std::rename(part().c_str(), path_.c_str()) == 0) return {};
    std::remove(part().c_str());
    return failed();
  }

  tl::unexpected<at::Error> failed() const {
    return at::fail(at::ErrorCode::kIo, (path_.empty() ? "standard output" : path_) +
                                            std::string(": cannot be written"));
  }

 private:
  std::string part() const { return path_ + ".part"; }

  const std::string path_;
  std::FILE* file_ = nullptr;
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

// Ends of exchanges in the pieces of an export.
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

int complain_of(const at::cli::Refusal& refusal, const std::string& context) {
  at::cli::complain(context + refusal.detail, 0);
  std::fputs(refusal.at.c_str(), stderr);
  return refusal.status == 400 ? kBadUsage : kBadInput;
}

int run(const Options& options) {
  const auto& interrupted = at::cli::watch_interrupt();
  at::cli::ServerClient server(options.server, interrupted);
  const auto total = count(server, options);
  if (interrupted) return kInterrupted;
  if (!total) return complain_of(total.error(), "");
  Output output(options.output);
  if (auto opened = output.open(); !opened) {
    return at::cli::complain(opened.error().message, kBadInput);
  }
  Counter counter(options.format == "har");
  bool written = true;
  std::int64_t exchanges = 0;
  tl::expected<void, at::cli::Refusal> done;
  {
    at::cli::Progress progress("exporting", *total, at::cli::ProgressUnit::kExchanges);
    done = server.stream(
        "/api/v1/exchanges" + at::cli::query_string({{"format", options.format},
                                                     {"limit", std::to_string(options.limit)},
                                                     {"query", options.query},
                                                     {"since", options.since},
                                                     {"until", options.until}}),
        {}, kIdleS, [&](std::string_view piece) {
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
  command->footer(
      "ndjson and har are what `apitoolkit import` takes: each line of ndjson is a message, as "
      "SDKs "
      "send it, and a\nhar is for browsers' tools, too. Lines of logs are not exported.\n"
      "Exit status: 0; 1 where the server refuses or the export breaks off; 2 for a condition that "
      "is wrong; 130\nafter Ctrl-C.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
