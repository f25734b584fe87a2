// What GET /api/v1/stats tells about the whole server, all projects together. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace apitoolkit::server::serve {

// What became of what was sent since the server started.
struct IngestFigures {
  struct Door {
    std::string source;                           // "pubsub_rest"
    std::int64_t received = 0;                    // messages
    std::int64_t dropped = 0;                     // of these, what nobody keeps by design
    std::map<std::string, std::int64_t> refused;  // requests, by reason
  };
  std::vector<Door> doors;  // by source; those that were used
  std::int64_t stored = 0;
  std::int64_t duplicates = 0;
  std::int64_t dead_letters = 0;
  std::int64_t commits = 0;
  std::int64_t commit_errors = 0;
  // Of a commit until it was durable; nothing without one. The 99th percentile is interpolated
  // between the bounds of a histogram, as Prometheus' histogram_quantile does.
  std::optional<double> commit_mean_ms;
  std::optional<double> commit_p99_ms;
};

struct ServerFigures {
  std::int64_t started_ns = 0;
  IngestFigures ingest;
  std::int64_t queue_bytes = 0;  // received, not yet durable
  std::int64_t queue_bytes_max = 0;
  std::optional<std::int64_t> free_bytes;  // of the disk; nothing where it cannot be told
  std::int64_t free_bytes_min = 0;         // with less, the server is read-only
};

// What is dropped so that the disk lasts.
struct RetentionFigures {
  std::int64_t days = 0;
  std::int64_t bytes = 0;       // 0: no such limit
  std::int64_t free_bytes = 0;  // with less free on the disk, the oldest day goes
};

}  // namespace apitoolkit::server::serve
