#include "src/base/worker_pool.h"

#include <exception>
#include <utility>

namespace apitoolkit::base {

WorkerPool::WorkerPool(int threads, std::size_t queue_max, OnException on_exception)
    : queue_max_(queue_max), on_exception_(std::move(on_exception)) {
  for (int i = 0; i < threads; i++) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

bool WorkerPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void WorkerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::run() {
  while (true) {
    std::function<void()> work;  // what it holds is gone before the next is waited for
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    perform(work);
  }
}

void WorkerPool::perform(const std::function<void()>& work) const {
  try {
    work();
  } catch (const std::exception& thrown) {
    if (on_exception_) on_exception_(thrown.what());
  } catch (...) {
    if (on_exception_) on_exception_("not a std::exception");
  }
}

}  // namespace apitoolkit::base
