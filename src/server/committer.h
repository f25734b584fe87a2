// Group commit: one thread writes, and many requests share one transaction.
//
// While one transaction is being synced, the next one's requests gather; nothing waits on purpose.
// A request's callback runs on the committer's thread after its transaction is durable, or has
// failed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "apitoolkit/result.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

class Committer {
 public:
  // What one request brings.
  struct Work {
    std::vector<store::Record> records;
    std::vector<store::DeadLetter> dead_letters;
    std::function<void(const Status&)> done;
    std::vector<store::LogEntry> logs{};
  };
  // Told about every transaction: what became of it and how long it took.
  using Observer = std::function<void(const Result<store::Appended>&, std::size_t records,
                                      std::size_t dead_letters, double seconds)>;

  // Told about every transaction that is durable, before its requests are: whoever was acknowledged
  // and listens then is not told of what was before. `duplicates` of the records were not stored.
  using Committed =
      std::function<void(std::vector<store::Record> records, std::int64_t duplicates)>;

  // `store` must outlive the Committer, which is the only one to append to it.
  Committer(store::Store& store, Observer observer, Committed committed = {});
  // Stops.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Thread-safe, does not block. Fails the work at once after stop().
  void commit(Work work);

  // Commits what was handed over, then ends the thread. Idempotent.
  void stop();

 private:
  void run();
  // The first requests in the queue, as many as fit one transaction.
  std::vector<Work> take_group();
  void append(std::vector<Work> group);
  // Makes each time of receipt later than the one before it, so that they tell the order of commits
  // (a clock set back by more than limits::kReceiptsOutOfOrderS begins a new order).
  void order_receipts(std::vector<store::Record>& records);

  store::Store& store_;
  const Observer observer_;
  const Committed committed_;
  std::int64_t last_received_ns_ = 0;  // the committer's thread alone
  std::mutex mutex_;                   // guards queue_ and stopping_
  std::condition_variable wake_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace apitoolkit::server
