#include "src/server/query/aggregate_state.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace apitoolkit::server::query {
namespace {

using K = AggregateKind;

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

Value result_of(K kind, const Value::List& values, double percentile = 0) {
  AggregateState state(kind);
  for (const Value& value : values) state.add(value);
  return state.result(percentile);
}

Value i(std::int64_t value) {
  return Value::integer(value);
}
Value d(std::int64_t ns) {
  return Value::duration(ns);
}

TEST(AggregateState, SumsExactlyAndSaysADoubleWhereItMust) {
  EXPECT_EQ(result_of(K::kSum, {}), i(0));
  EXPECT_EQ(result_of(K::kSum, {i(kInt64Max), i(1), i(-1)}), i(kInt64Max));
  EXPECT_EQ(result_of(K::kSum, {i(kInt64Max), i(kInt64Max)}), Value::real(2.0 * kInt64Max));
  EXPECT_EQ(result_of(K::kSum, {d(5), d(6)}), d(11));
  EXPECT_EQ(result_of(K::kSum, {d(5), i(6)}), i(11));
  EXPECT_EQ(result_of(K::kSum, {i(1), Value::text("7"), Value(), Value::real(0.5)}),
            Value::real(1.5));
  Value::List many(1'000'000, Value::real(0.1));
  EXPECT_EQ(result_of(K::kSum, many), Value::real(100'000.0));
  EXPECT_EQ(result_of(K::kSum, {Value::real(HUGE_VAL), Value::real(-HUGE_VAL)}), Value());
}

TEST(AggregateState, Averages) {
  EXPECT_EQ(result_of(K::kAvg, {}), Value());
  EXPECT_EQ(result_of(K::kAvg, {i(1), i(2)}), Value::real(1.5));
  EXPECT_EQ(result_of(K::kAvg, {d(1), d(2)}), d(2));
  EXPECT_EQ(result_of(K::kAvg, {d(-1), d(-2)}), d(-2));
  EXPECT_EQ(result_of(K::kAvg, {i(kInt64Max), i(kInt64Max)}), Value::real(1.0 * kInt64Max));
}

TEST(AggregateState, FindsExtremesOfAnyType) {
  EXPECT_EQ(result_of(K::kMin, {i(3), Value(), i(-1)}), i(-1));
  EXPECT_EQ(result_of(K::kMax, {Value::text("a"), i(3), Value::text("b")}), Value::text("b"));
  EXPECT_EQ(result_of(K::kRange, {i(3), i(-1)}), i(4));
  EXPECT_EQ(result_of(K::kRange, {d(3), d(1)}), d(2));
  EXPECT_EQ(result_of(K::kRange, {Value::time(30), Value::time(10)}), d(20));
  EXPECT_EQ(result_of(K::kRange, {Value::text("a")}), Value());
  EXPECT_EQ(result_of(K::kRange, {i(kInt64Max), i(-kInt64Max)}), Value::real(2.0 * kInt64Max));
}

TEST(AggregateState, DeviatesAsASampleDoes) {
  EXPECT_EQ(result_of(K::kStdev, {i(5)}), Value());
  const Value result = result_of(K::kStdev, {i(2), i(4), i(4), i(4), i(5), i(5), i(7), i(9)});
  EXPECT_NEAR(result.as_double(), std::sqrt(32.0 / 7), 1e-12);
  EXPECT_EQ(result_of(K::kStdev, {d(1000), d(3000)}), d(1414));
}

TEST(AggregateState, KeepsTheTypeOfWhatIsInTheMiddle) {
  EXPECT_EQ(result_of(K::kMedian, {d(1), d(9), d(5)}), d(5));
  EXPECT_EQ(result_of(K::kPercentile, {i(1), i(2), i(3), i(4)}, 50), i(2));
  EXPECT_EQ(result_of(K::kPercentile, {i(1), Value::real(2.5)}, 100), Value::real(2.5));
  EXPECT_EQ(result_of(K::kPercentile, {Value::text("1")}, 50), Value());
}

TEST(AggregateState, CountsWhatIsDifferent) {
  EXPECT_EQ(result_of(K::kDcount, {i(1), Value::real(1.0), Value::text("1"), Value(), i(1)}), i(2));
  Value::List many;
  for (int n = 0; n < 4096; ++n) many.push_back(i(n));
  EXPECT_EQ(result_of(K::kDcount, many), i(4096));
  for (int n = 0; n < 100'000; ++n) many.push_back(i(n));
  EXPECT_NEAR(static_cast<double>(result_of(K::kDcount, many).as_int()), 100'000, 3000);
}

TEST(AggregateState, TakesEachValueOfAList) {
  const Value list = Value::list({i(1), i(2), Value::list({i(3)})});
  EXPECT_EQ(result_of(K::kSum, {list}), i(6));
  EXPECT_EQ(result_of(K::kDcount, {list, i(3)}), i(3));
}

// One after the other, as runs, or merged: the same but for the last bits.
TEST(AggregateState, MergesAndTakesRunsWithTheSameResult) {
  std::mt19937_64 random(1);
  for (const ValueType type : {ValueType::kInteger, ValueType::kDuration, ValueType::kTime}) {
    std::vector<std::int64_t> numbers;
    for (int n = 0; n < 9000; ++n)
      numbers.push_back(static_cast<std::int64_t>(random() % 1'000'000));
    for (const K kind : {K::kSum, K::kAvg, K::kMin, K::kMax, K::kRange, K::kStdev, K::kPercentile,
                         K::kMedian, K::kDcount}) {
      AggregateState single(kind);
      AggregateState parts[3] = {AggregateState(kind), AggregateState(kind), AggregateState(kind)};
      for (std::size_t n = 0; n < numbers.size(); ++n) {
        single.add(type == ValueType::kTime       ? Value::time(numbers[n])
                   : type == ValueType::kDuration ? d(numbers[n])
                                                  : i(numbers[n]));
      }
      parts[0].add_numbers(std::span(numbers).first(1), type);
      parts[1].add_numbers(std::span(numbers).subspan(1, 5000), type);
      parts[2].add_numbers(std::span(numbers).subspan(5001), type);
      AggregateState merged(kind);
      for (const AggregateState& part : parts) merged.merge(part);
      const Value a = single.result(99);
      const Value b = merged.result(99);
      ASSERT_EQ(a.type(), b.type()) << static_cast<int>(kind);
      if (a.type() == ValueType::kDouble) {
        EXPECT_NEAR(a.as_double(), b.as_double(), 1e-9 * std::fabs(a.as_double()));
      } else {
        EXPECT_EQ(a, b) << static_cast<int>(kind) << " of " << to_string(type);
      }
    }
  }
}

TEST(AggregateState, CountsItsMemory) {
  AggregateState state(K::kDcount);
  const std::int64_t before = state.memory_bytes();
  for (int n = 0; n < 1000; ++n) state.add(i(n));
  EXPECT_GE(state.memory_bytes(), before + 8000);
}

}  // namespace
}  // namespace apitoolkit::server::query
