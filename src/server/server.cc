#include "src/server/server.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "src/base/worker_pool.h"
#include "src/net/router.h"
#include "src/server/account/erasure.h"
#include "src/server/clock_guard.h"
#include "src/server/committer.h"
#include "src/server/data_directory.h"
#include "src/server/file_watch.h"
#include "src/server/housekeeping.h"
#include "src/server/ingest/metadata.h"
#include "src/server/ingest/otlp_http.h"
#include "src/server/ingest/pubsub_rest.h"
#include "src/server/ingest/source.h"
#include "src/server/metrics.h"
#include "src/server/pipeline.h"
#include "src/server/replay.h"
#include "src/server/serve/assets.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"
#include "src/server/serve/tail_hub.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server {
namespace {

constexpr int kReaderThreads = 4;
constexpr int kIngestThreadsMin = 2;
constexpr std::size_t kLoginQueueMax = 32;
constexpr std::size_t kProbeQueueMax = 64;
constexpr std::chrono::milliseconds kAccountsEvery{500};  // for changes by the command line
constexpr const char* kClockNote = "clock";               // in the data directory

// What is wrong with a request that no handler takes, in the shape that its path asks for.
net::ServerResponse refusal(int status, const net::ServerRequest& request,
                            std::string_view message) {
  const std::string_view path = request.path;
  // An SDK reads any body of this path as JSON that it expects.
  if (path == ingest::kMetadataPath) return {status, {}, ""};
  if (path.starts_with(serve::kApiPrefix) || path == "/api" ||
      path.starts_with(serve::kSharePrefix)) {
    return serve::problem_answer({status, std::string(message), ""});
  }
  if (path.starts_with(ingest::kPubsubPathPrefix)) return ingest::google_error(status, message);
  if (ingest::is_otlp_path(path)) {
    return ingest::otlp_error(status, request.header("Content-Type"), message);
  }
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(message) + "\n"};
}

bool is_api(std::string_view path) {
  return path.starts_with(serve::kApiPrefix) || path == "/api" || path.starts_with("/v1/") ||
         path.starts_with(serve::kSharePrefix);
}

void dispatch(const net::Router& router, net::ServerRequest request,
              const net::Responder& responder) {
  net::Router::Match match = router.match(request.method, request.path);
  if (match.handler != nullptr) {
    return (*match.handler)(std::move(request), std::move(match.params), responder);
  }
  if (!match.allow.empty()) {
    std::string allow;
    for (const std::string& method : match.allow) allow += (allow.empty() ? "" : ", ") + method;
    auto response = refusal(405, request, "the methods of this path are " + allow);
    response.headers.push_back({"Allow", allow});
    return responder(std::move(response));
  }
  if (!is_api(request.path) && (request.method == "GET" || request.method == "HEAD")) {
    return responder(serve::answer_asset(request));
  }
  responder(refusal(404, request, "there is nothing at this path"));
}

// What the last run believed. Of a directory without that: that a store in which everything is too
// old was written to a moment ago.
ClockGuard::State last_clock_state(const DataDirectory& directory, const store::Store& store,
                                   std::int64_t retention_days, const base::Clock& clock) {
  const ClockGuard::State last = parse_clock_state(directory.read_note(kClockNote));
  if (last != ClockGuard::State{}) return last;
  const auto stats = store.stats();
  const bool all_is_old = stats && stats->exchanges > 0 &&
                          stats->newest_ns < clock.now_ns() - retention_days * store::kDayNs;
  return all_is_old ? ClockGuard::State{stats->newest_ns, 0} : ClockGuard::State{};
}

// Its client gets 500.
void log_exception(const char* what) {
  spdlog::error("a request was given up: {}", what);
}

