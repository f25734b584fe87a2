// Which rows of a day's rollups make up a range.
#pragma once

#include <cstdint>
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

// The fewest rows that make up what of the range is in that day (calendar_day.h), oldest first. No
// row reaches into two buckets of `bucket_ns` from the range's beginning.
std::vector<RollupPiece> cover(const TrafficRange& range, std::int64_t bucket_ns, std::int64_t day);

}  // namespace apitoolkit::server::store
