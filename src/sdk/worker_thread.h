// The one thread of a client. It gives way to the application's: where all cores are busy, requests
// go before their delivery.
#pragma once

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace apitoolkit::sdk {

// Starts at most once. It must have ended before this is destroyed; one that is let go never is.
class WorkerThread {
 public:
  // What the thread runs; must not throw.
  class Task {
   public:
    virtual void run() noexcept = 0;

   protected:
    ~Task() = default;
  };

  // False if the system has no thread to give. The thread takes no signals: they are the
  // application's. `task` must outlive the thread.
  bool start(Task& task);
  // Until the thread has ended (true; also if it never started), or `deadline`.
  bool join_until(std::chrono::steady_clock::time_point deadline);
  // Nobody will wait for the thread any more: when it ends after all, the system may free it.
  void let_go();

 private:
  static void* enter(void* self);

  Task* task_ = nullptr;
  pthread_t thread_{};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_running_ = false;
  bool is_joinable_ = false;
};

}  // namespace apitoolkit::sdk
