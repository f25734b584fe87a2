#include "src/sdk/deliver/retry.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace apitoolkit::sdk {
namespace {

TEST(Backoff, DoublesItsBoundUpToAMinute) {
  Backoff longest([] { return 0.999999; });
  Backoff shortest([] { return 0.0; });
  std::int64_t bound_ms = 200;
  for (int i = 0; i < 40; ++i) {
    const std::int64_t wait_ms = longest.next_ms();
    EXPECT_LE(wait_ms, bound_ms);
    EXPECT_GE(wait_ms, bound_ms - 2);
    EXPECT_EQ(shortest.next_ms(), limits::kBackoffMsMin);
    bound_ms = std::min<std::int64_t>(2 * bound_ms, 60'000);
  }
}

TEST(Backoff, BeginsAnewAfterASuccess) {
  Backoff backoff([] { return 0.999999; });
  for (int i = 0; i < 10; ++i) backoff.next_ms();
  backoff.reset();
  EXPECT_LE(backoff.next_ms(), 200);
}

TEST(Backoff, WaitsAtLeastAsLongAsTheServerAsks) {
  Backoff backoff([] { return 0.5; });
  EXPECT_EQ(backoff.next_ms(30'000), 30'000);
  EXPECT_EQ(backoff.next_ms(1'000'000'000), limits::kRetryAfterMsMax);
  EXPECT_GE(backoff.next_ms(0), limits::kBackoffMsMin);
}

TEST(Backoff, IsRandomByItself) {
  Backoff backoff;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t wait_ms = backoff.next_ms();
    EXPECT_GE(wait_ms, limits::kBackoffMsMin);
    EXPECT_LE(wait_ms, limits::kBackoffMsMax);
  }
}

TEST(RetryAfter, IsReadInBothForms) {
  constexpr std::int64_t kNowNs = 784'111'777LL * 1'000'000'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  struct Case {
    const char* text;
    std::optional<std::int64_t> expected_ms;
  };
  const Case cases[] = {
      {"0", 0},
      {"7", 7'000},
      {"99999999999999999999", limits::kRetryAfterMsMax},
      {"Sun, 06 Nov 1994 08:49:47 GMT", 10'000},
      {"Sun, 06 Nov 1994 08:49:07 GMT", 0},
      {"Sun, 06 Nov 2094 08:49:07 GMT", limits::kRetryAfterMsMax},
      {"", {}},
      {"-1", {}},
      {"soon", {}},
      {"1.5", {}},
      {"Sun, 06 Nox 1994 08:49:47 GMT", {}},
      {"Sun, 06 ovD 1994 08:49:47 GMT", {}},
      {"Sunday, 06-Nov-94 08:49:37 GMT", {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(parse_retry_after(c.text, kNowNs), c.expected_ms) << c.text;
  }
}

}  // namespace
}  // namespace apitoolkit::sdk
