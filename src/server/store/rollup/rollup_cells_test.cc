#include "src/server/store/rollup/rollup_cells.h"

#include <gtest/gtest.h>

#include <random>

namespace apitoolkit::server::store {
namespace {

RollupCells sample(std::uint64_t seed, int rows) {
  std::mt19937_64 random(seed);
  RollupCells cells;
  for (int i = 0; i < rows; ++i) {
    BlockTraffic::Row row;
    row.duration_ns = static_cast<std::int64_t>(random() % 1'000'000'000);
    row.request_bytes = static_cast<std::int64_t>(random() % 1000);
    row.response_bytes = static_cast<std::int64_t>(random() % 100'000);
    row.status_class = static_cast<std::uint8_t>(random() % kStatusClasses);
    cells.add(static_cast<std::int64_t>(1 + random() % 5), row);
  }
  return cells;
}

TEST(RollupCells, AreReadBackAsTheyWereCounted) {
  RollupCells cells;
  cells.add(7, {2'000'000, 10, 200, 0, 0, 5});
  cells.add(7, {4'000'000, 30, 100, 0, 0, 5});
  cells.add(3, {1'000'000, 0, 1, 0, 0, 2});
  const std::string row = cells.encode();
  const auto read = parse_cells(row);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].endpoint, 3);
  EXPECT_EQ((*read)[1].endpoint, 7);
  TrafficMeasure measure;
  ASSERT_TRUE((*read)[1].add_to(measure, true));
  EXPECT_EQ(measure.requests_by_class[5], 2);
  EXPECT_EQ(measure.request_bytes, 40);
  EXPECT_EQ(measure.response_bytes, 300);
  EXPECT_EQ(measure.duration_ns.percentile(50), 2'000'000);
  EXPECT_EQ(measure.duration_ns.max(), 4'000'000);
}

TEST(RollupCells, AreTheSameHoweverTheyWereMerged) {
  RollupCells all = sample(1, 500);
  all.merge(sample(2, 20));
  RollupCells other = sample(2, 20);
  ASSERT_TRUE(other.merge(sample(1, 500).encode()));
  EXPECT_EQ(all.encode(), other.encode());
}

TEST(RollupCells, RefusesBytesThatAreNone) {
  const std::string good = sample(3, 200).encode();
  RollupCells cells;
  EXPECT_FALSE(parse_cells(""));
  EXPECT_FALSE(parse_cells("\2"));
  EXPECT_FALSE(parse_cells(good + "x"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(cells.merge(good.substr(0, size))) << size;
  }
  // A claim of more cells than there can be is refused before memory is taken for them.
  EXPECT_FALSE(parse_cells(std::string("\1\xff\xff\xff\xff\xff\xff\x7f", 8)));
  std::mt19937_64 random(4);
  for (int i = 0; i < 20'000; ++i) {  // must not crash; some of them are rows of other numbers
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(random());
    const auto read = parse_cells(bad);
    if (!read) continue;
    TrafficMeasure measure;
    for (const StoredCell& cell : *read) {
      if (!cell.add_to(measure, true)) break;
    }
    EXPECT_GE(measure.requests(), measure.duration_ns.count());
  }
}

}  // namespace
}  // namespace apitoolkit::server::store
