// The query language's suite (tests/queries) over every store.
#include "src/server/query/conformance.h"

#include <gtest/gtest.h>

#include "src/server/store/random_records.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

tl::expected<query::Answer, std::string> ask(Store& store, const query::Query& query,
                                             const std::vector<query::TestExchange>& exchanges) {
  std::vector<Record> records;
  for (const query::TestExchange& exchange : exchanges) {
    Record record;
    record.project = sample_uuid(200);
    record.identity = exchange.identity;
    record.received_ns = exchange.received_ns;
    record.timestamp_corrected = exchange.timestamp_corrected;
    record.exchange = exchange.exchange;
    records.push_back(std::move(record));
  }
  const auto appended = store.append({records});
  if (!appended) return tl::unexpected(appended.error().message);
  QueryScope scope;
  scope.project = sample_uuid(200);
  scope.now_ns = query::kTestNowNs;
  auto answer = store.query(query, scope, {});
  if (!answer) return tl::unexpected(answer.error().message);
  return std::move(*answer);
}

void expect_conformance(const std::function<std::unique_ptr<Store>()>& make) {
  const auto suite = query::read_conformance_suite(APITOOLKIT_SOURCE_DIR "/tests/queries");
  ASSERT_FALSE(suite.empty());
  for (const query::ConformanceCase& one : suite) {
    const std::string outcome = query::outcome_of(
        one, [&](const query::Query& query, const std::vector<query::TestExchange>& exchanges) {
          return ask(*make(), query, exchanges);
        });
    EXPECT_EQ(outcome, one.expected) << one.place << ": " << one.query;
  }
}

TEST(StoreConformance, MemoryAnswersTheSuite) {
  expect_conformance(make_memory_store);
}

TEST(StoreConformance, SqliteAnswersTheSuite) {
  const FaultyDisk disk;  // which does not fail here, and does not wait for syncs either
  for (const std::int64_t uncounted_max : {64 << 10, 0}) {
    const TemporaryDirectory directory;
    int stores = 0;
    expect_conformance([&]() -> std::unique_ptr<Store> {
      auto opened = open_sqlite_store(directory.file(std::to_string(++stores)),
                                      {.uncounted_max = uncounted_max});
      EXPECT_TRUE(opened) << opened.error().message;
      return opened ? std::move(*opened) : nullptr;
    });
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
