#include "src/cli/loadgen.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/cli/input.h"
#include "src/cli/load_report.h"
#include "src/cli/load_run.h"
#include "src/cli/progress.h"
#include "src/net/http_calls.h"
#include "src/server/serve/exchange_query.h"

namespace {

namespace at = apitoolkit;
using at::cli::complain;
using at::cli::kBadInput;
using at::cli::kBadUsage;
using at::cli::LoadDoor;
using at::cli::LoadPlan;
using at::cli::LoadRun;

constexpr double kDurationDefaultS = 30;
constexpr int kConnectionsMax = 1000;
constexpr std::int64_t kBodyBytesMax = 4 << 20;
constexpr std::size_t kRecentLooks = 10;  // of the live rate, a tenth of a second each

struct Options {
  std::string url = "http://127.0.0.1:8080";
  std::string key;
  std::string since, until;
  std::string acknowledged;
  std::string protocol = "pubsub";
  bool json = false;
  LoadPlan plan;
};

std::atomic<bool> interrupted{false};

void interrupt(int) {
  interrupted = true;
}

at::Status read_times(Options& options, std::int64_t now_ns) {
  LoadPlan& plan = options.plan;
  if (options.since.empty() && options.until.empty()) return {};
  const auto invalid = [](std::string text) {
    return at::fail(at::ErrorCode::kInvalidArgument, std::move(text));
  };
  const auto read = [&](const char* flag, const std::string& text,
                        std::optional<std::int64_t>& out) -> at::Status {
    out = at::server::serve::parse_time(text, now_ns);
    if (out) return {};
    return invalid(std::string(flag) +
                   ": expected an RFC 3339 time, or one relative to now such "
                   "as -14d, got \"" +
                   text + "\"");
  };
  if (options.since.empty()) return invalid("--until needs --since");
  if (auto fine = read("--since", options.since, plan.since_ns); !fine) return fine;
  if (auto fine = read("--until", options.until.empty() ? "now" : options.until, plan.until_ns);
      !fine) {
    return fine;
  }
  if (*plan.until_ns <= *plan.since_ns) return invalid("--until must be after --since");
  if (plan.count == 0) return invalid("--since needs --count: that many are spread over the time");
  return {};
}

// A rate over the last second rather than since the begin, so that a stall is seen.
class LiveLoad {
 public:
  void show(const LoadRun::Now& now) {
    looks_.emplace_back(now.seconds, now.report.acknowledged);
    if (looks_.size() > kRecentLooks) looks_.pop_front();
    if (!line_.is_due()) return;
    const auto& [then_s, then] = looks_.front();
    const double span_s = now.seconds - then_s;
    const double rate =
        span_s > 0 ? static_cast<double>(now.report.acknowledged - then) / span_s : 0;
    line_.draw(at::cli::load_live_line(now, rate, at::cli::LiveLine::columns()));
  }

