#include "src/json/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace apitoolkit::json {
namespace {

TEST(Number, FollowsTheGrammar) {
  for (const std::string_view good :
       {"0", "-0", "7", "-12", "1.5", "0.0", "1e5", "1E+5", "1.25e-30"}) {
    EXPECT_EQ(number_length(good, 0), good.size()) << good;
  }
  for (const std::string_view bad :
       {"", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-e", "a", "-a"}) {
    EXPECT_EQ(number_length(bad, 0), 0U) << bad;
  }
  EXPECT_EQ(number_length("01", 0), 1U);
  EXPECT_EQ(number_length("[12.5]", 1), 4U);
}

TEST(Number, ComparesMathematically) {
  // Exponents beyond what an integer holds too: none may come out as a small one.
  const std::string_view ascending[] = {"-1e99999999999999999999999",
                                        "-1e99999999999999999999998",
                                        "-1e400",
                                        "-9007199254740993",
                                        "-9007199254740992",
                                        "-2",
                                        "-1.5",
                                        "-1e-400",
                                        "0",
                                        "1e-99999999999999999999",
                                        "1e-9999999999999999999",
                                        "1e-400",
                                        "0.1",
                                        "1",
                                        "1.0000000000000000000001",
                                        "10",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "1e400",
                                        "1e401",
                                        "1e922337203685477580",
                                        "1e9999999999999999999",
                                        "2e9999999999999999999",
                                        "1e10000000000000000000"};
  const int count = std::size(ascending);
  for (int a = 0; a < count; ++a) {
    for (int b = 0; b < count; ++b) {
      const int expected = (a > b) - (a < b);
      EXPECT_EQ(compare_numbers(ascending[a], ascending[b]), expected)
          << ascending[a] << " and " << ascending[b];
    }
  }
}

TEST(Number, FindsEqualWhatIsWrittenDifferently) {
  const std::string_view groups[][5] = {
      {"1", "1.0", "1e0", "10e-1", "0.001E+3"},
      {"0", "-0", "0.000", "0e999999999999999999999", "-0.0e-5"},
      {"120", "1.2e2", "12e1", "120.000", "0.00012e6"},
      {"-3.5", "-35e-1", "-0.35e1", "-3.50", "-350e-2"},
      {"1e1000000000000000000", "10e999999999999999999", "0.01e1000000000000000002",
       "100e0999999999999999998", "1.0e+1000000000000000000"},
  };
  for (const auto& group : groups) {
    for (const std::string_view a : group) {
      for (const std::string_view b : group) EXPECT_EQ(compare_numbers(a, b), 0) << a << " " << b;
    }
  }
}

TEST(Number, ConvertsIntegersThatFit) {
  const std::pair<std::string_view, std::int64_t> good[] = {
      {"0", 0},
      {"-0", 0},
      {"123456.0", 123456},
      {"1e3", 1000},
      {"70e-1", 7},
      {"-12", -12},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
  };
  for (const auto& [text, value] : good) EXPECT_EQ(to_int64(text), value) << text;
  for (const std::string_view bad :
       {"7.5", "1e19", "9223372036854775808", "-9223372036854775809", "1e-1",
        "99999999999999999999", "", "x", "1x", "1e999999999999"}) {
    EXPECT_EQ(to_int64(bad), std::nullopt) << bad;
  }
}

TEST(Number, ConvertsToTheNearestDoubleOrToInfinity) {
  EXPECT_EQ(to_double("0.1"), 0.1);
  EXPECT_EQ(to_double("-1e3"), -1000.0);
  EXPECT_EQ(to_double("1e400"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(to_double("-1e400"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(to_double("1e-400"), 0.0);
  EXPECT_TRUE(std::signbit(to_double("-1e-400")));
}

}  // namespace
}  // namespace apitoolkit::json
