#include "src/sdk/queue/exchange_queue.h"

#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::size_t kChunkExchanges = 64;

}  // namespace

bool ExchangeQueue::has_batch() const {
  return waiting_count_ >= limits::kPublishMessagesMax || waiting_bytes_ >= limits::kBatchBytesMax;
}

ExchangeQueue::Offer ExchangeQueue::push(Waiting&& waiting) {
  const std::int64_t bytes = waiting.bytes;
  bool is_news = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_closed_) return Offer::kClosed;
    const std::int64_t kept_free = waiting.is_error ? 0 : bytes_max_ / limits::kQueueErrorsShare;
    if (bytes > bytes_max_ - kept_free - bytes_) return Offer::kFull;
    if (chunks_.empty() || chunks_.back().size() == kChunkExchanges) {
      Chunk chunk;
      chunk.reserve(kChunkExchanges);
      chunks_.push_back(std::move(chunk));
    }
    chunks_.back().push_back(std::move(waiting));
    bytes_ += bytes;
    waiting_bytes_ += bytes;
    ++waiting_count_;
    ++pushed_;
    is_news = is_worker_idle_ || (is_worker_lingering_ && has_batch());
    is_worker_idle_ = false;  // the next push need not tell it again
  }
  if (is_news) for_worker_.notify_one();
  return Offer::kTaken;
}

void ExchangeQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    is_woken_ = true;
  }
  for_worker_.notify_one();
}

void ExchangeQueue::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  for_worker_.notify_one();
}

bool ExchangeQueue::wait_until_empty(TimePoint deadline) {
  std::unique_lock lock(mutex_);
  const std::int64_t mark = pushed_;
  if (released_ >= mark) return true;
  ++flushers_;
  is_woken_ = true;
  for_worker_.notify_one();
  const bool is_done = for_flush_.wait_until(lock, deadline, [&] { return released_ >= mark; });
  --flushers_;
  return is_done;
}

ExchangeQueue::Found ExchangeQueue::wait_for_exchange(TimePoint until) {
  std::unique_lock lock(mutex_);
  const auto is_over = [&] { return waiting_count_ > 0 || is_closed_; };
  is_worker_idle_ = true;
  if (until == TimePoint::max()) {
    for_worker_.wait(lock, is_over);  // the other form would add to the time, and pass its end
  } else {
    for_worker_.wait_until(lock, until, is_over);
  }
  is_worker_idle_ = false;
  if (waiting_count_ > 0) return Found::kExchanges;
  return is_closed_ ? Found::kEnd : Found::kNothing;
}

void ExchangeQueue::linger(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  is_worker_lingering_ = true;
  for_worker_.wait_until(lock, std::chrono::steady_clock::now() + time,
                         [&] { return has_batch() || flushers_ > 0 || is_woken_ || is_closed_; });
  is_worker_lingering_ = false;
  is_woken_ = false;
}

bool ExchangeQueue::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  const bool was_woken = for_worker_.wait_until(lock, std::chrono::steady_clock::now() + time,
                                                [&] { return is_woken_; });
  is_woken_ = false;
  return !was_woken;
}

std::vector<ExchangeQueue::Chunk> ExchangeQueue::take_all() {
  const std::lock_guard lock(mutex_);
  waiting_count_ = 0;
  waiting_bytes_ = 0;
  return std::exchange(chunks_, {});
}

void ExchangeQueue::release(std::int64_t count, std::int64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    bytes_ -= bytes;
    released_ += count;
    if (flushers_ == 0) return;
  }
  for_flush_.notify_all();
}

}  // namespace apitoolkit::sdk
