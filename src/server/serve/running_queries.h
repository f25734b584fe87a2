// The queries that run for clients: few at a time, each for a bounded time, cancelled when its
// client goes; and how far each has come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "src/net/http_server.h"
#include "src/server/serve/answer.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// Thread-safe.
class RunningQueries {
 public:
  struct Counts {
    std::int64_t running = 0;    // now
    std::int64_t finished = 0;   // since the start, with an answer or an error
    std::int64_t cancelled = 0;  // of those, because the client went
    std::int64_t refused = 0;    // because too many ran
  };

  // Whose query, and the name that its client gave it.
  struct Owner {
    Uuid project{};
    std::optional<Uuid> query_id;
  };

  // What of a running query is told.
  struct Shown {
    std::optional<Uuid> query_id;
    std::int64_t exchanges = 0;  // passed, as query::Progress counts them
    std::int64_t elapsed_ms = 0;
  };

  // A search while it runs, on one thread: it is told of by running_in(), ends after
  // limits::kQueryTimeS, and is stopped when the client of `responder`, which is not answered here,
  // goes.
  class Running {
   public:
    // `all` must outlive it.
    Running(RunningQueries& all, const Owner& owner, const net::Responder& responder);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    // Valid as long as this is.
    query::Control control() { return {stop_.get_token(), deadline_, &progress_}; }
    bool was_stopped() const { return stop_.stop_requested(); }

   private:
    friend class RunningQueries;
    RunningQueries& all_;
    const Owner owner_;
    const std::chrono::steady_clock::time_point begin_;
    const std::chrono::steady_clock::time_point deadline_;
    std::stop_source stop_;
    query::Progress progress_;
  };

  // Blocks. 503 while limits::kQueriesMax others run, 504 after limits::kQueryTimeS, 422 for a
  // query that is too large. `responder` is the client's, and is not answered here.
  tl::expected<query::Answer, Problem> run(const store::Store& store, const query::Query& query,
                                           const store::QueryScope& scope, std::int64_t rows_max,
                                           const net::Responder& responder,
                                           const std::optional<Uuid>& query_id = std::nullopt);

  // The searches of one project, in the order in which they began.
  std::vector<Shown> running_in(const Uuid& project) const;

  Counts counts() const { return {running_, finished_, cancelled_, refused_}; }

 private:
  std::atomic<std::int64_t> running_{0};
  std::atomic<std::int64_t> finished_{0};
  std::atomic<std::int64_t> cancelled_{0};
  std::atomic<std::int64_t> refused_{0};
  mutable std::mutex mutex_;  // guards what follows
  std::vector<const Running*> all_;
};

}  // namespace apitoolkit::server::serve
