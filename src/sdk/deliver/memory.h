// Keeps messages in memory, for tests of applications.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "apitoolkit/transport.h"

namespace apitoolkit::sdk {

// Thread-safe. Keeps the newest limits::kMemoryTransportMessagesMax messages.
class MemoryTransport final : public Transport {
 public:
  std::string_view name() const override { return "memory"; }
  Delivery deliver(std::span<const std::string_view> messages,
                   std::chrono::steady_clock::time_point deadline,
                   const std::atomic<bool>& interrupt) override;

  // The messages since the last call, oldest first.
  std::vector<std::string> take();

 private:
  std::mutex mutex_;
  std::deque<std::string> messages_;
};

}  // namespace apitoolkit::sdk
