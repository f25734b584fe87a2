// A transport that keeps what it is given, for tests.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/transport.h"

namespace apitoolkit::python {

// Thread-safe. Keeps at most kMessagesMax messages; the oldest go first.
class MemoryTransport final : public Transport {
 public:
  static constexpr std::size_t kMessagesMax = 10'000;

  std::string_view name() const override { return "memory"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;

  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::vector<std::string> messages_;
};

}  // namespace apitoolkit::python
