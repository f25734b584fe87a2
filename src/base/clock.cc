#include "src/base/clock.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace apitoolkit::base {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

class SystemClock final : public Clock {
 public:
  std::int64_t now_ns() const override {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

// Reads exactly `digits` digits at `at` and moves it on.
std::optional<int> read_digits(std::string_view text, std::size_t& at, int digits) {
  int value = 0;
  for (int i = 0; i < digits; ++i, ++at) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool take(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) return false;
  ++at;
  return true;
}

// Seconds east of UTC; nullopt if the rest of `text` is not an offset.
std::optional<std::int64_t> read_offset(std::string_view text, std::size_t at) {
  if (at == text.size()) return 0;
  if (text[at] == 'Z' || text[at] == 'z') {
    return at + 1 == text.size() ? std::optional<std::int64_t>(0) : std::nullopt;
  }
  if (text[at] != '+' && text[at] != '-') return std::nullopt;
  const int sign = text[at++] == '-' ? -1 : 1;
  const auto hours = read_digits(text, at, 2);
  if (!hours || *hours > 23) return std::nullopt;
  std::optional<int> minutes = 0;
  if (at < text.size()) {
    take(text, at, ':');
    minutes = read_digits(text, at, 2);
  }
  if (!minutes || *minutes > 59 || at != text.size()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::int64_t read_fraction_ns(std::string_view text, std::size_t& at) {
  std::int64_t ns = 0;
  std::int64_t unit = kNsPerSecond;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    unit /= 10;
    ns += (text[at++] - '0') * unit;
  }
  return ns;
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string format_rfc3339(std::int64_t unix_ns) {
  std::int64_t seconds = unix_ns / kNsPerSecond;
  std::int64_t ns = unix_ns % kNsPerSecond;
  if (ns < 0) {
    ns += kNsPerSecond;
    --seconds;
  }
  std::int64_t day = seconds / kSecondsPerDay;
  std::int64_t in_day = seconds % kSecondsPerDay;
  if (in_day < 0) {
    in_day += kSecondsPerDay;
    --day;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06d+00:00",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(in_day / 3600),
                static_cast<int>(in_day / 60 % 60), static_cast<int>(in_day % 60),
                static_cast<int>(ns / 1000));
  return text.data();
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto year = read_digits(text, at, 4);
  if (!year || !take(text, at, '-')) return std::nullopt;
  const auto month = read_digits(text, at, 2);
  if (!month || !take(text, at, '-')) return std::nullopt;
  const auto day = read_digits(text, at, 2);
  if (!day) return std::nullopt;
  if (!take(text, at, 'T') && !take(text, at, 't') && !take(text, at, ' ')) return std::nullopt;
  const auto hour = read_digits(text, at, 2);
  if (!hour || !take(text, at, ':')) return std::nullopt;
  const auto minute = read_digits(text, at, 2);
  if (!minute || !take(text, at, ':')) return std::nullopt;
  const auto second = read_digits(text, at, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;

  std::int64_t ns = 0;
  if (take(text, at, '.') || take(text, at, ',')) {
    if (at >= text.size() || text[at] < '0' || text[at] > '9') return std::nullopt;
    ns = read_fraction_ns(text, at);
  }
  const auto offset = read_offset(text, at);
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!offset || !date.ok() || *year < 1678 || *year > 2261) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds =
      days * kSecondsPerDay + *hour * 3600 + *minute * 60 + *second - *offset;
  return seconds * kNsPerSecond + ns;
}

}  // namespace apitoolkit::base
