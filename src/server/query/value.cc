#include "src/server/query/value.h"

#include <array>
#include <bit>
#include <cassert>
#include <cmath>

#include "src/base/clock.h"

namespace apitoolkit::server::query {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

struct Unit {
  std::int64_t ns;
  std::string_view name;
};
constexpr std::array kUnits{Unit{86'400'000'000'000, "d"},
                            Unit{3'600'000'000'000, "h"},
                            Unit{60'000'000'000, "m"},
                            Unit{1'000'000'000, "s"},
                            Unit{1'000'000, "ms"},
                            Unit{1000, "us"},
                            Unit{1, "ns"}};

std::strong_ordering reversed(std::strong_ordering order) {
  if (order == std::strong_ordering::less) return std::strong_ordering::greater;
  return order == std::strong_ordering::greater ? std::strong_ordering::less : order;
}

std::strong_ordering compare_doubles(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering compare_texts(const std::string& a, const std::string& b) {
  return a <=> b;
}

std::strong_ordering compare_two_numbers(const Value& a, const Value& b) {
  const bool a_real = a.type() == ValueType::kDouble;
  const bool b_real = b.type() == ValueType::kDouble;
  if (a_real && b_real) return compare_doubles(a.as_double(), b.as_double());
  if (a_real) return reversed(compare_numbers(b.as_int(), a.as_double()));
  if (b_real) return compare_numbers(a.as_int(), b.as_double());
  return a.as_int() <=> b.as_int();
}

int rank(ValueType type) {
  if (type == ValueType::kInteger || type == ValueType::kDouble) return 2;
  return type == ValueType::kDuration ? 2 : static_cast<int>(type);
}

std::strong_ordering order_lists(const Value::List& a, const Value::List& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto result = order(a[i], b[i]);
    if (result != std::strong_ordering::equal) return result;
  }
  return a.size() <=> b.size();
}

}  // namespace

std::string_view to_string(ValueType type) {
  constexpr std::array<std::string_view, 9> kNames{"null", "bool", "integer", "double", "duration",
                                                   "time", "text", "json",    "list"};
  return kNames.at(static_cast<std::size_t>(type));
}

Value Value::real(double value) {
  Value out;
  if (std::isnan(value)) return out;
  out.type_ = ValueType::kDouble;
  out.number_ = std::bit_cast<std::int64_t>(value);
  return out;
}

Value Value::list(List values) {
  Value out;
  out.type_ = ValueType::kList;
  out.list_ = std::make_shared<const List>(std::move(values));
  return out;
}

bool Value::as_bool() const {
  assert(type_ == ValueType::kBool);
  return number_ != 0;
}

std::int64_t Value::as_int() const {
  assert(type_ == ValueType::kInteger || type_ == ValueType::kDuration ||
         type_ == ValueType::kTime);
  return number_;
}

double Value::as_double() const {
  assert(is_number());
  return type_ == ValueType::kDouble ? std::bit_cast<double>(number_)
                                     : static_cast<double>(number_);
}

const std::string& Value::as_text() const {
  assert(type_ == ValueType::kText || type_ == ValueType::kJson);
  return text_;
}

const Value::List& Value::as_list() const {
  assert(type_ == ValueType::kList);
  return *list_;
}

std::int64_t Value::memory_bytes() const {
  auto bytes = static_cast<std::int64_t>(sizeof(Value));
  if (text_.capacity() > sizeof(std::string) / 2 - 1) {
    bytes += static_cast<std::int64_t>(text_.capacity());
  }
  if (list_) {
    for (const Value& value : *list_) bytes += value.memory_bytes();
  }
  return bytes;
}

bool operator==(const Value& a, const Value& b) {
  if (a.type_ != b.type_) return false;
  switch (a.type_) {
    case ValueType::kNull:
      return true;
    case ValueType::kDouble:
      return a.as_double() == b.as_double();
    case ValueType::kText:
    case ValueType::kJson:
      return a.text_ == b.text_;
    case ValueType::kList:
      return *a.list_ == *b.list_;
    default:
      return a.number_ == b.number_;
  }
}

std::strong_ordering compare_numbers(std::int64_t a, double b) {
  if (b >= kTwoTo63) return std::strong_ordering::less;
  if (b < -kTwoTo63) return std::strong_ordering::greater;
  const double whole = std::floor(b);  // fits: -2^63 <= b < 2^63
  const auto by_whole = a <=> static_cast<std::int64_t>(whole);
  if (by_whole != std::strong_ordering::equal) return by_whole;
  return whole < b ? std::strong_ordering::less : std::strong_ordering::equal;
}

std::optional<std::strong_ordering> compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_two_numbers(a, b);
  if (a.type() == ValueType::kTime && b.is_text()) {
    const auto time = read_time(b.as_text());
    if (!time) return std::nullopt;
    return a.as_int() <=> *time;
  }
  if (a.is_text() && b.type() == ValueType::kTime) {
    const auto turned = compare(b, a);
    if (!turned) return std::nullopt;
    return reversed(*turned);
  }
  if (a.type() != b.type()) return std::nullopt;
  switch (a.type()) {
    case ValueType::kNull:
      return std::strong_ordering::equal;
    case ValueType::kBool:
      return a.as_bool() <=> b.as_bool();
    case ValueType::kTime:
      return a.as_int() <=> b.as_int();
    case ValueType::kText:
    case ValueType::kJson:
      return compare_texts(a.as_text(), b.as_text());
    default:
      return std::nullopt;
  }
}

std::strong_ordering order(const Value& a, const Value& b) {
  if (rank(a.type()) != rank(b.type())) return rank(a.type()) <=> rank(b.type());
  if (a.is_list()) return order_lists(a.as_list(), b.as_list());
  const auto result = compare(a, b).value_or(std::strong_ordering::equal);
  return result == std::strong_ordering::equal ? a.type() <=> b.type() : result;
}

std::optional<std::int64_t> read_time(std::string_view text) {
  constexpr std::size_t kDateBytes = 10;
  if (text.size() == kDateBytes) {
    return base::parse_rfc3339(std::string(text) + "T00:00:00Z");
  }
  return base::parse_rfc3339(text);
}

void write_json(const Value& value, json::Writer& writer) {
  switch (value.type()) {
    case ValueType::kNull:
      writer.null();
      return;
    case ValueType::kBool:
      writer.value(value.as_bool());
      return;
    case ValueType::kInteger:
    case ValueType::kDuration:
      writer.value(value.as_int());
      return;
    case ValueType::kDouble:
      writer.value(value.as_double());
      return;
    case ValueType::kTime:
      writer.value(base::format_rfc3339(value.as_int()));
      return;
    case ValueType::kText:
      writer.value(value.as_text());
      return;
    case ValueType::kJson:
      writer.raw(value.as_text());
      return;
    case ValueType::kList:
      writer.begin_array();
      for (const Value& element : value.as_list()) write_json(element, writer);
      writer.end_array();
      return;
  }
}

std::string to_text(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
      return "";
    case ValueType::kText:
    case ValueType::kJson:
      return value.as_text();
    case ValueType::kDuration:
      return format_duration(value.as_int());
    case ValueType::kTime:
      return base::format_rfc3339(value.as_int());
    default: {
      json::Writer writer;
      write_json(value, writer);
      return std::move(writer).str();
    }
  }
}

std::string format_duration(std::int64_t ns) {
  if (ns == 0) return "0s";
  std::string out = ns < 0 ? "-" : "";
  std::uint64_t rest = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  for (const Unit& unit : kUnits) {
    const std::uint64_t count = rest / static_cast<std::uint64_t>(unit.ns);
    if (count != 0) out.append(std::to_string(count)).append(unit.name);
    rest %= static_cast<std::uint64_t>(unit.ns);
  }
  return out;
}

}  // namespace apitoolkit::server::query
