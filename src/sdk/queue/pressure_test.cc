#include "src/sdk/queue/pressure.h"

#include <gtest/gtest.h>

namespace apitoolkit::sdk {
namespace {

using std::chrono::milliseconds;

class PressureTest : public testing::Test {
 protected:
  double rate(std::int64_t bytes) {
    return pressure_.rate(bytes, [this] { return now_; });
  }
  double rate_a_step_later(std::int64_t bytes) {
    now_ += milliseconds(limits::kPressureStepMs);
    return rate(bytes);
  }

  Pressure pressure_{1000};
  Pressure::TimePoint now_{std::chrono::hours(1)};
};

TEST_F(PressureTest, DoesNothingBelowHalf) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(rate_a_step_later(500), 1.0);
}

TEST_F(PressureTest, ABurstIsNotPressure) {
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rate(900), 1.0);
  EXPECT_EQ(rate_a_step_later(400), 1.0);
  EXPECT_EQ(rate_a_step_later(900), 1.0) << "the clock starts anew";
}

TEST_F(PressureTest, HalvesOnceAStepAndComesBack) {
  EXPECT_EQ(rate(900), 1.0);
  EXPECT_EQ(rate_a_step_later(900), 0.5);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(rate(900), 0.5);
  EXPECT_EQ(rate_a_step_later(900), 0.25);
  EXPECT_EQ(rate_a_step_later(400), 0.25) << "between the two marks it stays";
  EXPECT_EQ(rate_a_step_later(100), 0.25) << "the clock starts anew";
  EXPECT_EQ(rate_a_step_later(100), 0.5);
  EXPECT_EQ(rate_a_step_later(100), 1.0);
  EXPECT_EQ(rate_a_step_later(100), 1.0);
}

TEST_F(PressureTest, NeverGetsToNothing) {
  for (int i = 0; i < 100; ++i) EXPECT_GT(rate_a_step_later(1000), 0.0);
  EXPECT_EQ(rate(1000), 1.0 / (1 << limits::kPressureHalvingsMax));
}

}  // namespace
}  // namespace apitoolkit::sdk
