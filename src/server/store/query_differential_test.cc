// The stores' answers to random queries over random exchanges, against those of the one in memory.
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

#include "src/server/query/parse.h"
#include "src/server/query/random_query.h"
#include "src/server/query/run_query.h"
#include "src/server/query/test_exchanges.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

class QueryRun {
 public:
  explicit QueryRun(std::uint64_t seed)
      : exchanges_(seed), queries_(seed), conditions_(seed), random_(seed) {
    // Some count in rollups what they store, some do not come to it.
    const std::int64_t uncounted_max[] = {0, 100, 64 << 10};
    auto opened =
        open_sqlite_store(directory_.path(), {.uncounted_max = uncounted_max[random_.below(3)]});
    EXPECT_TRUE(opened) << opened.error().message;
    tested_ = std::move(*opened);
  }

  void append() {
    std::vector<Record> records;
    for (std::int64_t i = 1 + random_.below(60); i > 0; --i) {
      const query::TestExchange drawn = exchanges_.next();
      Record record;
      record.project = sample_uuid(random_.one_in(10) ? 201 : 200);
      record.identity = drawn.identity;
      record.received_ns = drawn.received_ns;
      record.timestamp_corrected = drawn.timestamp_corrected;
      record.exchange = drawn.exchange;
      // On both sides of a midnight, so that there are two days.
      if (random_.one_in(3)) record.exchange.start_ns -= 2 * 3'600'000'000'000;
      records.push_back(std::move(record));
    }
    ASSERT_TRUE(oracle_->append({records}));
    ASSERT_TRUE(tested_->append({records}));
  }

  void compare_query() { compare(queries_.pipeline()); }

  // Of the shape that rollups answer.
  void compare_counts() {
    const char* const aggregates[] = {
        "n = count()", "p95(duration)", "n = count(), p50(duration), percentile(duration, 99.9)",
        "median(duration), min(duration)", "range(duration), max(duration)"};
    const char* const groups[] = {"",
                                  " by bin(timestamp, 1m)",
                                  " by bin(timestamp, 1h)",
                                  " by bin(timestamp, 7m)",
                                  " by bin(timestamp, 1d), url_path",
                                  " by bin(timestamp, 30s)",
                                  " by bin_auto(timestamp)",
                                  " by url_path, method, host"};
    const char* const conditions[] = {"",
                                      "method == 'GET' | ",
                                      "request_type == 'incoming' | ",
                                      "where url_path startswith '/' and not method in ['PUT'] | ",
                                      "host != 'nobody' | ",
                                      "status_code >= 500 | "};
    const auto pick = [&](const auto& from) {
      return std::string(from[random_.below(static_cast<std::int64_t>(std::size(from)))]);
    };
    compare(pick(conditions) + "summarize " + pick(aggregates) + pick(groups));
  }
  std::int64_t counted_ahead() const { return counted_ahead_; }

  void compare(const std::string& text) {
    const auto parsed = query::parse(text);
    ASSERT_TRUE(parsed) << text;
    const QueryScope scope = random_scope();
    const auto expected = oracle_->query(*parsed, scope, {});
    const auto got = tested_->query(*parsed, scope, {});
    ASSERT_EQ(got.has_value(), expected.has_value()) << text;
    if (!got) {
      EXPECT_EQ(got.error().code, expected.error().code) << text;
      return;
    }
    EXPECT_EQ(query::difference(*got, *expected), "") << text;
    counted_ahead_ += got->scanned.counted_ahead;
  }

  void compare_scan() {
    const std::string text = conditions_.condition();
    Filter filter = sample_filter();
    const auto parsed = query::parse("where " + text);
    ASSERT_TRUE(parsed) << text;
    filter.where = *parsed;
    filter.now_ns = query::kTestNowNs;
    if (random_.one_in(3)) filter.status_min = 400;
    std::optional<Position> after;
    do {
      const PageLimit limit{.rows = static_cast<int>(1 + random_.below(40))};
      const auto expected = oracle_->scan(filter, after, limit);
      const auto got = tested_->scan(filter, after, limit);
      ASSERT_TRUE(expected && got) << text;
      ASSERT_EQ(got->records.size(), expected->records.size()) << text;
      for (std::size_t i = 0; i < got->records.size(); ++i) {
        ASSERT_EQ(describe(got->records[i]), describe(expected->records[i])) << text;
      }
      ASSERT_EQ(got->next, expected->next) << text;
      after = got->next;
    } while (after);
  }

 private:
  QueryScope random_scope() {
    QueryScope scope;
    scope.project = sample_uuid(random_.one_in(10) ? 201 : 200);
    scope.now_ns = query::kTestNowNs;
    const auto time = [&] { return query::kTestNowNs - random_.below(4 * 3'600'000'000'000); };
    if (random_.one_in(4)) scope.span.since_ns = time();
    if (random_.one_in(4)) scope.span.until_ns = time();
    return scope;
  }

  std::int64_t counted_ahead_ = 0;
  FaultyDisk disk_;  // which does not fail here, and does not wait for syncs either
  query::RandomExchanges exchanges_;
  query::RandomQuery queries_;
  query::RandomQuery conditions_;  // which a pipeline has not left without fields
  RandomRecords random_;
  TemporaryDirectory directory_;
  std::unique_ptr<Store> oracle_ = make_memory_store();
  std::unique_ptr<Store> tested_;
};

TEST(StoreQueries, SqliteAnswersAsMemoryDoes) {
  const std::uint64_t first = query::first_seed();
  std::int64_t counted_ahead = 0;
  for (std::uint64_t seed = first; seed < first + 6; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    QueryRun run(seed);
    for (int i = 0; i < 25 && !::testing::Test::HasFailure(); ++i) {
      run.append();
      for (int k = 0; k < 12 && !::testing::Test::HasFailure(); ++k) run.compare_query();
      for (int k = 0; k < 12 && !::testing::Test::HasFailure(); ++k) run.compare_counts();
      for (int k = 0; k < 3 && !::testing::Test::HasFailure(); ++k) run.compare_scan();
    }
    if (::testing::Test::HasFailure()) return;
    counted_ahead += run.counted_ahead();
  }
  EXPECT_GT(counted_ahead, 0);
}

}  // namespace
}  // namespace apitoolkit::server::store
