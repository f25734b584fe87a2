#include "src/sdk/deliver/memory.h"

#include "src/base/limits.h"

namespace apitoolkit::sdk {

Delivery MemoryTransport::deliver(std::span<const std::string_view> messages,
                                  std::chrono::steady_clock::time_point, const std::atomic<bool>&) {
  const std::lock_guard lock(mutex_);
  for (const std::string_view message : messages) {
    if (messages_.size() == limits::kMemoryTransportMessagesMax) messages_.pop_front();
    messages_.emplace_back(message);
  }
  return {};
}

std::vector<std::string> MemoryTransport::take() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> taken(std::make_move_iterator(messages_.begin()),
                                 std::make_move_iterator(messages_.end()));
  messages_.clear();
  return taken;
}

}  // namespace apitoolkit::sdk
