// Which rows of a day's rollups make up a range.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "src/server/store/traffic.h"

namespace apitoolkit::server::store {

enum class RollupSpan : std::uint8_t { kMinute, kHour, kDay };
constexpr std::int64_t minutes_of(RollupSpan span) {
  return span == RollupSpan::kDay ? 24 * 60 : span == RollupSpan::kHour ? 60 : 1;
}

// Rows of one span that follow each other: those that begin in these minutes of the UTC day.
struct RollupPiece {
  RollupSpan span = RollupSpan::kMinute;
  std::int64_t begin_minute = 0;
  std::int64_t end_minute = 0;  // exclusive
  friend bool operator==(const RollupPiece&, const RollupPiece&) = default;
};

// The fewest rows that make up that range of the day (calendar_day.h), oldest first; the range is
// whole minutes and may reach beyond the day. `together` says whether a row may be taken whose
// first and last minute begin at these times; a minute by itself always is.
using Together = std::function<bool(std::int64_t first_ns, std::int64_t last_ns)>;
std::vector<RollupPiece> cover(std::int64_t since_ns, std::int64_t until_ns, std::int64_t day,
                               const Together& together);

// … of the range, where no row reaches into two buckets of `bucket_ns` from its beginning.
std::vector<RollupPiece> cover(const TrafficRange& range, std::int64_t bucket_ns, std::int64_t day);

}  // namespace apitoolkit::server::store
