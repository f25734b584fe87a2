// A few threads that take work from a bounded queue, in its order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace apitoolkit::base {

// Thread-safe. Work that throws, as where memory runs out, is dropped with all that it holds, and
// the thread goes on.
class WorkerPool {
 public:
  // Told on the worker's thread what was thrown.
  using OnException = std::function<void(const char* what)>;

  WorkerPool(int threads, std::size_t queue_max, OnException on_exception = {});
  // Stops.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False, without taking `work`, where the queue is full or the pool has stopped.
  bool submit(std::function<void()> work);

  // Does what is queued already, then ends the threads. Idempotent; not from a worker.
  void stop();

 private:
  void run();
  void perform(const std::function<void()>& work) const;

  const std::size_t queue_max_;
  const OnException on_exception_;
  std::mutex mutex_;  // guards queue_ and stopping_
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace apitoolkit::base
