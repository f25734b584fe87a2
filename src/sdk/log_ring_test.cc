#include "src/sdk/log_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/json/utf8.h"
#include "src/sdk/deliver/fake_world.h"

namespace apitoolkit::sdk {
namespace {

using testing::HasSubstr;

TEST(LogRing, GivesLinesOnceAndInOrder) {
  FakeClock clock;
  LogRing log(clock);
  log.add(LogLevel::kError, "one");
  log.add(LogLevel::kDebug, "two");
  const auto records = log.take();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].message, "one");
  EXPECT_EQ(records[0].level, LogLevel::kError);
  EXPECT_EQ(records[1].message, "two");
  EXPECT_TRUE(log.take().empty());
}

TEST(LogRing, LimitsItsRateAndSaysSo) {
  FakeClock clock;
  LogRing log(clock);
  for (int i = 0; i < 1000; ++i) log.add(LogLevel::kWarning, "w");
  EXPECT_EQ(log.take().size(), static_cast<std::size_t>(limits::kLogRecordsPerMinuteMax));
  clock.advance_s(60);
  log.add(LogLevel::kWarning, "again");
  const auto records = log.take();
  ASSERT_EQ(records.size(), 1U);
  EXPECT_THAT(records[0].message, HasSubstr("again (970 lines were left out before)"));
}

TEST(LogRing, IsBoundedAndPrefersWhatMatters) {
  FakeClock clock;
  LogRing log(clock);
  for (int i = 0; i < 1000; ++i) log.add(LogLevel::kDebug, "d");
  log.add(LogLevel::kError, "error");
  const auto records = log.take();
  EXPECT_EQ(records.size(), static_cast<std::size_t>(limits::kLogRecordsMax));
  EXPECT_EQ(records.back().message, "error");
  log.add(LogLevel::kDebug, std::string(1 << 20, 'x'));
  EXPECT_LT(log.take()[0].message.size(), 17U << 10);
}

TEST(LogRing, CutsALongLineBetweenCharacters) {
  FakeClock clock;
  LogRing log(clock);
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string line(shift, 'x');
    while (line.size() < 17U << 10) line += "🙂";
    log.add(LogLevel::kError, line);
    const std::string taken = log.take()[0].message;
    EXPECT_TRUE(json::is_valid_utf8(taken)) << shift;
    EXPECT_GT(taken.size(), static_cast<std::size_t>(limits::kLogRecordBytesMax) - 4);
  }
}

}  // namespace
}  // namespace apitoolkit::sdk