class RunningServer final : public Server {
 public:
  RunningServer(ServerOptions options, DataDirectory directory,
                std::unique_ptr<account::Accounts> accounts, std::unique_ptr<store::Store> store,
                std::unique_ptr<net::HttpServer> http, std::optional<account::Founded> founded,
                const base::Clock& clock)
      : directory_(std::move(directory)),
        clock_(clock),
        started_ns_(clock_.now_ns()),
        queue_bytes_max_(options.ingest_queue_bytes_max),
        metadata_refresh_s_(options.metadata_refresh_s),
        tls_watch_(options.http.tls
                       ? std::vector{options.http.tls->certificate, options.http.tls->key}
                       : std::vector<std::string>()),
        founded_(std::move(founded)),
        accounts_(std::move(accounts)),
        store_(std::move(store)),
        free_bytes_(options.free_bytes ? std::move(options.free_bytes)
                                       : free_bytes_of(directory_.path())),
        retention_(*store_, options.retention, free_bytes_),
        disk_(free_bytes_),
        clock_guard_(last_clock_state(directory_, *store_, options.retention.days, clock_)),
        committer_(
            *store_,
            [this](const auto& appended, std::size_t /*records*/, std::size_t dead_letters,
                   double seconds) { observe(appended, dead_letters, seconds); },
            [this](std::vector<store::Record> records, std::int64_t duplicates) {
              tail_.committed(std::move(records), duplicates > 0);
            }),
        limiter_(options.key_limits),
        pipeline_(rules_, limiter_, committer_, disk_, clock_, ingesters_, metrics_,
                  options.ingest_queue_bytes_max),
        http_(std::move(http)) {
    for (const auto& source : sources_) source->add_routes(router_);
    serve::add_routes(router_, {*accounts_,
                                *store_,
                                clock_,
                                readers_,
                                passwords_,
                                probes_,
                                [this] { return disk_.read_only(); },
                                [this] { return scrape(); },
                                tail_,
                                queries_,
                                uptake_,
                                [this](const auto& holder, const auto& letter) {
                                  return replay(pipeline_, holder, letter);
                                },
                                &limiter_,
                                [this] { return clock_guard_.doubt(); },
                                {options.retention.days, options.retention.bytes,
                                 options.retention.free_bytes_min},
                                [this] { return figures(); }});
    look_at_disk();
    // Before anything new comes in: what is published from now on is kept until the next time.
    prune();
    net::GrpcMethods methods;
    for (const auto& source : sources_) source->add_methods(methods);
    http_->start(
        [this](net::ServerRequest request, const net::Responder& responder) {
          dispatch(router_, std::move(request), responder);
        },
        std::move(methods));
  }

  ~RunningServer() override { RunningServer::stop(); }

  std::uint16_t port() const override { return http_->port(); }
  std::vector<std::uint16_t> further_ports() const override { return http_->further_ports(); }
  const std::optional<account::Founded>& founded() const override { return founded_; }
  account::Accounts& accounts() override { return *accounts_; }

  Status reload_tls() override { return http_->reload_tls(); }

  // In the order of the flow: each floor is empty before the next one ends.
  void stop() override {
    tail_.stop();
    http_->stop();
    ingesters_.stop();
    committer_.stop();
    readers_.stop();
    passwords_.stop();
    probes_.stop();
    account_watch_.stop();
    housekeeping_.stop();
    if (auto done = accounts_->tidy(); !done) spdlog::warn("accounts: {}", done.error().message);
  }

 private:
  void observe(const Result<store::Appended>& appended, std::size_t dead_letters, double seconds) {
    metrics_.observe_commit(appended, dead_letters, seconds);
    if (!appended) spdlog::error("a commit failed: {}", appended.error().message);
  }

  std::string scrape() {
    return metrics_.text({&http_->counters(), pipeline_.queue_bytes(),
                          disk_.read_only().has_value(), store_->stats(), queries_.counts(),
                          tail_.listeners()});
  }

  serve::ServerFigures figures() const {
    const auto free = free_bytes_();
    return {started_ns_,
            metrics_.ingest(),
            pipeline_.queue_bytes(),
            queue_bytes_max_,
            free ? std::optional(*free) : std::nullopt,
            limits::kDiskFreeBytesMin};
  }

  void look_at_disk() {
    for (const std::string& notice : store_->take_notices()) spdlog::warn("store: {}", notice);
    if (!disk_.check()) return;
    const auto reason = disk_.read_only();
    reason ? spdlog::error("{}", *reason)
           : spdlog::info("there is room again: no longer read-only");
  }

  void look_at_certificate() {
    if (!tls_watch_.check()) return;
    const auto reloaded = reload_tls();
    reloaded ? spdlog::info("the certificate's files have changed and were read again")
             : spdlog::error("the certificate's files have changed: {}; what was read before stays",
                             reloaded.error().message);
  }

  void look_at_clock() {
    const auto running = std::chrono::steady_clock::now().time_since_epoch();
    const bool changed = clock_guard_.check(
        clock_.now_ns(), std::chrono::duration_cast<std::chrono::nanoseconds>(running).count());
    // Where that fails, the next start knows an older time: it may doubt the clock for a day.
    static_cast<void>(directory_.write_note(kClockNote, format_clock_state(clock_guard_.state())));
    if (!changed) return;
    const auto doubt = clock_guard_.doubt();
    doubt ? spdlog::warn("retention: {}", *doubt)
          : spdlog::info("retention: the clock is believed again");
  }

  void prune() {
    look_at_clock();
    const auto notes = retention_.apply(clock_.now_ns(), !clock_guard_.doubt());
    if (!notes) return spdlog::error("retention: {}", notes.error().message);
    for (const std::string& note : *notes) spdlog::info("retention: {}", note);
  }

  void erase_removed() {
    const auto erased = account::erase_removed_projects(*accounts_, *store_);
    if (!erased) spdlog::warn("a removed project is not erased yet: {}", erased.error().message);
  }

  void refresh_accounts() {
    if (auto done = accounts_->refresh(); !done) spdlog::warn("accounts: {}", done.error().message);
  }

  void tidy() {
    if (auto done = accounts_->tidy(); !done) spdlog::warn("accounts: {}", done.error().message);
  }

