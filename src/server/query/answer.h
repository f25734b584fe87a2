// What a query answers.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/server/query/value.h"

namespace apitoolkit::server::query {

struct Column {
  std::string name;
  // Of every value in it that is not null; kNull if they differ, or there is none.
  ValueType type = ValueType::kNull;
  friend bool operator==(const Column&, const Column&) = default;
};

// What was looked at for it.
struct Scanned {
  std::int64_t exchanges = 0;      // that the conditions were tried on
  std::int64_t counted_ahead = 0;  // of which only what was counted when they were stored was read
  std::int64_t bytes = 0;          // read, by those stores that count them
  std::int64_t blocks_read = 0;
  std::int64_t blocks_skipped = 0;  // that could not hold a match
  void merge(const Scanned& other) {
    exchanges += other.exchanges;
    counted_ahead += other.counted_ahead;
    bytes += other.bytes;
    blocks_read += other.blocks_read;
    blocks_skipped += other.blocks_skipped;
  }
};

struct Answer {
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;  // one value for each column
  bool truncated = false;                // there were more rows than rows_max
  Scanned scanned;
};

// How far a query has come, for whoever waits for it. Thread-safe.
struct Progress {
  // Of the time asked for: looked at, counted ahead, or ruled out a whole block at a time.
  std::atomic<std::int64_t> exchanges{0};
};

// When to give up, and whom to tell. Copied freely; thread-safe.
struct Control {
  std::stop_token stop;  // the client has gone
  std::optional<std::chrono::steady_clock::time_point> deadline;
  Progress* progress = nullptr;  // outlives the query; none where nobody waits

  // So many exchanges need not be looked at any more.
  void pass(std::int64_t exchanges) const {
    if (progress != nullptr) progress->exchanges += exchanges;
  }

  // kDeadlineExceeded or, after a stop, kUnavailable.
  Status check() const;
};

}  // namespace apitoolkit::server::query
