// The queries that run for clients: few at a time, each for a bounded time, cancelled when its
// client goes.
#pragma once

#include <atomic>
#include <cstdint>

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

  // Blocks. 503 while limits::kQueriesMax others run, 504 after limits::kQueryTimeS, 422 for a
  // query that is too large. `responder` is the client's, and is not answered here.
  tl::expected<query::Answer, Problem> run(const store::Store& store, const query::Query& query,
                                           const store::QueryScope& scope, std::int64_t rows_max,
                                           const net::Responder& responder);

  Counts counts() const { return {running_, finished_, cancelled_, refused_}; }

 private:
  std::atomic<std::int64_t> running_{0};
  std::atomic<std::int64_t> finished_{0};
  std::atomic<std::int64_t> cancelled_{0};
  std::atomic<std::int64_t> refused_{0};
};

}  // namespace apitoolkit::server::serve
