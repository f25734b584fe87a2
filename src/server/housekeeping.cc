#include "src/server/housekeeping.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace apitoolkit::server {

Housekeeping::Housekeeping(std::vector<Chore> chores)
    : chores_(std::move(chores)), thread_([this] { run(); }) {}

Housekeeping::~Housekeeping() {
  stop();
}

void Housekeeping::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::run() {
  using Clock = std::chrono::steady_clock;
  std::vector<Clock::time_point> due;
  for (const Chore& chore : chores_) due.push_back(Clock::now() + chore.every);
  std::unique_lock lock(mutex_);
  while (!stopping_ && !chores_.empty()) {
    lock.unlock();
    for (std::size_t i = 0; i < chores_.size(); i++) {
      if (Clock::now() < due[i]) continue;
      chores_[i].work();
      due[i] = Clock::now() + chores_[i].every;
    }
    const auto next = *std::min_element(due.begin(), due.end());
    lock.lock();
    wake_.wait_until(lock, next, [this] { return stopping_; });
  }
}

}  // namespace apitoolkit::server
