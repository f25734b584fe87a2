// What Client::stats() counts. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "apitoolkit/client.h"

namespace apitoolkit::sdk {

class Counters {
 public:
  void count_captured() { captured_.fetch_add(1, std::memory_order_relaxed); }
  void count_sent(std::int64_t n) { sent_.fetch_add(n, std::memory_order_relaxed); }
  void count_sampled() { sampled_.fetch_add(1, std::memory_order_relaxed); }
  void count_retried() { retried_.fetch_add(1, std::memory_order_relaxed); }

  // True for the first of its reason: that one is worth a line in the log.
  bool count_dropped(std::string_view reason, std::int64_t n = 1) {
    const std::lock_guard lock(mutex_);
    std::int64_t& count = dropped_[std::string(reason)];
    count += n;
    return count == n;
  }

  // `code` as it stands in Exchange::redaction: "request_body:<reason>" counts as <reason>.
  void count_redaction(std::string_view code) {
    const std::lock_guard lock(mutex_);
    ++redaction_[std::string(code.substr(code.find(':') + 1))];
  }

  // All but the queue and the state.
  void read(Stats& stats) const {
    stats.captured = captured_;
    stats.sent = sent_;
    stats.retried = retried_;
    const std::lock_guard lock(mutex_);
    stats.dropped = dropped_;
    if (sampled_ > 0) stats.dropped["sampled"] = sampled_;
    stats.redaction = redaction_;
  }

 private:
  std::atomic<std::int64_t> captured_ = 0;
  std::atomic<std::int64_t> sent_ = 0;
  std::atomic<std::int64_t> sampled_ = 0;  // asked for, hence apart from what is lost
  std::atomic<std::int64_t> retried_ = 0;
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> dropped_;
  std::map<std::string, std::int64_t> redaction_;
};

}  // namespace apitoolkit::sdk
