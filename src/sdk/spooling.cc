// What the flow does with its spool, where it has one: messages that cannot be delivered now go to
// the disk, and come back when they can. The worker's, but for end_slow_call().
#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "src/base/limits.h"
#include "src/sdk/flow.h"

namespace apitoolkit::sdk {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Never before the first exchange: a process that forks its workers first leaves no files behind.
void Flow::open_spool() {
  if (config_.spool_dir.empty()) return;
  auto spool = Spool::open({config_.spool_dir, config_.spool_bytes_max});
  if (!spool) {
    set_last_error(spool.error().message);
    log_.add(LogLevel::kError, "there is no spool: " + spool.error().message);
    return;
  }
  spool_ = std::move(*spool);
  open_spool_ = spool_.get();
}

// When to look at what the disk has, if nothing else happens before.
ExchangeQueue::TimePoint Flow::spool_due() const {
  return spool_ == nullptr ? ExchangeQueue::TimePoint::max() : std::max(away_until_, scan_at_);
}

// True if all of the batch is on the disk. What does not get there stays undecided.
bool Flow::put_away(Batch& batch) noexcept {
  if (spool_ == nullptr) return false;
  try {
    encode(batch);
    batch.plan();
    while (!batch.is_decided()) {
      if (const Status status = spool_->append(batch.messages(batch.next())); !status) {
        set_last_error(status.error().message);
        log_.add(LogLevel::kError, "the spool takes no more: " + status.error().message);
        return false;
      }
      const Batch::Decided decided = batch.decide_next();
      queue_.release(decided.count, decided.bytes);
    }
    scan_at_ = {};
    return true;
  } catch (const std::exception&) {
    return false;  // no memory
  }
}

// One batch, so that what comes new never waits long.
void Flow::deliver_spooled() {
  const auto now = SteadyClock::now();
  if (spool_ == nullptr || is_closing_ || now < spool_due()) return;
  auto stored = spool_->oldest();
  if (!stored) log_.add(LogLevel::kError, "the spool cannot be read: " + stored.error().message);
  if (!stored || !*stored) {
    scan_at_ = now + milliseconds(limits::kSpoolScanMs);
    return;
  }
  Batch batch = Batch::of_spooled(std::move((*stored)->messages));
  const Delivery result = attempt(batch);
  if (batch.is_decided()) {
    note_success();
    if (const Status status = spool_->remove(**stored); !status) {
      log_.add(LogLevel::kError, "the spool keeps what was sent: " + status.error().message);
    }
    return;
  }
  // It stays where it is. What was delivered of it is sent again, and known by its msg_id.
  note_trouble(result);
  counters_.count_retried();
  away_until_ = now + milliseconds(backoff_.next_ms(result.retry_after_ms));
}

// While the queue fills, a server that takes its time is as good as away: the disk is at hand.
void Flow::end_slow_call() noexcept {
  if (config_.spool_dir.empty() || queue_.bytes() < config_.queue_bytes_max / 2) return;
  const std::int64_t began_ns = call_began_ns_;
  if (began_ns == 0 || open_spool_ == nullptr) return;
  const std::int64_t now_ns = SteadyClock::now().time_since_epoch().count();
  if (now_ns - began_ns > limits::kSpoolPatienceMs * 1'000'000) end_call_ = true;
}

}  // namespace apitoolkit::sdk
