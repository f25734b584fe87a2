// Counts failed log-ins, so that passwords cannot be tried by the thousand.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace apitoolkit::server::account {

// At most limits::kLoginAttemptsPerMinuteMax attempts a minute for each subject, which is a user's
// name or a peer's address. An attempt counts when it begins, so that parallel ones count too; a
// success gives the subject's attempts back. Thread-safe.
class LoginLimiter {
 public:
  // False: too many already. `now_ns` never goes back (a steady clock's).
  bool admit(std::string_view subject, std::int64_t now_ns);
  void succeeded(std::string_view subject);

 private:
  struct Window {
    std::int64_t begins_ns = 0;
    int attempts = 0;
  };
  void forget_old(std::int64_t now_ns);

  std::mutex mutex_;  // guards windows_
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace apitoolkit::server::account
