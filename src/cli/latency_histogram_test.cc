#include "src/cli/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace apitoolkit::cli {
namespace {

TEST(LatencyHistogram, IsEmptyAtFirst) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0);
  EXPECT_EQ(histogram.percentile_us(0.5), 0);
  EXPECT_TRUE(histogram.rows().empty());
}

TEST(LatencyHistogram, AgreesWithTheSortedValuesWithinItsPrecision) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(8, 2);
  LatencyHistogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double part : {0.0001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(part * 20'000)) - 1;
    const auto exact = static_cast<double>(values[rank]);
    const auto told = static_cast<double>(histogram.percentile_us(part));
    EXPECT_GE(told, exact) << part;
    EXPECT_LE(told, exact * (1 + 1.0 / 32) + 1) << part;
  }
  EXPECT_EQ(histogram.max_us(), values.back());
}

TEST(LatencyHistogram, CountsAWholeBatch) {
  LatencyHistogram histogram;
  histogram.add(10, 99);
  histogram.add(5000, 1);
  EXPECT_EQ(histogram.count(), 100);
  EXPECT_EQ(histogram.percentile_us(0.99), 10);
  EXPECT_EQ(histogram.percentile_us(0.991), 5000);
}

TEST(LatencyHistogram, RowsArePowersOfTwoWithoutGaps) {
  LatencyHistogram histogram;
  for (const std::int64_t us : {3, 4, 5, 8, 1024, 1025}) histogram.add(us);
  const auto rows = histogram.rows();
  ASSERT_EQ(rows.size(), 10u);  // 4, 8, … 2048
  EXPECT_EQ(rows[0].upto_us, 4);
  EXPECT_EQ(rows[0].count, 2);
  EXPECT_EQ(rows[1].upto_us, 8);
  EXPECT_EQ(rows[1].count, 2);
  EXPECT_EQ(rows[2].count, 0);
  EXPECT_EQ(rows.back().upto_us, 2048);
  std::int64_t sum = 0;
  for (const auto& row : rows) sum += row.count;
  EXPECT_EQ(sum, 6);
}

TEST(LatencyHistogram, TakesWhatIsOutOfRange) {
  LatencyHistogram histogram;
  histogram.add(-5);
  histogram.add(std::int64_t{1} << 62);
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.percentile_us(0.1), 0);
  EXPECT_EQ(histogram.max_us(), std::int64_t{1} << 62);
}

}  // namespace
}  // namespace apitoolkit::cli
