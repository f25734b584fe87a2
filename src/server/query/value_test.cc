#include "src/server/query/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace apitoolkit::server::query {
namespace {

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();

std::string json_of(const Value& value) {
  json::Writer writer;
  write_json(value, writer);
  return std::move(writer).str();
}

TEST(Value, ComparesIntegersWithDoublesExactly) {
  struct Case {
    std::int64_t a;
    double b;
    std::strong_ordering expected;
  };
  const Case cases[] = {
      {1, 1.0, std::strong_ordering::equal},
      {1, 1.5, std::strong_ordering::less},
      {-1, -1.5, std::strong_ordering::greater},
      {9007199254740993, 9007199254740992.0, std::strong_ordering::greater},
      {kInt64Max, 9223372036854775808.0, std::strong_ordering::less},
      {kInt64Min, -9223372036854775808.0, std::strong_ordering::equal},
      {kInt64Min, -1e300, std::strong_ordering::greater},
      {0, HUGE_VAL, std::strong_ordering::less},
      {0, -HUGE_VAL, std::strong_ordering::greater},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(compare_numbers(c.a, c.b), c.expected) << c.a << " and " << c.b;
    EXPECT_EQ(compare(Value::real(c.b), Value::integer(c.a)), 0 <=> c.expected);
  }
}

TEST(Value, ComparesNothingAcrossTypesButNumbersAndTimesInWords) {
  const Value values[] = {Value(),        Value::boolean(true), Value::integer(1),
                          Value::time(1), Value::text("1"),     Value::json("[1]")};
  for (const Value& a : values) {
    for (const Value& b : values) {
      EXPECT_EQ(compare(a, b).has_value(), a.type() == b.type())
          << to_string(a.type()) << " and " << to_string(b.type());
    }
  }
  EXPECT_EQ(compare(Value::duration(200), Value::integer(200)), std::strong_ordering::equal);
  EXPECT_EQ(compare(Value::duration(200), Value::real(200.5)), std::strong_ordering::less);
  const Value second = Value::time(1'000'000'000);
  EXPECT_EQ(compare(second, Value::text("1970-01-01T00:00:01Z")), std::strong_ordering::equal);
  EXPECT_EQ(compare(Value::text("1970-01-01"), second), std::strong_ordering::less);
}

TEST(Value, OrdersEverythingWithEverything) {
  const Value in_order[] = {Value(),
                            Value::boolean(false),
                            Value::boolean(true),
                            Value::integer(-5),
                            Value::integer(1),
                            Value::real(1.0),
                            Value::duration(1),
                            Value::real(1.5),
                            Value::time(0),
                            Value::text(""),
                            Value::text("Z"),
                            Value::text("a"),
                            Value::text("\xC3\xA9"),
                            Value::json("[]"),
                            Value::list({}),
                            Value::list({Value::integer(1)}),
                            Value::list({Value::integer(1), Value::integer(0)}),
                            Value::list({Value::integer(2)})};
  for (const Value& a : in_order) {
    for (const Value& b : in_order) EXPECT_EQ(order(a, b), &a <=> &b);
  }
}

TEST(Value, IsNullInsteadOfNotANumber) {
  EXPECT_TRUE(Value::real(std::nan("")).is_null());
}

TEST(Value, WritesJson) {
  EXPECT_EQ(
      json_of(Value::list({Value(), Value::boolean(true), Value::integer(-7), Value::real(0.5),
                           Value::duration(1500), Value::text("a\"b"), Value::json(R"({"a":1})")})),
      R"([null,true,-7,0.5,1500,"a\"b",{"a":1}])");
  EXPECT_EQ(json_of(Value::time(1'767'312'000'000'000'000)),
            "\"2026-01-02T00:00:00.000000+00:00\"");
  EXPECT_EQ(json_of(Value::real(HUGE_VAL)), "null");
}

TEST(Value, FormatsDurations) {
  EXPECT_EQ(format_duration(0), "0s");
  EXPECT_EQ(format_duration(200'000'000), "200ms");
  EXPECT_EQ(format_duration(95'400'000'000'000), "1d2h30m");
  EXPECT_EQ(format_duration(1'002'003'004), "1s2ms3us4ns");
  EXPECT_EQ(format_duration(-5'000'000'000), "-5s");
  EXPECT_EQ(format_duration(kInt64Min), "-106751d23h47m16s854ms775us808ns");
}

TEST(Value, ReadsTimes) {
  EXPECT_EQ(read_time("2026-01-02"), 1'767'312'000'000'000'000);
  EXPECT_EQ(read_time("2026-01-02T01:00:00+01:00"), 1'767'312'000'000'000'000);
  EXPECT_FALSE(read_time("yesterday"));
  EXPECT_FALSE(read_time("2026-13-01"));
  EXPECT_FALSE(read_time(""));
}

TEST(Value, CountsItsMemory) {
  EXPECT_EQ(Value::integer(1).memory_bytes(), Value::text("short").memory_bytes());
  EXPECT_GE(Value::text(std::string(1000, 'x')).memory_bytes(), 1000);
  EXPECT_GE(Value::list({Value::text(std::string(1000, 'x'))}).memory_bytes(), 1000);
}

}  // namespace
}  // namespace apitoolkit::server::query
