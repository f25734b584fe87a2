#include "python/ext/memory_transport.h"

#include <utility>

namespace apitoolkit::python {

Delivery MemoryTransport::deliver(std::span<const std::string_view> messages,
                                  std::chrono::steady_clock::time_point /*deadline*/,
                                  const std::atomic<bool>& /*interrupt*/) {
  const std::lock_guard lock(mutex_);
  messages_.insert(messages_.end(), messages.begin(), messages.end());
  if (messages_.size() > kMessagesMax) {
    const auto excess = static_cast<std::ptrdiff_t>(messages_.size() - kMessagesMax);
    messages_.erase(messages_.begin(), messages_.begin() + excess);
  }
  return {};
}

std::vector<std::string> MemoryTransport::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(messages_, {});
}

}  // namespace apitoolkit::python