 private:
  at::cli::LiveLine line_;
  std::deque<std::pair<double, std::int64_t>> looks_;
};

at::cli::LoadReport load(const Options& options, LoadDoor& door, std::FILE* acknowledged) {
  const auto calls = at::net::make_curl_calls();
  LiveLoad live;
  LoadRun run(options.plan, door, *calls, at::base::system_clock(), acknowledged,
              [&live](const LoadRun::Now& now) { live.show(now); });
  struct sigaction action {};
  action.sa_handler = interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second one ends the process at once
  ::sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
  return run.run(interrupted);
}

std::unique_ptr<LoadDoor> make_door(const Options& options) {
  at::cli::LoadAddress address{options.url, options.key};
  if (options.protocol == "victorialogs") return at::cli::make_victorialogs_door(address);
  if (options.protocol == "otlp") return at::cli::make_otlp_door(address);
  const at::base::Clock& clock = at::base::system_clock();
  return options.protocol == "grpc" ? at::cli::make_grpc_door(address, clock)
                                    : at::cli::make_pubsub_door(address, clock);
}

int run(Options options) {
  if (auto fine = read_times(options, at::base::system_clock().now_ns()); !fine) {
    return complain(fine.error().message, kBadUsage);
  }
  if (options.plan.count == 0 && options.plan.duration_s == 0) {
    options.plan.duration_s = kDurationDefaultS;
  }
  while (options.url.ends_with('/')) options.url.pop_back();
  if (options.key.empty() && options.protocol != "victorialogs") {
    return complain("an API key is needed: --key, or better the environment's APITOOLKIT_API_KEY",
                    kBadUsage);
  }
  const auto door = make_door(options);
  const auto http = at::net::make_curl_client();
  if (auto opened = door->open(*http); !opened) return complain(opened.error().message, kBadInput);

  std::FILE* acknowledged = nullptr;
  if (!options.acknowledged.empty()) {
    acknowledged = std::fopen(options.acknowledged.c_str(), "we");
    if (acknowledged == nullptr) {
      return complain(options.acknowledged + ": cannot be written", kBadInput);
    }
  }
  const at::cli::LoadReport report = load(options, *door, acknowledged);
  if (acknowledged != nullptr && std::fclose(acknowledged) != 0) {
    return complain(options.acknowledged + ": cannot be written", kBadInput);
  }
  const std::string text =
      options.json ? at::cli::load_report_json(report) : at::cli::load_report_text(report);
  if (const int status = at::cli::write_output(text); status != 0) return status;
  if (!report.refusal.empty()) return complain(report.refusal, kBadInput);
  if (interrupted) return 0;
  if (report.unacknowledged > 0) {
    return complain("the server did not acknowledge everything", kBadInput);
  }
  return 0;
}

void add_load(CLI::App& command, LoadPlan& plan) {
  command
      .add_option("--rate", plan.rate,
                  "Exchanges a second (default: as fast as they are acknowledged)")
      ->check(CLI::PositiveNumber);
  command.add_option("--duration", plan.duration_s, "Seconds to measure (default: 30)")
      ->check(CLI::PositiveNumber);
  command.add_option("--count", plan.count, "End after so many exchanges")
      ->check(CLI::PositiveNumber);
  command.add_option("--warmup", plan.warmup_s, "Seconds before the measuring begins")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--batch", plan.batch, "Exchanges in a request (default: 100)")
      ->check(CLI::Range(1, at::limits::kPublishMessagesMax));
  command.add_option("--connections", plan.connections, "Requests at the same time (default: 8)")
      ->check(CLI::Range(1, kConnectionsMax));
  command
      .add_option("--patience", plan.patience_s,
                  "Seconds without an acknowledgement after which to give up (default: 60)")
      ->check(CLI::PositiveNumber);
}

void add_mix(CLI::App& command, Options& options) {
  auto& mix = options.plan.mix;
  command.add_option("--paths", mix.paths, "Endpoints, as popular as Zipf has it (default: 40)")
      ->check(CLI::Range(1, at::cli::kTrafficPathsMax));
  command
      .add_option("--body-bytes", mix.body_bytes,
                  "Mean of an exchange's two bodies together (default: 1024)")
      ->check(CLI::Range(std::int64_t{1}, kBodyBytesMax));
  command.add_option("--seed", mix.seed, "The same seed gives the same traffic (default: 1)");
  command.add_option("--since", options.since,
                     "Spread --count exchanges over the time from here, such as -14d (default: "
                     "they happen now)");
  command.add_option("--until", options.until, "To here (default: now)");
}

}  // namespace

void register_loadgen(CLI::App& app, int& exit_status) {
  CLI::App* command =
      app.add_subcommand("loadgen", "Measure a server with invented traffic of a shop");
  auto options = std::make_shared<Options>();  // shared: CLI11 copies its callbacks
  command->add_option("--url", options->url,
                      "The server's address (default: http://127.0.0.1:8080)");
  command->add_option("--key", options->key, "An API key that may ingest")
      ->envname("APITOOLKIT_API_KEY");
  command
      ->add_option("--protocol", options->protocol,
                   "pubsub: Pub/Sub over REST; grpc: Pub/Sub over gRPC; otlp: OTLP over HTTP; "
                   "victorialogs: the same for VictoriaLogs (default: pubsub)")
      ->check(CLI::IsMember({"pubsub", "grpc", "otlp", "victorialogs"}));
  add_load(*command, options->plan);
  add_mix(*command, *options);
  command->add_flag("--json", options->json, "Print the result as JSON");
  command->add_option("--acknowledged", options->acknowledged,
                      "Write the id of each exchange that was acknowledged to this file");
  command->footer(
      "What is sent is stored: measure with a project of its own. A batch that is not acknowledged "
      "is sent again\nuntil it is, and counts from its first attempt; with --rate, from when it "
      "was "
      "due. Interrupt (Ctrl-C) ends\nthe run and prints what was measured.\n"
      "Exit status: 0; 1 where the server cannot be reached, refuses, or did not acknowledge "
      "everything; 2 for\nwrong usage.");
  command->callback([options, &exit_status] { exit_status = run(*options); });
}
