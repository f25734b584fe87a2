// Exchanges that were delivered, and whose memory is used again.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "apitoolkit/captured_exchange.h"

namespace apitoolkit::sdk {

// Thread-safe. No request waits for it: who finds it locked does without.
class SpareExchanges {
 public:
  SpareExchanges() { spares_.reserve(kBytesMax / sizeof(CapturedExchange)); }

  // Clear; a new one where there is none to spare. May throw std::bad_alloc.
  std::unique_ptr<CapturedExchange> take() {
    std::unique_ptr<CapturedExchange> spare;
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock && !spares_.empty()) {
      spare = std::move(spares_.back());
      spares_.pop_back();
      bytes_ -= spare->capacity();
    }
    if (spare == nullptr) spare = std::make_unique<CapturedExchange>();
    return spare;
  }

  // Keeps it unless there are kBytesMax already. A null one is ignored.
  void give_back(std::unique_ptr<CapturedExchange> exchange) noexcept {
    if (exchange == nullptr) return;
    exchange->clear();
    const std::size_t bytes = exchange->capacity();
    const std::lock_guard lock(mutex_);
    if (bytes_ + bytes > kBytesMax) return;  // it is freed behind the lock
    spares_.push_back(std::move(exchange));  // there is room: it allocates nothing
    bytes_ += bytes;
  }

 private:
  static constexpr std::size_t kBytesMax = 1 << 20;  // 256 exchanges with bodies of 1 KB

  std::mutex mutex_;
  std::vector<std::unique_ptr<CapturedExchange>> spares_;
  std::size_t bytes_ = 0;  // of all of them
};

}  // namespace apitoolkit::sdk
