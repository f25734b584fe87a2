#include "src/server/query/scalar.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "src/server/query/text_search.h"

namespace apitoolkit::server::query {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMinuteNs = 60 * kSecondNs;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;

std::optional<std::int64_t> whole(char op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  const bool overflow = op == '+'   ? __builtin_add_overflow(a, b, &out)
                        : op == '-' ? __builtin_sub_overflow(a, b, &out)
                                    : __builtin_mul_overflow(a, b, &out);
  if (overflow) return std::nullopt;
  return out;
}

double real(char op, double a, double b) {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

Value duration_or_null(double ns) {
  const double rounded = std::round(ns);
  if (!(rounded >= -kTwoTo63 && rounded < kTwoTo63)) return {};
  return Value::duration(static_cast<std::int64_t>(rounded));
}

Value remainder(std::int64_t a, std::int64_t b, bool duration) {
  const std::int64_t rest = b == -1 ? 0 : a % b;  // INT64_MIN % -1 is a trap
  return duration ? Value::duration(rest) : Value::integer(rest);
}

Value of_numbers(char op, const Value& a, const Value& b) {
  const bool a_duration = a.type() == ValueType::kDuration;
  const bool b_duration = b.type() == ValueType::kDuration;
  if ((op == '/' || op == '%') && b.as_double() == 0) return {};
  // A number over a duration, and a duration over a duration, are numbers; so is the product of
  // two.
  const bool duration = op == '+' || op == '-' ? a_duration || b_duration
                        : op == '*'            ? a_duration != b_duration
                                               : a_duration && (op == '%' || !b_duration);
  const bool wholes = a.type() != ValueType::kDouble && b.type() != ValueType::kDouble;
  if (wholes && op == '%') return remainder(a.as_int(), b.as_int(), duration);
  if (wholes && op != '/') {
    if (const auto exact = whole(op, a.as_int(), b.as_int())) {
      return duration ? Value::duration(*exact) : Value::integer(*exact);
    }
    if (duration) return {};
  }
  const double result = real(op, a.as_double(), b.as_double());
  return duration ? duration_or_null(result) : Value::real(result);
}

// Nanoseconds that a time is moved by.
std::optional<std::int64_t> shift_of(const Value& value) {
  if (!value.is_number()) return std::nullopt;
  if (value.type() != ValueType::kDouble) return value.as_int();
  const Value ns = duration_or_null(value.as_double());
  if (ns.is_null()) return std::nullopt;
  return ns.as_int();
}

Value to_integer(const Value& value) {
  switch (value.type()) {
    case ValueType::kBool:
      return Value::integer(value.as_bool() ? 1 : 0);
    case ValueType::kInteger:
    case ValueType::kDuration:
    case ValueType::kTime:
      return Value::integer(value.as_int());
    case ValueType::kDouble: {
      const double cut = std::trunc(value.as_double());
      if (!(cut >= -kTwoTo63 && cut < kTwoTo63)) return {};
      return Value::integer(static_cast<std::int64_t>(cut));
    }
    case ValueType::kText: {
      const std::string& text = value.as_text();
      std::int64_t out = 0;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, out);
      if (error == std::errc() && stop == end) return Value::integer(out);
      const Value number = convert(Function::kToFloat, value);
      return number.is_null() ? number : to_integer(number);
    }
    default:
      return {};
  }
}

Value to_real(const Value& value) {
  if (value.is_number()) return Value::real(value.as_double());
  switch (value.type()) {
    case ValueType::kBool:
      return Value::real(value.as_bool() ? 1 : 0);
    case ValueType::kTime:
      return Value::real(static_cast<double>(value.as_int()));
    case ValueType::kText: {
      const std::string& text = value.as_text();
      double out = 0;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(text.data(), end, out);
      if (error != std::errc() || stop != end || !std::isfinite(out)) return {};
      return Value::real(out);
    }
    default:
      return {};
  }
}

Value to_bool(const Value& value) {
  if (value.type() == ValueType::kBool) return value;
  if (value.is_number()) return Value::boolean(value.as_double() != 0);
  if (!value.is_text()) return {};
  const std::string text = fold_case(value.as_text());
  if (text == "true" || text == "1") return Value::boolean(true);
  if (text == "false" || text == "0") return Value::boolean(false);
  return {};
}

std::optional<std::int64_t> time_of(const Value& value) {
  if (value.type() == ValueType::kTime) return value.as_int();
  if (value.is_text()) return read_time(value.as_text());
  return std::nullopt;
}

}  // namespace