  DataDirectory directory_;
  const base::Clock& clock_;
  const std::int64_t started_ns_;
  const std::int64_t queue_bytes_max_;
  const std::int64_t metadata_refresh_s_;
  FileWatch tls_watch_;
  const std::optional<account::Founded> founded_;
  const std::unique_ptr<account::Accounts> accounts_;
  const std::unique_ptr<store::Store> store_;
  Metrics metrics_;
  const DiskWatch::FreeBytes free_bytes_;
  Retention retention_;
  DiskWatch disk_;
  ClockGuard clock_guard_;
  base::WorkerPool ingesters_{
      std::max(kIngestThreadsMin, static_cast<int>(std::thread::hardware_concurrency())),
      limits::kWorkQueueMax, log_exception};
  base::WorkerPool readers_{kReaderThreads, limits::kWorkQueueMax, log_exception};
  base::WorkerPool passwords_{1, kLoginQueueMax, log_exception};
  base::WorkerPool probes_{1, kProbeQueueMax, log_exception};
  serve::TailHub tail_{*store_, clock_, readers_};
  serve::RunningQueries queries_;
  const redaction::RuleBook rules_{
      *accounts_, [](const std::string& complaint) { spdlog::error("{}", complaint); }};
  redaction::RuleUptake uptake_;
  Committer committer_;
  account::RateLimiter limiter_;
  Pipeline pipeline_;
  const std::vector<std::unique_ptr<ingest::Source>> sources_ =
      ingest::make_sources({*accounts_, pipeline_, clock_, limiter_, uptake_, metadata_refresh_s_});
  net::Router router_;
  const std::unique_ptr<net::HttpServer> http_;
  Housekeeping housekeeping_{{{std::chrono::seconds(1), [this] { look_at_disk(); }},
                              {std::chrono::seconds(1), [this] { look_at_certificate(); }},
                              {std::chrono::seconds(1), [this] { tail_.tick(); }},
                              {std::chrono::seconds(1), [this] { erase_removed(); }},
                              {std::chrono::minutes(1), [this] { tidy(); }},
                              {std::chrono::minutes(1), [this] { prune(); }}}};
  // By itself, so that no slow chore delays a revocation.
  Housekeeping account_watch_{{{kAccountsEvery, [this] { refresh_accounts(); }}}};
};

template <class T>
tl::unexpected<Error> pass_on(const Result<T>& result) {
  return tl::unexpected<Error>(result.error());
}

Status check_password(account::Catalog& catalog, const ServerOptions& options, bool is_new) {
  if (options.generated_password_allowed) return {};
  if (is_new && options.wishes.password) return {};
  if (!is_new) {
    const auto generated = catalog.has_generated_password();
    if (!generated) return pass_on(generated);
    if (!*generated) return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              is_new ? "listening beyond loopback needs a password of your choice: set "
                       "APITOOLKIT_BOOTSTRAP_PASSWORD for the first start"
                     : "listening beyond loopback needs a password of your choice: set one with "
                       "`apitoolkit user password owner --data " +
                           options.data_directory + "`");
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  if (auto fine = account::check_wishes(options.wishes); !fine) return pass_on(fine);
  auto directory = DataDirectory::open(options.data_directory);
  if (!directory) return pass_on(directory);
  auto catalog = account::open_catalog(directory->path());
  if (!catalog) return pass_on(catalog);
  const auto projects = (*catalog)->projects();
  if (!projects) return pass_on(projects);
  if (auto fine = check_password(**catalog, options, projects->empty()); !fine)
    return pass_on(fine);
  if (!options.store) {
    const auto path = directory->subdirectory("exchanges");
    if (!path) return pass_on(path);
    auto opened = store::open_sqlite_store(*path);
    if (!opened) return pass_on(opened);
    options.store = std::move(*opened);
  }
  options.http.refusal = refusal;
  // No other door takes more than this, so nothing larger is inflated for it either.
  options.http.large_body_paths = {ingest::kOtlpPaths.begin(), ingest::kOtlpPaths.end()};
  options.http.inflated_bytes_max =
      std::min(options.http.inflated_bytes_max, limits::kRequestBodyBytesMax);
  auto http = net::HttpServer::listen(options.http);
  if (!http) return pass_on(http);

  // Last, because what it makes is shown once and must not be lost to a failure of the others.
  const base::Clock& clock = options.clock != nullptr ? *options.clock : base::system_clock();
  auto founded = account::bootstrap(**catalog, options.wishes, clock.now_ns());
  if (!founded) return pass_on(founded);
  auto accounts = account::Accounts::open(std::move(*catalog), clock);
  if (!accounts) return pass_on(accounts);
  auto store = std::move(options.store);
  return std::make_unique<RunningServer>(std::move(options), std::move(*directory),
                                         std::move(*accounts), std::move(store), std::move(*http),
                                         std::move(*founded), clock);
}

}  // namespace apitoolkit::server
