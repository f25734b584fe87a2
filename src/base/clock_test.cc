#include "src/base/clock.h"

#include <gtest/gtest.h>

namespace apitoolkit::base {
namespace {

constexpr std::int64_t kNoonNs = 1'767'355'445'678'901'000;  // 2026-01-02T12:04:05.678901Z

TEST(Rfc3339, FormatsWithSixDigits) {
  EXPECT_EQ(format_rfc3339(kNoonNs), "2026-01-02T12:04:05.678901+00:00");
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(format_rfc3339(-1), "1969-12-31T23:59:59.999999+00:00");
}

TEST(Rfc3339, ReadsWhatEverySdkWrites) {
  EXPECT_EQ(parse_rfc3339("2026-01-02T12:04:05.678901+00:00"), kNoonNs);             // Python
  EXPECT_EQ(parse_rfc3339("2026-01-02T12:04:05.678Z"), 1'767'355'445'678'000'000);   // JS, Java
  EXPECT_EQ(parse_rfc3339("2026-01-02T14:04:05.678901+02:00"), kNoonNs);             // Go
  EXPECT_EQ(parse_rfc3339("2026-01-02T12:04:05+00:00"), 1'767'355'445'000'000'000);  // PHP
  EXPECT_EQ(parse_rfc3339("2026-01-02T12:04:05.6789010Z"), kNoonNs);                 // .NET
  EXPECT_EQ(parse_rfc3339("2026-01-02 12:04:05.678901"), kNoonNs);
  EXPECT_EQ(parse_rfc3339("2026-01-02T07:04:05.678901-0500"), kNoonNs);
}

TEST(Rfc3339, RefusesWhatIsNotATime) {
  for (const char* text :
       {"", "2026", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zjunk", "2026-01-01T00:00:00+25:00",
        "0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "2026-01-01T00:00",
        "x026-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::base