Value arithmetic(char op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return of_numbers(op, a, b);
  const bool a_time = a.type() == ValueType::kTime;
  const bool b_time = b.type() == ValueType::kTime;
  if (a_time && b_time && op == '-') {
    const auto between = whole('-', a.as_int(), b.as_int());
    return between ? Value::duration(*between) : Value();
  }
  if (a_time == b_time || (op != '+' && !(op == '-' && a_time))) return {};
  const auto shift = shift_of(a_time ? b : a);
  if (!shift) return {};
  const auto moved = whole(op, a_time ? a.as_int() : b.as_int(), *shift);
  return moved ? Value::time(*moved) : Value();
}

std::int64_t bin_floor(std::int64_t value, std::int64_t size) {
  const std::int64_t rest = value % size;
  const std::int64_t below = rest < 0 ? rest + size : rest;
  std::int64_t out = 0;
  return __builtin_sub_overflow(value, below, &out) ? value - rest : out;
}

Value bin(const Value& value, const Value& size) {
  if (!size.is_number() || !(size.as_double() > 0)) return {};
  const bool whole_size = size.type() != ValueType::kDouble;
  if (value.type() == ValueType::kTime) {
    const auto ns = shift_of(size);
    return ns && *ns > 0 ? Value::time(bin_floor(value.as_int(), *ns)) : Value();
  }
  if (!value.is_number()) return {};
  if (value.type() != ValueType::kDouble && whole_size) {
    const std::int64_t floor = bin_floor(value.as_int(), size.as_int());
    return value.type() == ValueType::kDuration ? Value::duration(floor) : Value::integer(floor);
  }
  const double floor = std::floor(value.as_double() / size.as_double()) * size.as_double();
  return value.type() == ValueType::kDuration ? duration_or_null(floor) : Value::real(floor);
}

std::int64_t bin_auto_ns(std::int64_t span_ns) {
  struct Row {
    std::int64_t span_ns;
    std::int64_t bin_ns;
  };
  constexpr std::array kUpTo{
      Row{2 * kMinuteNs, kSecondNs},    Row{15 * kMinuteNs, 10 * kSecondNs},
      Row{kHourNs, 30 * kSecondNs},     Row{6 * kHourNs, kMinuteNs},
      Row{14 * kHourNs, 5 * kMinuteNs}, Row{48 * kHourNs, 10 * kMinuteNs},
      Row{7 * kDayNs - 1, kHourNs},     Row{30 * kDayNs - 1, 6 * kHourNs},
  };
  for (const Row& row : kUpTo) {
    if (span_ns <= row.span_ns) return row.bin_ns;
  }
  return kDayNs;
}

Value convert(Function function, const Value& value) {
  switch (function) {
    case Function::kToFloat:
      return to_real(value);
    case Function::kToInt:
      return to_integer(value);
    case Function::kToBool:
      return to_bool(value);
    case Function::kToString:
      return value.is_null() ? Value() : Value::text(to_text(value));
    case Function::kLower:
      return value.is_text() ? Value::text(fold_case(value.as_text())) : Value();
    case Function::kUpper:
      return value.is_text() ? Value::text(to_upper(value.as_text())) : Value();
    case Function::kHour:
      if (const auto time = time_of(value)) {
        return Value::integer((*time - bin_floor(*time, kDayNs)) / kHourNs);
      }
      return {};
    case Function::kDayOfWeek:
      if (const auto time = time_of(value)) {
        constexpr std::int64_t kThursday = 4;  // 1 January 1970
        constexpr std::int64_t kWeek = 7;
        const std::int64_t day = bin_floor(*time, kDayNs) / kDayNs;
        return Value::integer(((day + kThursday) % kWeek + kWeek) % kWeek);
      }
      return {};
    default:
      return {};
  }
}

// Half away from zero.
Value round_to(const Value& value, std::int64_t digits) {
  if (value.type() != ValueType::kDouble) return value.is_number() ? value : Value();
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = value.as_double() * scale;
  return std::isfinite(scaled) ? Value::real(std::round(scaled) / scale) : value;
}

}  // namespace apitoolkit::server::query
