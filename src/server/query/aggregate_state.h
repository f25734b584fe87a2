// What an aggregate has seen of one group so far.
//
//   AggregateState p99(AggregateKind::kPercentile);
//   p99.add_numbers(durations_ns, ValueType::kDuration);   // a run out of a column
//   p99.merge(of_another_thread);
//   Value answer = p99.result(99);
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "src/server/query/ast.h"
#include "src/server/query/distinct_counter.h"
#include "src/server/query/quantile_sketch.h"
#include "src/server/query/value.h"

namespace apitoolkit::server::query {

// --- What the kinds keep ---

__extension__ using WideInteger = __int128;

// Which types of numbers there were.
struct NumberTypes {
  bool integer = false;
  bool real = false;
  bool duration = false;
  void see(ValueType type);
  void merge(const NumberTypes& other);
  ValueType common() const;  // of a result: kDuration if all were, kDouble if any was
};
struct RowCount {
  std::int64_t rows = 0;
};
struct RunningSum {
  WideInteger whole = 0;  // of integers and durations; exact
  double real = 0;        // of doubles, with what rounding lost
  double lost = 0;
  std::int64_t count = 0;
  NumberTypes types;
  void add_real(double number);
};
struct Extremes {
  Value min;
  Value max;
};
struct RunningDeviation {  // Welford; merged as Chan, Golub and LeVeque do
  std::int64_t count = 0;
  double mean = 0;
  double squares = 0;
  NumberTypes types;
  // Of integers and durations exactly, as long as 128 bits hold them, so that their order is
  // nothing to the result.
  bool whole = true;
  WideInteger whole_sum = 0;
  WideInteger whole_squares = 0;
  void add(double number);
  void add_whole(std::int64_t number);
  void add_whole_sums(WideInteger sum, WideInteger sum_of_squares);
  double result() const;  // of count > 1
};
struct Quantiles {
  QuantileSketch sketch;
  NumberTypes types;
};

// Copied deeply. One thread at a time. The result depends on what was added and not on the order or
// on merges, but for the last bits of doubles.
class AggregateState {
 public:
  explicit AggregateState(AggregateKind kind);

  AggregateKind kind() const { return kind_; }

  // kCount and kCountIf: that many rows.
  void add_rows(std::int64_t rows);
  // The others: a value. Null counts as nothing; of a list each value counts. sum, avg, stdev and
  // percentiles count numbers only; min, max and range whatever there is, by order().
  void add(const Value& value);
  // The same for a run of values of one type: kInteger, kDuration, or kTime.
  void add_numbers(std::span<const std::int64_t> numbers, ValueType type);
  void add_number(std::int64_t number, ValueType type) { add_numbers({&number, 1}, type); }
  // kPercentile and kMedian: numbers that were counted before, of kInteger, kDuration or kDouble.
  void add_sketch(const QuantileSketch& sketch, ValueType type);

  // `other` must be of the same kind.
  void merge(const AggregateState& other);

  // Of nothing: count, countif, dcount and sum are 0, the others null. A sum that does not fit 64
  // bits is a double. An average of durations, their deviation and a percentile are durations,
  // rounded to the nanosecond; a percentile of integers is rounded to an integer.
  Value result(double percentile) const;

  std::int64_t memory_bytes() const;  // its own size included

 private:
  void add_one(const Value& value);
  Value sum_result(const RunningSum& sum) const;
  static Value range_result(const Extremes& extremes);

  AggregateKind kind_;
  std::variant<RowCount, RunningSum, Extremes, RunningDeviation, Quantiles, DistinctCounter> state_;
};

// The nearest value of that type (kInteger, kDuration or kDouble); a double where it does not fit.
Value number_of_type(double number, ValueType type);

// Bytes that are equal exactly for values that are the same group: 1 and 1.0 are.
void append_key(const Value& value, std::string& out);
// The one of such values that is shown: 1.
Value key_value(Value value);

}  // namespace apitoolkit::server::query
