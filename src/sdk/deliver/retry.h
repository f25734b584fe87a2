// When to try again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace apitoolkit::sdk {

// Full jitter: a random wait between kBackoffMsMin and a bound that doubles with each failure up to
// kBackoffMsMax, so that the clients of a server that was down do not all come back at once.
class Backoff {
 public:
  // `random` returns numbers in [0, 1).
  explicit Backoff(std::function<double()> random = system_random);

  // Milliseconds to wait after one more failure; at least `retry_after_ms`, the server's wish,
  // where that is not negative (and not above kRetryAfterMsMax).
  std::int64_t next_ms(std::int64_t retry_after_ms = -1);
  // After a success.
  void reset() { failures_ = 0; }

 private:
  static double system_random();

  std::function<double()> random_;
  int failures_ = 0;
};

// Retry-After (RFC 9110, section 10.2.3) in milliseconds from now, not negative; nullopt if it is
// neither of the two forms.
//
//   Retry-After = HTTP-date / delay-seconds
std::optional<std::int64_t> parse_retry_after(std::string_view text, std::int64_t now_ns);

}  // namespace apitoolkit::sdk
