#include "src/server/store/rollup/rollup_cover.h"

#include <algorithm>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {

std::vector<RollupPiece> cover(const TrafficRange& range, std::int64_t bucket_ns,
                               std::int64_t day) {
  constexpr std::int64_t kDayMinutes = kDayNs / kTrafficStepNs;
  // In minutes from the day's beginning. Minutes of 64 bits of nanoseconds are far from overflow.
  const std::int64_t day_minute = day * kDayMinutes;
  const auto minute_of = [&](std::int64_t unix_ns) {
    return day_of(unix_ns) * kDayMinutes + time_of_day_ns(unix_ns) / kTrafficStepNs - day_minute;
  };
  const std::int64_t since = minute_of(range.since_ns);
  const std::int64_t begin = std::max<std::int64_t>(since, 0);
  const std::int64_t end = std::min(minute_of(range.until_ns), kDayMinutes);
  const std::int64_t bucket = bucket_ns / kTrafficStepNs;
  const auto fits = [&](std::int64_t minute, RollupSpan span) {
    const std::int64_t last = minute + minutes_of(span) - 1;
    return minute % minutes_of(span) == 0 && last < end &&
           (minute - since) / bucket == (last - since) / bucket;
  };
  std::vector<RollupPiece> pieces;
  for (std::int64_t minute = begin; minute < end;) {
    RollupSpan span = RollupSpan::kMinute;
    if (fits(minute, RollupSpan::kDay)) {
      span = RollupSpan::kDay;
    } else if (fits(minute, RollupSpan::kHour)) {
      span = RollupSpan::kHour;
    }
    if (pieces.empty() || pieces.back().span != span) pieces.push_back({span, minute, minute});
    minute += minutes_of(span);
    pieces.back().end_minute = minute;
  }
  return pieces;
}

}  // namespace apitoolkit::server::store
