// Log lines on their way to whoever embeds the library, which itself never prints.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "apitoolkit/client.h"
#include "src/base/clock.h"

namespace apitoolkit::sdk {

// At most limits::kLogRecordsMax wait: then the oldest goes, and a new debug line is not even
// taken. Lines above debug are limited to kLogRecordsPerMinuteMax; the next line says how many were
// left out. Thread-safe.
class LogRing {
 public:
  // `clock` must outlive this.
  explicit LogRing(const base::Clock& clock) : clock_(clock) {}

  // `message` must not hold captured content, except at kDebug, redacted.
  void add(LogLevel level, std::string message);
  std::vector<LogRecord> take();

 private:
  bool is_over_rate();

  const base::Clock& clock_;
  std::mutex mutex_;
  std::deque<LogRecord> records_;
  std::int64_t minute_ = 0;
  std::int64_t in_minute_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace apitoolkit::sdk
