// Whether the machine's clock may be believed when data is dropped for its age: to a clock that is
// far ahead everything is old.
//
//   believed ──more than a day ahead of what was expected──▶ in doubt
//   in doubt ──set right, or the server has run for a day with it──▶ believed
//
// A server that was off for longer than a day cannot tell that from a clock that was set ahead: it
// drops what is old a day later then.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::server {

class ClockGuard {
 public:
  // Kept over restarts.
  struct State {
    std::int64_t believed_ns = 0;  // Unix time; 0: nothing is known
    std::int64_t doubted_ns = 0;   // for how long the server has run while it is in doubt
    friend bool operator==(const State&, const State&) = default;
  };

  explicit ClockGuard(State last) : state_(last) {}

  // Looks. Used by one thread at a time. `now_ns` is Unix time, `running_ns` a clock that only goes
  // forward. True where the state of doubt has changed.
  bool check(std::int64_t now_ns, std::int64_t running_ns);

  // Why the clock is in doubt, as a sentence; nullopt while it is not. Thread-safe.
  std::optional<std::string> doubt() const;

  // Used by the thread that checks.
  const State& state() const { return state_; }

 private:
  State state_;
  std::optional<std::int64_t> last_running_ns_;
  mutable std::mutex mutex_;  // guards doubt_
  std::optional<std::string> doubt_;
};

// The state as text, to be kept, and back; of any other text nothing is known.
std::string format_clock_state(const ClockGuard::State& state);
ClockGuard::State parse_clock_state(std::string_view text);

}  // namespace apitoolkit::server
