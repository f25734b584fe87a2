// The second stage: exchanges wait here for the worker, the only state that the application's
// threads and the worker share.
//
// A producer holds the lock for a few instructions, and never while the worker works: the worker
// swaps out everything at once. The bound is in bytes and covers what was pushed and is not yet
// delivered or dropped, also while the worker holds it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "apitoolkit/captured_exchange.h"
#include "apitoolkit/client.h"

namespace apitoolkit::sdk {

struct Waiting {
  std::unique_ptr<CapturedExchange> exchange;    // null where there is a message
  std::int64_t bytes = 0;                        // its footprint
  std::shared_ptr<const ExtraRules> extra = {};  // shared with the others of the same call site
  bool is_error = false;                         // gets in where others do not any more
  std::string message = {};  // set where the application gave a message in place of an exchange
};

class ExchangeQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // Fixed-size pieces, so that no push ever moves what others pushed.
  using Chunk = std::vector<Waiting>;

  explicit ExchangeQueue(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  // --- Any thread ---
  enum class Offer { kTaken, kFull, kClosed };
  Offer push(Waiting&& waiting);
  Offer push(std::unique_ptr<CapturedExchange> exchange, std::int64_t bytes) {
    return push(Waiting{std::move(exchange), bytes});
  }
  // Pushes are refused from now on; what is there stays. Wakes the worker.
  void close();
  // Ends the worker's present wait, or else its next one.
  void wake();
  // Until all that was pushed before is released; false if `deadline` came first. Meanwhile the
  // worker does not linger.
  bool wait_until_empty(TimePoint deadline);
  std::int64_t bytes() const { return bytes_; }

  // --- The worker ---
  // Until there is something to take, `until` has passed, or the queue is closed and empty.
  enum class Found { kExchanges, kNothing, kEnd };
  Found wait_for_exchange(TimePoint until = TimePoint::max());
  // Until there is a batch to take, someone waits for it, or `time` has passed.
  void linger(std::chrono::milliseconds time);
  // Until `time` has passed (true) or something woke it: wake() or close() (false).
  bool pause(std::chrono::milliseconds time);
  std::vector<Chunk> take_all();
  // Makes room: `count` exchanges that were taken are delivered or dropped.
  void release(std::int64_t count, std::int64_t bytes);

 private:
  bool has_batch() const;

  const std::int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::condition_variable for_worker_;
  std::condition_variable for_flush_;
  std::vector<Chunk> chunks_;
  std::atomic<std::int64_t> bytes_ = 0;  // pushed and not released; written under the lock
  std::int64_t waiting_count_ = 0;       // pushed and not taken
  std::int64_t waiting_bytes_ = 0;
  std::int64_t pushed_ = 0;  // ever
  std::int64_t released_ = 0;
  int flushers_ = 0;
  bool is_worker_idle_ = false;
  bool is_worker_lingering_ = false;
  bool is_woken_ = false;
  bool is_closed_ = false;
};

}  // namespace apitoolkit::sdk
