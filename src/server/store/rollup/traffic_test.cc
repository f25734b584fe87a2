// The traffic that the stores count against the exchanges that they hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

using ::testing::HasSubstr;

std::string describe(const TrafficMeasure& measure) {
  std::string out;
  for (const std::int64_t requests : measure.requests_by_class) {
    out += std::to_string(requests) + " ";
  }
  out += "| " + std::to_string(measure.request_bytes) + " " +
         std::to_string(measure.response_bytes) + " |";
  if (measure.duration_ns.count() == 0) return out;
  for (const int percentile : {0, 10, 50, 75, 95, 99, 100}) {
    out += " " + std::to_string(measure.duration_ns.percentile(percentile));
  }
  return out;
}

std::string describe(const Traffic& traffic) {
  std::string out = "unreadable " + std::to_string(traffic.unreadable) + "\n";
  for (const TrafficMeasure& bucket : traffic.buckets) out += describe(bucket) + "\n";
  for (const EndpointTraffic& each : traffic.endpoints) {
    out += each.method + " " + each.host + each.path + ": " + describe(each.measure) + "\n";
  }
  return out;
}

std::string ask(const Store& store, const TrafficRange& range) {
  const auto traffic = store.traffic(range);
  EXPECT_TRUE(traffic) << traffic.error().message;
  return traffic ? describe(*traffic) : "";
}

TrafficRange sample_range(std::int64_t bucket_ns = kDayNs) {
  TrafficRange range;
  range.project = sample_uuid(200);
  range.since_ns = kSampleTimeNs - 2 * kDayNs;
  range.until_ns = kSampleTimeNs + 3 * kDayNs;
  range.bucket_ns = bucket_ns;
  return range;
}

std::int64_t floor_to(std::int64_t unix_ns, std::int64_t step_ns) {
  return unix_ns - unix_ns % step_ns;  // after 1970
}

TrafficRange random_range(RandomRecords& random) {
  TrafficRange range;
  range.project = random.project();
  range.direction = random.one_in(3) ? Direction::kOutgoing : Direction::kIncoming;
  const std::int64_t minutes[] = {1, 5, 7, 60, 90, 360, 1440};
  range.bucket_ns = minutes[random.below(7)] * kTrafficStepNs;
  // Not always where hours and days begin.
  range.since_ns = floor_to(random.time_ns(), random.one_in(2) ? kTrafficStepNs : kDayNs) -
                   random.below(3) * kDayNs;
  range.until_ns = range.since_ns + (1 + random.below(100)) * range.bucket_ns;
  if (random.one_in(4)) range.method = random.record().exchange.method;
  if (random.one_in(4)) range.path = random.record().exchange.url_path;
  if (random.one_in(8)) range.host = random.one_in(2) ? "localhost:5000" : "nobody";
  range.endpoint_durations = !random.one_in(4);
  return range;
}

// APITOOLKIT_TEST_SEED repeats a failed run.
std::uint64_t first_seed() {
  const char* const given = std::getenv("APITOOLKIT_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

TEST(Traffic, OfRollupsIsThatOfTheExchanges) {
  const FaultyDisk disk;  // which does not fail here, and does not wait for syncs either
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 6; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    RandomRecords random(seed);
    const TemporaryDirectory directory;
    const auto oracle = make_memory_store();
    std::unique_ptr<Store> tested;
    for (int step = 0; step < 40; ++step) {
      if (tested == nullptr || random.one_in(8)) {
        tested.reset();
        const std::int64_t uncounted[] = {0, 30, 200, 64 << 10};
        auto opened =
            open_sqlite_store(directory.path(), {.uncounted_max = uncounted[random.below(4)]});
        ASSERT_TRUE(opened) << opened.error().message;
        tested = std::move(*opened);
      }
      std::vector<Record> records;
      for (std::int64_t i = random.below(80); i > 0; --i) records.push_back(random.record());
      ASSERT_TRUE(oracle->append({records}));
      ASSERT_TRUE(tested->append({records}));
      const std::int64_t prune_ns = random.time_ns() - 2 * kDayNs;
      if (random.one_in(20)) {
        ASSERT_TRUE(oracle->prune(prune_ns));
        ASSERT_TRUE(tested->prune(prune_ns));
      }
      for (int i = 0; i < 4; ++i) {
        const TrafficRange range = random_range(random);
        ASSERT_EQ(ask(*tested, range), ask(*oracle, range));
      }
      EXPECT_THAT(tested->take_notices(), testing::IsEmpty());
    }
  }
}

// Runs SQL on every day's file.
void change_days(const std::string& directory, const char* sql) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("exchanges-") || !name.ends_with(".db")) continue;
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(entry.path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
}

