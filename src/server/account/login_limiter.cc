#include "src/server/account/login_limiter.h"

#include "src/base/limits.h"

namespace apitoolkit::server::account {
namespace {
constexpr std::int64_t kMinuteNs = 60'000'000'000;
}

bool LoginLimiter::admit(std::string_view subject, std::int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  forget_old(now_ns);
  // Full of subjects that all fail at this moment: an attack from many places. Nobody gets in.
  if (windows_.size() >= limits::kLoginPeersMax) return false;
  Window& window = windows_[std::string(subject)];
  if (window.attempts == 0 || now_ns - window.begins_ns >= kMinuteNs) window = {now_ns, 0};
  if (window.attempts >= limits::kLoginAttemptsPerMinuteMax) return false;
  window.attempts++;
  return true;
}

void LoginLimiter::succeeded(std::string_view subject) {
  const std::lock_guard lock(mutex_);
  windows_.erase(std::string(subject));
}

void LoginLimiter::forget_old(std::int64_t now_ns) {
  if (windows_.size() < limits::kLoginPeersMax) return;
  std::erase_if(windows_, [now_ns](const auto& entry) {
    return now_ns - entry.second.begins_ns >= kMinuteNs;
  });
}

}  // namespace apitoolkit::server::account
