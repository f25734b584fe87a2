#include "src/server/store/calendar_day.h"

#include <gtest/gtest.h>

#include <limits>

namespace apitoolkit::server::store {
namespace {

TEST(CalendarDay, SplitsEveryTimeIntoDayAndOffset) {
  const std::int64_t first = std::numeric_limits<std::int64_t>::min();
  const std::int64_t last = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t time :
       {first, first + 1, -kDayNs - 1, -kDayNs, -1L, 0L, 1L, kDayNs - 1, kDayNs, last}) {
    EXPECT_EQ(time_at(day_of(time), time_of_day_ns(time)), time);
    EXPECT_GE(time_of_day_ns(time), 0) << time;
    EXPECT_LT(time_of_day_ns(time), kDayNs) << time;
  }
  EXPECT_EQ(day_of(-1), -1);
  EXPECT_EQ(day_of(0), 0);
}

TEST(CalendarDay, WritesAndReadsDates) {
  EXPECT_EQ(format_day(0), "1970-01-01");
  EXPECT_EQ(format_day(20455), "2026-01-02");
  for (const std::int64_t day : {-106752L, -1L, 0L, 11016L, 20455L, 106751L}) {
    EXPECT_EQ(parse_day(format_day(day)), day);
  }
}

TEST(CalendarDay, RefusesWhatItWouldNotWrite) {
  for (const char* text : {"", "2026-01-2", "2026-02-30", "2026/01/02", "2026-01-02 ", "+026-01-02",
                           "2026-1-002", "2026-13-01", "garbage123"}) {
    EXPECT_EQ(parse_day(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
