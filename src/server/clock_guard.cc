#include "src/server/clock_guard.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "src/base/clock.h"

namespace apitoolkit::server {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kJumpNsMax = kDayNs;   // ahead of what was expected
constexpr std::int64_t kDoubtNsMax = kDayNs;  // of running

std::string day_and_time(std::int64_t unix_ns) {
  return base::format_rfc3339(unix_ns).substr(0, 19) + "Z";
}

}  // namespace

bool ClockGuard::check(std::int64_t now_ns, std::int64_t running_ns) {
  const std::int64_t elapsed_ns =
      std::max<std::int64_t>(0, running_ns - last_running_ns_.value_or(running_ns));
  last_running_ns_ = running_ns;
  std::optional<std::string> doubt;
  const std::int64_t expected_ns = state_.believed_ns + elapsed_ns;
  const bool is_ahead =
      state_.believed_ns != 0 && now_ns > expected_ns && now_ns - expected_ns > kJumpNsMax;
  if (is_ahead && state_.doubted_ns + elapsed_ns < kDoubtNsMax) {
    state_ = {expected_ns, state_.doubted_ns + elapsed_ns};
    doubt = "the clock says " + day_and_time(now_ns) + ", more than a day after " +
            day_and_time(expected_ns) +
            ", which it should be: until it is set right, or the server has run with it for a day, "
            "nothing is dropped for its age";
  } else {
    state_ = {now_ns, 0};
  }
  const std::lock_guard lock(mutex_);
  const bool changed = doubt.has_value() != doubt_.has_value();
  doubt_ = std::move(doubt);
  return changed;
}

std::optional<std::string> ClockGuard::doubt() const {
  const std::lock_guard lock(mutex_);
  return doubt_;
}

std::string format_clock_state(const ClockGuard::State& state) {
  return std::to_string(state.believed_ns) + " " + std::to_string(state.doubted_ns) + "\n";
}

ClockGuard::State parse_clock_state(std::string_view text) {
  ClockGuard::State state;
  const char* const end = text.data() + text.size();
  const auto believed = std::from_chars(text.data(), end, state.believed_ns);
  if (believed.ec != std::errc() || believed.ptr == end || *believed.ptr != ' ') return {};
  const auto doubted = std::from_chars(believed.ptr + 1, end, state.doubted_ns);
  const bool is_whole = doubted.ec == std::errc() && doubted.ptr != end && *doubted.ptr == '\n';
  return is_whole && state.believed_ns > 0 && state.doubted_ns >= 0 ? state : ClockGuard::State{};
}

}  // namespace apitoolkit::server
