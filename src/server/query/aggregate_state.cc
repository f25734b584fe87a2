#include "src/server/query/aggregate_state.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <compare>
#include <limits>
#include <optional>
#include <string>

namespace apitoolkit::server::query {
namespace {

using Wide = WideInteger;

constexpr double kTwoTo63 = 9223372036854775808.0;

std::optional<std::int64_t> narrow(Wide value) {
  if (value > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  if (value < std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Value whole_number(Wide value, ValueType type) {
  const auto fits = narrow(value);
  if (!fits) return Value::real(static_cast<double>(value));
  return type == ValueType::kDuration ? Value::duration(*fits) : Value::integer(*fits);
}

std::optional<std::int64_t> as_whole(double value) {
  if (value != std::floor(value) || value < -kTwoTo63 || value >= kTwoTo63) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

void put_number(std::uint64_t bits, std::string& out) {
  for (int i = 0; i < 8; ++i, bits >>= 8) out.push_back(static_cast<char>(bits));
}

}  // namespace

Value number_of_type(double number, ValueType type) {
  const double rounded = std::round(number);
  if (type == ValueType::kDouble || !(rounded >= -kTwoTo63 && rounded < kTwoTo63)) {
    return Value::real(number);
  }
  const auto whole = static_cast<std::int64_t>(rounded);
  return type == ValueType::kDuration ? Value::duration(whole) : Value::integer(whole);
}

void NumberTypes::see(ValueType type) {
  integer = integer || type == ValueType::kInteger;
  real = real || type == ValueType::kDouble;
  duration = duration || type == ValueType::kDuration;
}

void NumberTypes::merge(const NumberTypes& other) {
  integer = integer || other.integer;
  real = real || other.real;
  duration = duration || other.duration;
}

ValueType NumberTypes::common() const {
  if (real) return ValueType::kDouble;
  return duration && !integer ? ValueType::kDuration : ValueType::kInteger;
}

// Neumaier's sum.
void RunningSum::add_real(double number) {
  const double sum = real + number;
  if (std::isfinite(sum)) {
    lost += std::fabs(real) >= std::fabs(number) ? (real - sum) + number : (number - sum) + real;
  }
  real = sum;
}

void RunningDeviation::add(double number) {
  ++count;
  const double delta = number - mean;
  mean += delta / static_cast<double>(count);
  squares += delta * (number - mean);
}

void RunningDeviation::add_whole_sums(Wide sum, Wide sum_of_squares) {
  whole = whole && !__builtin_add_overflow(whole_sum, sum, &whole_sum) &&
          !__builtin_add_overflow(whole_squares, sum_of_squares, &whole_squares);
}

void RunningDeviation::add_whole(std::int64_t number) {
  add(static_cast<double>(number));
  add_whole_sums(number, Wide{number} * number);
}

double RunningDeviation::result() const {
  const auto n = static_cast<double>(count);
  Wide by_count = 0;
  Wide square = 0;
  if (whole && !__builtin_mul_overflow(whole_squares, Wide{count}, &by_count) &&
      !__builtin_mul_overflow(whole_sum, whole_sum, &square)) {
    return std::sqrt(static_cast<double>(by_count - square) / n / (n - 1));
  }
  return std::sqrt(squares / (n - 1));
}

AggregateState::AggregateState(AggregateKind kind) : kind_(kind) {
  switch (kind) {
    case AggregateKind::kCount:
    case AggregateKind::kCountIf:
      break;
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      state_ = RunningSum{};
      break;
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kRange:
      state_ = Extremes{};
      break;
    case AggregateKind::kStdev:
      state_ = RunningDeviation{};
      break;
    case AggregateKind::kPercentile:
    case AggregateKind::kMedian:
      state_ = Quantiles{};
      break;
    case AggregateKind::kDcount:
      state_ = DistinctCounter{};
  }
}

void AggregateState::add_rows(std::int64_t rows) {
  if (auto* const count = std::get_if<RowCount>(&state_)) count->rows += rows;
}

void AggregateState::add(const Value& value) {
  if (!value.is_list()) return add_one(value);
  for (const Value& one : value.as_list()) add(one);
}

void AggregateState::add_one(const Value& value) {
  if (value.is_null()) return;
  if (auto* const distinct = std::get_if<DistinctCounter>(&state_)) {
    std::string key;
    append_key(value, key);
    return distinct->add(hash_bytes(key));
  }
  if (auto* const extremes = std::get_if<Extremes>(&state_)) {
    if (kind_ != AggregateKind::kMax &&
        (extremes->min.is_null() || std::is_lt(order(value, extremes->min)))) {
      extremes->min = value;
    }
    if (kind_ != AggregateKind::kMin &&
        (extremes->max.is_null() || std::is_gt(order(value, extremes->max)))) {
      extremes->max = value;
    }
    return;
  }
  if (!value.is_number()) return;
  if (value.type() != ValueType::kDouble) return add_number(value.as_int(), value.type());
  const double number = value.as_double();
  if (auto* const sum = std::get_if<RunningSum>(&state_)) {
    sum->types.see(ValueType::kDouble);
    ++sum->count;
    sum->add_real(number);
  } else if (auto* const deviation = std::get_if<RunningDeviation>(&state_)) {
    deviation->types.see(ValueType::kDouble);
    deviation->whole = false;
    deviation->add(number);
  } else if (auto* const quantiles = std::get_if<Quantiles>(&state_)) {
    quantiles->types.see(ValueType::kDouble);
    quantiles->sketch.add(number);
  }
}

void AggregateState::add_numbers(std::span<const std::int64_t> numbers, ValueType type) {
  if (numbers.empty()) return;
  const auto value_of = [type](std::int64_t number) {
    if (type == ValueType::kTime) return Value::time(number);
    return type == ValueType::kDuration ? Value::duration(number) : Value::integer(number);
  };
  if (std::holds_alternative<Extremes>(state_)) {
    const auto [min, max] = std::minmax_element(numbers.begin(), numbers.end());
    add_one(value_of(*min));
    add_one(value_of(*max));
  } else if (std::holds_alternative<DistinctCounter>(state_)) {
    for (const std::int64_t number : numbers) add_one(value_of(number));
  } else if (type == ValueType::kTime) {
    return;  // no number
  } else if (auto* const sum = std::get_if<RunningSum>(&state_)) {
    sum->types.see(type);
    sum->count += static_cast<std::int64_t>(numbers.size());
    for (const std::int64_t number : numbers) sum->whole += number;
  } else if (auto* const deviation = std::get_if<RunningDeviation>(&state_)) {
    deviation->types.see(type);
    for (const std::int64_t number : numbers) deviation->add_whole(number);
  } else if (auto* const quantiles = std::get_if<Quantiles>(&state_)) {
    quantiles->types.see(type);
    for (const std::int64_t number : numbers) quantiles->sketch.add(static_cast<double>(number));
  }
}

void AggregateState::add_sketch(const QuantileSketch& sketch, ValueType type) {
  auto* const quantiles = std::get_if<Quantiles>(&state_);
  if (quantiles == nullptr || sketch.count() == 0) return;
  quantiles->types.see(type);
  quantiles->sketch.merge(sketch);
}

void AggregateState::merge(const AggregateState& other) {
  if (const auto* count = std::get_if<RowCount>(&other.state_)) return add_rows(count->rows);
  if (const auto* sum = std::get_if<RunningSum>(&other.state_)) {
    RunningSum& own = std::get<RunningSum>(state_);
    own.whole += sum->whole;
    own.add_real(sum->real);
    own.lost += sum->lost;
    own.count += sum->count;
    own.types.merge(sum->types);
  } else if (const auto* extremes = std::get_if<Extremes>(&other.state_)) {
    add_one(extremes->min);
    add_one(extremes->max);
  } else if (const auto* deviation = std::get_if<RunningDeviation>(&other.state_)) {
    RunningDeviation& own = std::get<RunningDeviation>(state_);
    if (deviation->count == 0) return;
    const auto n = static_cast<double>(own.count);
    const auto m = static_cast<double>(deviation->count);
    const double delta = deviation->mean - own.mean;
    own.squares += deviation->squares + delta * delta * (n / (n + m)) * m;
    own.mean += delta * (m / (n + m));
    own.count += deviation->count;
    own.types.merge(deviation->types);
    own.whole = own.whole && deviation->whole;
    own.add_whole_sums(deviation->whole_sum, deviation->whole_squares);
  } else if (const auto* quantiles = std::get_if<Quantiles>(&other.state_)) {
    Quantiles& own = std::get<Quantiles>(state_);
    own.sketch.merge(quantiles->sketch);
    own.types.merge(quantiles->types);
  } else {
    std::get<DistinctCounter>(state_).merge(std::get<DistinctCounter>(other.state_));
  }
}

Value AggregateState::sum_result(const RunningSum& sum) const {
  const ValueType type = sum.types.common();
  if (kind_ == AggregateKind::kSum) {
    if (type != ValueType::kDouble) return whole_number(sum.whole, type);
    return Value::real(static_cast<double>(sum.whole) + sum.real + sum.lost);
  }
  if (sum.count == 0) return {};
  if (type == ValueType::kDouble) {
    return Value::real((static_cast<double>(sum.whole) + sum.real + sum.lost) /
                       static_cast<double>(sum.count));
  }
  if (type == ValueType::kInteger) {
    return Value::real(static_cast<double>(sum.whole) / static_cast<double>(sum.count));
  }
  const Wide half = sum.whole < 0 ? -sum.count / 2 : sum.count / 2;
  return whole_number((sum.whole + half) / sum.count, type);
}

Value AggregateState::range_result(const Extremes& extremes) {
  const Value& min = extremes.min;
  const Value& max = extremes.max;
  if (min.is_number() && max.is_number()) {
    if (min.type() == ValueType::kDouble || max.type() == ValueType::kDouble) {
      return Value::real(max.as_double() - min.as_double());
    }
    const bool durations = min.type() == ValueType::kDuration && max.type() == ValueType::kDuration;
    return whole_number(Wide{max.as_int()} - min.as_int(),
                        durations ? ValueType::kDuration : ValueType::kInteger);
  }
  if (min.type() == ValueType::kTime && max.type() == ValueType::kTime) {
    return whole_number(Wide{max.as_int()} - min.as_int(), ValueType::kDuration);
  }
  return {};
}

Value AggregateState::result(double percentile) const {
  if (const auto* count = std::get_if<RowCount>(&state_)) return Value::integer(count->rows);
  if (const auto* sum = std::get_if<RunningSum>(&state_)) return sum_result(*sum);
  if (const auto* extremes = std::get_if<Extremes>(&state_)) {
    if (kind_ == AggregateKind::kMin) return extremes->min;
    return kind_ == AggregateKind::kMax ? extremes->max : range_result(*extremes);
  }
  if (const auto* deviation = std::get_if<RunningDeviation>(&state_)) {
    if (deviation->count < 2) return {};
    const bool durations = deviation->types.common() == ValueType::kDuration;
    return number_of_type(deviation->result(),
                          durations ? ValueType::kDuration : ValueType::kDouble);
  }
  if (const auto* quantiles = std::get_if<Quantiles>(&state_)) {
    if (quantiles->sketch.count() == 0) return {};
    return number_of_type(
        quantiles->sketch.percentile(kind_ == AggregateKind::kMedian ? 50 : percentile),
        quantiles->types.common());
  }
  return Value::integer(std::get<DistinctCounter>(state_).estimate());
}

std::int64_t AggregateState::memory_bytes() const {
  auto bytes = static_cast<std::int64_t>(sizeof(AggregateState));
  if (const auto* extremes = std::get_if<Extremes>(&state_)) {
    bytes += extremes->min.memory_bytes() + extremes->max.memory_bytes() -
             2 * static_cast<std::int64_t>(sizeof(Value));
  } else if (const auto* quantiles = std::get_if<Quantiles>(&state_)) {
    bytes += quantiles->sketch.memory_bytes();
  } else if (const auto* distinct = std::get_if<DistinctCounter>(&state_)) {
    bytes += distinct->memory_bytes();
  }
  return bytes;
}

void append_key(const Value& value, std::string& out) {
  const auto tag = [&out](ValueType type) { out.push_back(static_cast<char>(type)); };
  switch (value.type()) {
    case ValueType::kNull:
      return tag(ValueType::kNull);
    case ValueType::kBool:
      tag(ValueType::kBool);
      out.push_back(value.as_bool() ? '\1' : '\0');
      return;
    case ValueType::kDouble:
      if (const auto whole = as_whole(value.as_double())) {
        tag(ValueType::kInteger);
        return put_number(static_cast<std::uint64_t>(*whole), out);
      }
      tag(ValueType::kDouble);
      return put_number(std::bit_cast<std::uint64_t>(value.as_double()), out);
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kTime:
      tag(value.type());
      return put_number(static_cast<std::uint64_t>(value.as_int()), out);
    case ValueType::kText:
    case ValueType::kJson:
      tag(value.type());
      put_number(value.as_text().size(), out);
      out.append(value.as_text());
      return;
    case ValueType::kList:
      tag(ValueType::kList);
      put_number(value.as_list().size(), out);
      for (const Value& one : value.as_list()) append_key(one, out);
  }
}

Value key_value(Value value) {
  if (value.type() != ValueType::kDouble) return value;
  const auto whole = as_whole(value.as_double());
  return whole ? Value::integer(*whole) : value;
}

}  // namespace apitoolkit::server::query
