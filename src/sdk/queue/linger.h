// How long the worker waits for company before it takes what is there.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

// Longer the more comes: a lone exchange is on its way in kLingerMsMin, a steady stream is gathered
// for up to kLingerMsMax, so that it costs few requests.
class Linger {
 public:
  std::chrono::milliseconds time() const { return std::chrono::milliseconds(ms_); }

  // After each take, with the number of exchanges that were taken.
  void observe(std::size_t taken) {
    ms_ = std::clamp(taken > 1 ? ms_ * 2 : ms_ / 2, limits::kLingerMsMin, limits::kLingerMsMax);
  }

 private:
  std::int64_t ms_ = limits::kLingerMsMin;
};

}  // namespace apitoolkit::sdk