class DamagedTraffic : public testing::Test {
 protected:
  DamagedTraffic() {
    RandomRecords random(5);
    std::vector<Record> records;
    for (int i = 0; i < 300; ++i) records.push_back(random.record());
    EXPECT_TRUE(oracle_->append({records}));
    reopen(0);
    EXPECT_TRUE(tested_->append({records}));
    for (const std::int64_t minutes : {60, 1440}) {
      ranges_.push_back(sample_range(minutes * kTrafficStepNs));
    }
  }

  void reopen(std::int64_t uncounted_max) {
    tested_.reset();
    auto opened = open_sqlite_store(directory_.path(), {.uncounted_max = uncounted_max});
    ASSERT_TRUE(opened) << opened.error().message;
    tested_ = std::move(*opened);
  }
  void change(const char* sql) {
    tested_.reset();
    change_days(directory_.path(), sql);
    reopen(1 << 20);
  }
  void expect_right() {
    for (const TrafficRange& range : ranges_) EXPECT_EQ(ask(*tested_, range), ask(*oracle_, range));
  }

  FaultyDisk disk_;
  TemporaryDirectory directory_;
  std::unique_ptr<Store> oracle_ = make_memory_store();
  std::unique_ptr<Store> tested_;
  std::vector<TrafficRange> ranges_;
};

TEST_F(DamagedTraffic, OfAFileFromBeforeRollupsIsCountedFromItsColumns) {
  change(
      "DROP TABLE rollups; DROP TABLE rollup_projects; DROP TABLE rollup_endpoints;"
      "DROP TABLE rolled_up");
  expect_right();
  reopen(10);  // which counts it
  expect_right();
  // And now it is the rollups that are asked.
  tested_.reset();
  change_days(directory_.path(), "DELETE FROM rollups");
  reopen(1 << 20);
  EXPECT_NE(ask(*tested_, ranges_[0]), ask(*oracle_, ranges_[0]));
}

TEST_F(DamagedTraffic, IsCountedFromColumnsThenAnewAndSaid) {
  change("UPDATE rollups SET frame = zeroblob(length(frame))");
  const auto traffic = tested_->traffic(ranges_[0]);
  ASSERT_TRUE(traffic);
  EXPECT_TRUE(traffic->from_exchanges);
  expect_right();
  Record record = sample_record(kSampleTimeNs, 77);
  record.identity[3] = 99;
  ASSERT_TRUE(tested_->append({{&record, 1}}));
  ASSERT_TRUE(oracle_->append({{&record, 1}}));
  const auto notices = tested_->take_notices();
  ASSERT_FALSE(notices.empty());
  EXPECT_THAT(notices[0], HasSubstr("counted anew"));
  const auto again = tested_->traffic(ranges_[0]);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->from_exchanges);
  expect_right();
}

TEST_F(DamagedTraffic, IsCountedAnewWhereARowThatIsAddedToIsDamaged) {
  change("UPDATE rollups SET frame = zeroblob(3)");
  reopen(0);
  const Record record = sample_record(kSampleTimeNs + 5, 78);
  ASSERT_TRUE(tested_->append({{&record, 1}}));
  ASSERT_TRUE(oracle_->append({{&record, 1}}));
  expect_right();
  EXPECT_FALSE(tested_->take_notices().empty());
}

TEST_F(DamagedTraffic, SaysHowManyExchangesCouldNotBeCounted) {
  const std::int64_t stored = tested_->stats()->exchanges;
  // Every column, and nothing is counted yet.
  change(
      "DELETE FROM rolled_up; DELETE FROM rollups;"
      "UPDATE parts SET frame = zeroblob(20) WHERE (key & 65535) BETWEEN 2 AND 63");
  std::int64_t unreadable = 0;
  for (const std::uint8_t project : {200, 201}) {
    TrafficRange range;  // with those that RandomRecords draws from before 1970
    range.bucket_ns = 100 * kDayNs;
    range.since_ns = -range.bucket_ns;
    range.until_ns = 300 * range.bucket_ns;
    range.project = sample_uuid(project);
    unreadable += tested_->traffic(range)->unreadable;
  }
  EXPECT_EQ(unreadable, stored);
  const std::string before = ask(*tested_, ranges_[1]);
  reopen(0);
  EXPECT_EQ(ask(*tested_, ranges_[1]), before);
}

}  // namespace
}  // namespace apitoolkit::server::store
