// How much one call may carry, and how long it may take, on the uplink that there is.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

// A call that did not get through in its time is made again with half as much, since it would never
// get through as it is; a single message, which cannot be halved, gets twice the time. What was
// learnt holds for the batches that follow, and is forgotten little by little as they get through.
class CallSize {
 public:
  std::int64_t bytes_max() const { return bytes_max_; }

  std::chrono::milliseconds time() const {
    return std::chrono::milliseconds(limits::kHttpTimeoutMs << doublings_);
  }

  void was_too_slow(std::int64_t bytes, bool is_one_message) {
    if (is_one_message) doublings_ = std::min(doublings_ + 1, limits::kSlowCallDoublingsMax);
    bytes_max_ = std::clamp(bytes / 2, limits::kCallBytesMin, bytes_max_);
  }

  void got_through() {
    doublings_ = 0;
    bytes_max_ = std::min(bytes_max_ + bytes_max_ / 16, limits::kBatchBytesMax);
  }

 private:
  std::int64_t bytes_max_ = limits::kBatchBytesMax;
  int doublings_ = 0;
};

}  // namespace apitoolkit::sdk
