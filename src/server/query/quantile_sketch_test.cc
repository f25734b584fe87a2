#include "src/server/query/quantile_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace apitoolkit::server::query {
namespace {

constexpr double kPercentiles[] = {0, 0.1, 1, 25, 50, 75, 90, 95, 99, 99.9, 100};

double exact(std::vector<double> numbers, double percentile) {
  std::sort(numbers.begin(), numbers.end());
  const auto rank =
      std::llround(std::ceil(percentile * static_cast<double>(numbers.size()) / 100 - 1e-9));
  return numbers[static_cast<std::size_t>(std::max<long long>(rank, 1) - 1)];
}

void expect_close(const QuantileSketch& sketch, const std::vector<double>& numbers) {
  for (const double p : kPercentiles) {
    const double expected = exact(numbers, p);
    EXPECT_NEAR(sketch.percentile(p), expected, std::fabs(expected) * 0.01) << p;
  }
}

std::string serialized(const QuantileSketch& sketch) {
  std::string out;
  sketch.serialize(out);
  return out;
}

TEST(QuantileSketch, IsExactForFewNumbers) {
  QuantileSketch sketch;
  std::vector<double> numbers;
  for (int i = 0; i < 64; ++i) {
    numbers.push_back((i * 37 % 64) * 1.25 - 20);
    sketch.add(numbers.back());
    for (const double p : kPercentiles) EXPECT_EQ(sketch.percentile(p), exact(numbers, p));
  }
}

TEST(QuantileSketch, IsWithinOnePercentForMany) {
  std::mt19937_64 random(7);
  const auto draw = [&](int kind) -> double {
    const double unit = static_cast<double>(random() % 1'000'001) / 1e6;
    if (kind == 0) return std::exp(unit * 40 - 10);                      // 5e-5 to 1e13
    if (kind == 1) return (unit - 0.5) * 1000;                           // both signs
    if (kind == 2) return random() % 3 == 0 ? 0 : std::floor(unit * 5);  // few values, zeros
    return std::ldexp(unit + 0.5, static_cast<int>(random() % 2000) - 1000);
  };
  for (int kind = 0; kind < 4; ++kind) {
    QuantileSketch sketch;
    std::vector<double> numbers;
    for (int i = 0; i < 20'000; ++i) {
      numbers.push_back(draw(kind));
      sketch.add(numbers.back());
    }
    SCOPED_TRACE(kind);
    expect_close(sketch, numbers);
  }
}

TEST(QuantileSketch, DependsNeitherOnOrderNorOnMerges) {
  std::mt19937_64 random(11);
  for (const int size : {10, 64, 65, 100, 5000}) {
    std::vector<double> numbers;
    for (int i = 0; i < size; ++i) {
      numbers.push_back(static_cast<double>(random() % 100'000) - 1000);
    }
    QuantileSketch whole;
    for (const double number : numbers) whole.add(number);
    std::shuffle(numbers.begin(), numbers.end(), random);
    QuantileSketch parts[3];
    for (std::size_t i = 0; i < numbers.size(); ++i) parts[random() % 3].add(numbers[i]);
    QuantileSketch merged;
    for (const QuantileSketch& part : parts) merged.merge(part);
    EXPECT_EQ(merged.count(), whole.count());
    for (const double p : kPercentiles)
      EXPECT_EQ(merged.percentile(p), whole.percentile(p)) << size;
  }
}

TEST(QuantileSketch, MergesWithItself) {
  QuantileSketch sketch;
  for (int i = 1; i <= 40; ++i) sketch.add(i);
  sketch.merge(sketch);
  EXPECT_EQ(sketch.count(), 80);
  EXPECT_NEAR(sketch.percentile(50), 20, 0.2);
}

TEST(QuantileSketch, CountsANumberManyTimes) {
  QuantileSketch sketch;
  sketch.add(5, 1'000'000'000'000);
  sketch.add(9);
  EXPECT_EQ(sketch.count(), 1'000'000'000'001);
  EXPECT_NEAR(sketch.percentile(99), 5, 0.05);
  EXPECT_EQ(sketch.percentile(100), 9);
}

TEST(QuantileSketch, TakesExtremes) {
  QuantileSketch sketch;
  for (int i = 0; i < 100; ++i) sketch.add(std::numeric_limits<double>::max());
  sketch.add(std::numeric_limits<double>::infinity());
  sketch.add(-std::numeric_limits<double>::infinity());
  sketch.add(std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(sketch.percentile(0), -std::numeric_limits<double>::infinity());
  EXPECT_NEAR(sketch.percentile(50) / std::numeric_limits<double>::max(), 1, 0.01);
  EXPECT_LT(sketch.memory_bytes(), 64 << 10);
}

TEST(QuantileSketch, ReadsBackWhatItWrote) {
  std::mt19937_64 random(3);
  for (const int size : {0, 1, 64, 65, 10'000}) {
    QuantileSketch sketch;
    for (int i = 0; i < size; ++i) sketch.add(static_cast<double>(random() % 1000) - 200);
    const auto read = QuantileSketch::parse(serialized(sketch));
    ASSERT_TRUE(read) << size;
    EXPECT_EQ(read->count(), sketch.count());
    if (size == 0) continue;
    for (const double p : kPercentiles) EXPECT_EQ(read->percentile(p), sketch.percentile(p));
    EXPECT_EQ(serialized(*read), serialized(sketch));
  }
}

TEST(QuantileSketch, ReadsBackWholeNumbersInAFewBytesEach) {
  std::mt19937_64 random(4);
  QuantileSketch sketch;
  for (int i = 0; i < 60; ++i) sketch.add(static_cast<double>(random() % 1'000'000'000));
  for (const double edge : {0.0, 9'007'199'254'740'992.0}) sketch.add(edge);
  EXPECT_LT(serialized(sketch).size(), 62 * 5U);
  const auto read = QuantileSketch::parse(serialized(sketch));
  ASSERT_TRUE(read);
  for (const double p : kPercentiles) EXPECT_EQ(read->percentile(p), sketch.percentile(p));
  for (const double other : {-1.0, 0.5, -0.0, 1e300}) {
    QuantileSketch one;
    one.add(other);
    const auto same = QuantileSketch::parse(serialized(one));
    ASSERT_TRUE(same);
    EXPECT_EQ(same->percentile(50), other);
  }
}

TEST(QuantileSketch, CountsUpToANumber) {
  QuantileSketch few;
  EXPECT_EQ(few.count_up_to(1), 0);
  for (const int number : {-3, 0, 1, 1, 8}) few.add(number);
  EXPECT_EQ(few.count_up_to(-4), 0);
  EXPECT_EQ(few.count_up_to(-3), 1);
  EXPECT_EQ(few.count_up_to(0), 2);
  EXPECT_EQ(few.count_up_to(7.9), 4);
  EXPECT_EQ(few.count_up_to(8), 5);
  QuantileSketch many;
  for (int number = -1000; number <= 1000; ++number) many.add(number);
  EXPECT_EQ(many.count_up_to(-1001), 0);
  EXPECT_EQ(many.count_up_to(1000), 2001);
  for (const int number : {-500, -20, 0, 20, 500}) {
    EXPECT_NEAR(static_cast<double>(many.count_up_to(number)), number + 1001, 10) << number;
  }
}

TEST(QuantileSketch, IsSmallOnDisk) {
  std::mt19937_64 random(5);
  QuantileSketch sketch;
  for (int i = 0; i < 100'000; ++i) {
    sketch.add(std::exp(static_cast<double>(random() % 1000) / 100) * 1e6);  // 1 ms to 22 s
  }
  EXPECT_LT(serialized(sketch).size(), 4096U);
}

TEST(QuantileSketch, RefusesWhatIsNone) {
  QuantileSketch sketch;
  for (int i = 0; i < 100; ++i) sketch.add(i);
  const std::string good = serialized(sketch);
  EXPECT_FALSE(QuantileSketch::parse("\3" + std::string(65, '\1')));
  EXPECT_FALSE(QuantileSketch::parse("\3\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
  EXPECT_FALSE(QuantileSketch::parse(""));
  EXPECT_FALSE(QuantileSketch::parse("\3"));
  EXPECT_FALSE(QuantileSketch::parse(good + "x"));
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(QuantileSketch::parse(good.substr(0, size))) << size;
  }
  std::mt19937_64 random(9);
  for (int i = 0; i < 20'000; ++i) {  // must not crash; a flipped count may well be one
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1U << (random() % 8));
    const auto read = QuantileSketch::parse(bad);
    if (read) {
      EXPECT_GT(read->count(), 0);
    }
  }
}

}  // namespace
}  // namespace apitoolkit::server::query
