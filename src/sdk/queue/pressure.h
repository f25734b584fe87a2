// How much of what comes there is room for, while more comes than leaves.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

// The part to take is halved each kPressureStepMs that more than half of the queue's bound waits,
// and doubled again each that less than a quarter does: so a server that is slow or away for longer
// leaves room for what still comes, rather than all of the first minute and none of the second.
// Thread-safe; costs two loads while there is no pressure.
class Pressure {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit Pressure(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  // For `bytes` in the queue; 1 without pressure, never 0.
  template <class Now>
  double rate(std::int64_t bytes, Now now) noexcept {
    const int halvings = halvings_.load(std::memory_order_relaxed);
    const bool is_high = bytes > bytes_max_ / 2;
    const bool is_low = bytes < bytes_max_ / 4;
    if (is_high || (is_low && halvings > 0)) {
      step(is_high ? 1 : -1, now());
    } else {
      since_ms_.store(kNever, std::memory_order_relaxed);
    }
    return 1.0 / static_cast<double>(std::int64_t{1} << halvings_.load(std::memory_order_relaxed));
  }

 private:
  static constexpr std::int64_t kNever = -1;

  void step(int direction, TimePoint now) noexcept {
    const std::int64_t now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    std::int64_t since_ms = since_ms_.load(std::memory_order_relaxed);
    if (since_ms != kNever && now_ms - since_ms < limits::kPressureStepMs) return;
    // One thread takes the step; the first look only starts the clock.
    if (!since_ms_.compare_exchange_strong(since_ms, now_ms) || since_ms == kNever) return;
    halvings_ = std::clamp(halvings_ + direction, 0, limits::kPressureHalvingsMax);
  }

  const std::int64_t bytes_max_;
  std::atomic<int> halvings_ = 0;
  std::atomic<std::int64_t> since_ms_ = kNever;  // the steady clock's
};

}  // namespace apitoolkit::sdk
