#include "src/sdk/worker_thread.h"

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace apitoolkit::sdk {
namespace {

// Linux knows a nice value a thread (setpriority(2), "C library/kernel differences"). At ten steps
// a busy core gives it about a tenth of what it gives the thread that serves a request.
void be_nice() {
  constexpr int kSteps = 10;
  const auto thread = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kSteps);
}

}  // namespace

void* WorkerThread::enter(void* self) {
  auto& worker = *static_cast<WorkerThread*>(self);
  be_nice();  // where that is forbidden, it works as before
  worker.task_->run();
  // Told under the lock: the waiter may free this object as soon as it has the lock and joined.
  const std::lock_guard lock(worker.mutex_);
  worker.is_running_ = false;
  worker.ended_.notify_all();
  return nullptr;
}

bool WorkerThread::start(Task& task) {
  const std::lock_guard lock(mutex_);
  task_ = &task;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // a new thread inherits the mask
  is_running_ = pthread_create(&thread_, nullptr, enter, this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  is_joinable_ = is_running_;
  if (is_running_) pthread_setname_np(thread_, "apitoolkit");
  return is_running_;
}

bool WorkerThread::join_until(std::chrono::steady_clock::time_point deadline) {
  {
    std::unique_lock lock(mutex_);
    if (!ended_.wait_until(lock, deadline, [&] { return !is_running_; })) return false;
    if (!std::exchange(is_joinable_, false)) return true;
  }
  pthread_join(thread_, nullptr);  // it has nothing left to do
  return true;
}

void WorkerThread::let_go() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(is_joinable_, false)) pthread_detach(thread_);
}

}  // namespace apitoolkit::sdk
