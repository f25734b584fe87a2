#include "src/server/clock_guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/clock.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kDayNs = 24 * kHourNs;
const std::int64_t kNowNs = *base::parse_rfc3339("2026-03-05T14:00:00Z");

TEST(ClockGuard, BelievesAClockThatGoes) {
  ClockGuard guard({});
  for (std::int64_t hours = 0; hours < 100; hours += 7) {
    EXPECT_FALSE(guard.check(kNowNs + hours * kHourNs, hours * kHourNs));
    EXPECT_FALSE(guard.doubt());
  }
  EXPECT_EQ(guard.state(), (ClockGuard::State{kNowNs + 98 * kHourNs, 0}));
}

TEST(ClockGuard, DoubtsAClockThatJumpsAheadUntilItIsSetRight) {
  ClockGuard guard({});
  guard.check(kNowNs, 0);
  EXPECT_TRUE(guard.check(kNowNs + 40 * kDayNs, kHourNs));
  ASSERT_TRUE(guard.doubt());
  EXPECT_THAT(*guard.doubt(), HasSubstr("2026-04-14T14:00:00Z"));
  EXPECT_THAT(*guard.doubt(), HasSubstr("2026-03-05T15:00:00Z"));
  EXPECT_FALSE(guard.check(kNowNs + 40 * kDayNs + kHourNs, 2 * kHourNs));
  EXPECT_TRUE(guard.check(kNowNs + 3 * kHourNs, 3 * kHourNs));
  EXPECT_FALSE(guard.doubt());
}

TEST(ClockGuard, TakesAClockThatStaysForRightAfterADayOfRunning) {
  ClockGuard guard({});
  guard.check(kNowNs, 0);
  guard.check(kNowNs + 40 * kDayNs, 0);
  EXPECT_FALSE(guard.check(kNowNs + 40 * kDayNs + 23 * kHourNs, 23 * kHourNs));
  EXPECT_TRUE(guard.doubt());
  EXPECT_TRUE(guard.check(kNowNs + 40 * kDayNs + 24 * kHourNs, 24 * kHourNs));
  EXPECT_FALSE(guard.doubt());
}

TEST(ClockGuard, CountsTheDayOverRestarts) {
  ClockGuard::State last{kNowNs, 0};
  for (int run = 0; run < 3; run++) {
    ClockGuard guard(last);
    guard.check(kNowNs + (40 + run) * kDayNs, 0);
    ASSERT_TRUE(guard.doubt()) << run;
    guard.check(kNowNs + (40 + run) * kDayNs + 7 * kHourNs, 7 * kHourNs);
    last = guard.state();
  }
  EXPECT_EQ(last, (ClockGuard::State{kNowNs + 21 * kHourNs, 21 * kHourNs}));
  ClockGuard guard(last);
  guard.check(kNowNs + 44 * kDayNs, 0);
  EXPECT_TRUE(guard.doubt());
  guard.check(kNowNs + 44 * kDayNs, 3 * kHourNs);
  EXPECT_FALSE(guard.doubt());
}

TEST(ClockGuard, AcceptsAClockThatIsSetBackAndAnHourAhead) {
  ClockGuard guard({kNowNs, 0});
  EXPECT_FALSE(guard.check(kNowNs - 3650 * kDayNs, 0));
  EXPECT_FALSE(guard.doubt());
  ClockGuard other({kNowNs, 0});
  EXPECT_FALSE(other.check(kNowNs + kHourNs, 0));
  EXPECT_FALSE(other.doubt());
}

TEST(ClockState, IsReadAsItWasWrittenAndNothingWhereItCannotBe) {
  const ClockGuard::State state{kNowNs, 7};
  EXPECT_EQ(parse_clock_state(format_clock_state(state)), state);
  for (const char* text : {"", "words", "12", "12 3", "-5 3\n", "5 -3\n", "5  3\n", "5 3x\n"}) {
    EXPECT_EQ(parse_clock_state(text), ClockGuard::State{}) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::server
