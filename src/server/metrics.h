// What the server counts of itself, for GET /metrics in Prometheus' text format and for GET
// /api/v1/stats. Aggregate numbers only: no label ever comes from captured content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"
#include "src/net/http_server.h"
#include "src/server/serve/running_queries.h"
#include "src/server/serve/server_figures.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

// What is read at the moment of a scrape.
struct Gauges {
  const net::HttpServerCounters* http = nullptr;
  std::int64_t queue_bytes = 0;
  bool read_only = false;
  Result<store::StoreStats> store = store::StoreStats{};
  serve::RunningQueries::Counts queries;
  int tail_listeners = 0;
};

// Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void count_received(std::string_view source, std::size_t items);
  void count_refused(std::string_view source, ErrorCode code);
  // Of what was received and is not kept by design: `what` is one of a door's few words.
  void count_dropped(std::string_view source, std::string_view what, std::size_t count);
  void observe_commit(const Result<store::Appended>& appended, std::size_t dead_letters,
                      double seconds);

  std::string text(const Gauges& gauges) const;
  serve::IngestFigures ingest() const;

 private:
  struct Registered;
  std::unique_ptr<Registered> registered_;
};

}  // namespace apitoolkit::server
