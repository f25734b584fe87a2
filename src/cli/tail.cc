#include "src/cli/tail.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "src/cli/input.h"
#include "src/cli/server_client.h"
#include "src/cli/sse_reader.h"
#include "src/cli/tail_line.h"
#include "src/cli/terminal_text.h"
#include "src/json/document.h"

namespace {

namespace at = apitoolkit;
using at::cli::kBadInput;
using at::cli::kBadUsage;
using std::chrono::milliseconds;

// A server sends a heart-beat every 15 seconds.
constexpr std::int64_t kSilenceS = 45;
constexpr milliseconds kWaitMin{500};
constexpr milliseconds kWaitMax{15'000};
constexpr milliseconds kLookEvery{50};  // whether Ctrl-C was pressed

struct Options {
  at::cli::ServerAddress server;
  std::string condition;
  std::string format = "line";
  std::int64_t count = 0;
};

class Tail {
 public:
  Tail(const Options& options, const std::atomic<bool>& interrupted)
      : options_(options),
        interrupted_(interrupted),
        server_(options.server, interrupted),
        coloured_(at::cli::stdout_has_colours()) {}

  int run() {
    while (true) {
      at::cli::SseReader events([this](const at::cli::SseEvent& event) { return take(event); });
      std::vector<at::Header> headers{{"Accept", "text/event-stream"}};
      if (!last_id_.empty()) headers.push_back({"Last-Event-ID", last_id_});
      const auto done = server_.stream(
          "/api/v1/tail" +
              at::cli::query_string(
                  {{"query", options_.condition},
                   {"fields", options_.format == "line" ? std::string(at::cli::kTailFields) : ""}}),
          std::move(headers), kSilenceS,
          [&events](std::string_view piece) { return events.feed(piece); });
      if (!events.last_id().empty()) last_id_ = events.last_id();
      if (interrupted_ || is_enough()) return 0;
      if (failed_) return kBadInput;
      if (!done && !done.error().is_passing()) return complain_of(done.error());
      come_back(done ? at::cli::Refusal{0, "the server ended the tail", "", 0} : done.error());
      if (interrupted_) return 0;
    }
  }

 private:
  bool is_enough() const { return options_.count > 0 && shown_ >= options_.count; }

  bool take(const at::cli::SseEvent& event) {
    if (event.name == "ready") {
      wait_ = kWaitMin;
      if (std::exchange(lost_, false)) std::fputs("apitoolkit: connected again\n", stderr);
    } else if (event.name == "lagged") {
      std::fprintf(stderr, "apitoolkit: some exchanges were not shown: %s\n",
                   at::cli::shown(event.data).c_str());
    } else if (event.name == "exchange") {
      ++shown_;
      const std::string text =
          options_.format == "line" ? at::cli::tail_line(event.data, coloured_) : event.data + "\n";
      if (at::cli::write_output(text) != 0) failed_ = true;
      if (failed_ || is_enough()) return false;
    }
    return true;
  }

  static int complain_of(const at::cli::Refusal& refusal) {
    at::cli::complain(refusal.detail, 0);
    std::fputs(refusal.at.c_str(), stderr);
    return refusal.status == 400 ? kBadUsage : kBadInput;
  }

  void come_back(const at::cli::Refusal& refusal) {
    if (!std::exchange(lost_, true)) {
      std::fprintf(stderr, "apitoolkit: %s; trying again\n", refusal.detail.c_str());
    }
    const auto until = std::chrono::steady_clock::now() +
                       std::max(wait_, milliseconds(refusal.retry_after_s * 1000));
    wait_ = std::min(wait_ * 2, kWaitMax);
    while (!interrupted_ && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookEvery);
    }
  }

  const Options& options_;
  const std::atomic<bool>& interrupted_;
  at::cli::ServerClient server_;
  const bool coloured_;
  std::string last_id_;
  std::int64_t shown_ = 0;
  milliseconds wait_ = kWaitMin;
  bool lost_ = false;    // the connection, and said so
  bool failed_ = false;  // to write
};

}  // namespace

void register_tail(CLI::App& app, int& exit_status) {
  CLI::App* command = app.add_subcommand("tail", "Print exchanges as a server commits them");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command->add_option("CONDITION", options->condition,
                      "Only those that fulfil this: 'status_code >= 500'");
  at::cli::add_server_options(*command, options->server, "read");
  command->add_option("--format", options->format, "line or ndjson (default: line)")
      ->check(CLI::IsMember({"line", "ndjson"}));
  command->add_option("--count", options->count, "End after so many exchanges")
      ->check(CLI::PositiveNumber);
  command->footer(
      "A line is: time (UTC), status, method, address, duration, consumer, error. ndjson has every "
      "field of each\nexchange. Where the connection is lost it comes back, and goes on behind "
      "the last exchange that it has shown.\nCtrl-C ends it.\n"
      "Exit status: 0; 1 where the server refuses; 2 for a condition that is wrong.");
  command->callback(
      [options, &exit_status] { exit_status = Tail(*options, at::cli::watch_interrupt()).run(); });
}
