#include "src/server/store/rollup/rollup_cover.h"

#include <gtest/gtest.h>

#include <random>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {

std::ostream& operator<<(std::ostream& out, const RollupPiece& piece) {
  return out << minutes_of(piece.span) << ":" << piece.begin_minute << "-" << piece.end_minute;
}

namespace {

using Pieces = std::vector<RollupPiece>;

TrafficRange range(std::int64_t since_minute, std::int64_t until_minute) {
  TrafficRange range;
  range.since_ns = since_minute * kTrafficStepNs;
  range.until_ns = until_minute * kTrafficStepNs;
  return range;
}

TEST(RollupCover, TakesTheLargestRowsThatFit) {
  constexpr auto kDay = RollupSpan::kDay;
  constexpr auto kHour = RollupSpan::kHour;
  constexpr auto kMinute = RollupSpan::kMinute;
  struct Case {
    std::int64_t since, until, bucket, day;
    Pieces pieces;
  };
  for (const Case& c : {
           Case{0, 1440, 1440, 0, {{kDay, 0, 1440}}},
           {0, 2880, 2880, 1, {{kDay, 0, 1440}}},
           {0, 1440, 360, 0, {{kHour, 0, 1440}}},
           {0, 1440, 10, 0, {{kMinute, 0, 1440}}},
           {-1440, 0, 1440, -1, {{kDay, 0, 1440}}},
           {58, 181, 123, 0, {{kMinute, 58, 60}, {kHour, 60, 180}, {kMinute, 180, 181}}},
           // A bucket of 90 minutes ends in the middle of an hour.
           {0, 180, 90, 0, {{kHour, 0, 60}, {kMinute, 60, 120}, {kHour, 120, 180}}},
           {30, 90, 60, 0, {{kMinute, 30, 90}}},
           {1430, 1450, 20, 0, {{kMinute, 1430, 1440}}},
           {1430, 1450, 20, 1, {{kMinute, 0, 10}}},
           {10, 20, 10, 5, {}},
           {10, 20, 10, -5, {}},
       }) {
    EXPECT_EQ(cover(range(c.since, c.until), c.bucket * kTrafficStepNs, c.day), c.pieces)
        << c.since << " " << c.until << " " << c.bucket << " " << c.day;
  }
}

TEST(RollupCover, HoldsEveryMinuteOnceAndNoneOfTwoBuckets) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 2000; ++i) {
    const auto bucket = static_cast<std::int64_t>(1 + random() % 300);
    const auto since = static_cast<std::int64_t>(random() % 3000) - 1500;
    const std::int64_t until = since + bucket * static_cast<std::int64_t>(1 + random() % 20);
    for (std::int64_t day = -2; day < 7; ++day) {
      std::int64_t next = std::max<std::int64_t>(since - day * 1440, 0);
      for (const RollupPiece& piece : cover(range(since, until), bucket * kTrafficStepNs, day)) {
        EXPECT_EQ(piece.begin_minute, next);
        for (std::int64_t row = piece.begin_minute; row < piece.end_minute;
             row += minutes_of(piece.span)) {
          const std::int64_t first = row + day * 1440 - since;
          EXPECT_EQ(first / bucket, (first + minutes_of(piece.span) - 1) / bucket);
        }
        next = piece.end_minute;
      }
      const std::int64_t end = std::min<std::int64_t>(until - day * 1440, 1440);
      EXPECT_EQ(next, std::max(end, std::max<std::int64_t>(since - day * 1440, 0)));
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
