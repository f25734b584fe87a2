#include "src/server/store/rollup/rollup_cover.h"

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {

std::vector<RollupPiece> cover(std::int64_t since_ns, std::int64_t until_ns, std::int64_t day,
                               const Together& together) {
  constexpr std::int64_t kDayMinutes = kDayNs / kTrafficStepNs;
  // Of this day, or where it begins or ends.
  const auto minute_of = [&](std::int64_t unix_ns) {
    if (day_of(unix_ns) != day) return day_of(unix_ns) < day ? 0 : kDayMinutes;
    return time_of_day_ns(unix_ns) / kTrafficStepNs;
  };
  const std::int64_t end = minute_of(until_ns);
  const auto fits = [&](std::int64_t minute, RollupSpan span) {
    const std::int64_t last = minute + minutes_of(span) - 1;
    return minute % minutes_of(span) == 0 && last < end &&
           together(time_at(day, minute * kTrafficStepNs), time_at(day, last * kTrafficStepNs));
  };
  std::vector<RollupPiece> pieces;
  for (std::int64_t minute = minute_of(since_ns); minute < end;) {
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

std::vector<RollupPiece> cover(const TrafficRange& range, std::int64_t bucket_ns,
                               std::int64_t day) {
  return cover(
      range.since_ns, range.until_ns, day, [&](std::int64_t first_ns, std::int64_t last_ns) {
        return (first_ns - range.since_ns) / bucket_ns == (last_ns - range.since_ns) / bucket_ns;
      });
}

}  // namespace apitoolkit::server::store
