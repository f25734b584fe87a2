// The machine's clock jumps while the server runs, and between its runs: nothing is lost, nothing
// is stored twice, and no exchange lies further ahead than a day.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kDayNs = 24 * kHourNs;

class JumpingClock final : public base::Clock {
 public:
  std::int64_t now_ns() const override { return base::system_clock().now_ns() + ahead_ns; }
  std::atomic<std::int64_t> ahead_ns{0};
};

std::string id_of(int number) {
  return "018f3b5e-7c1a-7abc-8def-00000000000" + std::to_string(number);
}

// Of an application whose clock is right.
std::string numbered(int number) {
  return message("/" + std::to_string(number), R"("msg_id":")" + id_of(number) + "\"");
}

class ClockAtStart : public testing::Test {
 protected:
  ClockAtStart() {
    std::filesystem::copy_file(founded_catalog(), directory_.path() + "/catalog.db");
  }

  void start(int retention_days = 14) {
    server_.reset();
    ServerOptions options;
    options.data_directory = directory_.path();
    options.clock = &clock_;
    options.retention.days = retention_days;
    server_ = std::make_unique<TestServer>(std::move(options));
  }

  std::size_t stored() const {
    return json_count(server_->get("/api/v1/exchanges").body, {"data"});
  }

  // Why nothing is dropped for its age; "null" where it is.
  std::string held() const {
    return json_at(server_->get("/api/v1/stats").body, {"retention_held"});
  }

  const TemporaryDirectory directory_;
  JumpingClock clock_;
  std::unique_ptr<TestServer> server_;
};

constexpr int kRetentionDaysLong = 36'500;

class ClockTest : public ClockAtStart, public testing::WithParamInterface<std::int64_t> {
 protected:
  ClockTest() { start(kRetentionDaysLong); }
};

TEST_P(ClockTest, AJumpLosesNothingAndStoresNothingTwice) {
  const std::string first = numbered(1), second = numbered(2), third = numbered(3);
  ASSERT_EQ(server_->publish({first}).status, 200);
  clock_.ahead_ns = GetParam();
  EXPECT_EQ(server_->publish({first, second}).status, 200);
  EXPECT_EQ(stored(), 2u);
  // Its sender tries again when the clock is right again: by then its time is another.
  clock_.ahead_ns = 0;
  EXPECT_EQ(server_->publish({second, third}).status, 200);
  EXPECT_EQ(stored(), 3u);
  for (const int number : {1, 2, 3}) {
    EXPECT_EQ(server_->get("/api/v1/exchanges/" + id_of(number)).status, 200) << number;
  }
}

TEST_P(ClockTest, AJumpBetweenTwoRunsLosesNothingAndStoresNothingTwice) {
  const std::string first = numbered(1), second = numbered(2);
  ASSERT_EQ(server_->publish({first}).status, 200);
  clock_.ahead_ns = GetParam();
  start(kRetentionDaysLong);
  EXPECT_EQ(server_->publish({first, second}).status, 200);
  EXPECT_EQ(stored(), 2u);
  clock_.ahead_ns = 0;
  start(kRetentionDaysLong);
  EXPECT_EQ(server_->publish({first, second}).status, 200);
  EXPECT_EQ(stored(), 2u);
}

TEST_P(ClockTest, ATimeThatCannotBeIsTheTimeOfReceipt) {
  clock_.ahead_ns = GetParam();
  ASSERT_EQ(server_->publish({numbered(1)}).status, 200);
  const std::string page = server_->get("/api/v1/exchanges").body;
  const auto start = base::parse_rfc3339(json_at(page, {"data", "0", "timestamp"}));
  ASSERT_TRUE(start) << page;
  EXPECT_LE(*start, clock_.now_ns() + kDayNs);
  const bool is_too_far_ahead = GetParam() < -kDayNs;
  EXPECT_EQ(json_at(page, {"data", "0", "timestamp_corrected"}),
            is_too_far_ahead ? "true" : "false");
}

TEST_F(ClockAtStart, AClockFarAheadDropsNothingAndSaysWhy) {
  start();
  ASSERT_EQ(server_->publish({numbered(1)}).status, 200);
  EXPECT_EQ(held(), "null");
  for (const bool remembers : {true, false}) {
    if (!remembers) std::filesystem::remove(directory_.path() + "/clock");
    clock_.ahead_ns = 40 * kDayNs;
    start();
    EXPECT_THAT(held(), HasSubstr("dropped for its age"));
    EXPECT_EQ(stored(), 1u);
    clock_.ahead_ns = 0;
    start();
    EXPECT_EQ(held(), "null");
    EXPECT_EQ(stored(), 1u);
  }
}

TEST_F(ClockAtStart, AClockThatIsRightDropsWhatIsOld) {
  start();
  ASSERT_EQ(
      server_->publish({message("/new"), message("/old", R"("timestamp":"2020-01-01T00:00:00Z")")})
          .status,
      200);
  EXPECT_EQ(stored(), 2u);
  start();
  EXPECT_EQ(held(), "null");
  EXPECT_EQ(stored(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Jumps, ClockTest,
                         testing::Values(-3650 * kDayNs, -2 * kDayNs, -kHourNs, kHourNs,
                                         40 * kDayNs, 3650 * kDayNs));

}  // namespace
}  // namespace apitoolkit::server
