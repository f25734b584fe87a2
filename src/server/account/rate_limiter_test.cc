#include "src/server/account/rate_limiter.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace apitoolkit::server::account {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kStart = 5 * kSecondNs;

KeyHolder key(std::int64_t id, KeyLimits limits = {}) {
  KeyHolder holder;
  holder.key_id = id;
  holder.limits = limits;
  return holder;
}

TEST(RateLimiter, AdmitsABurstAndThenTheRate) {
  RateLimiter limiter({2, 0});
  for (int i = 0; i < 2 * limits::kRateBurstS; i++) {
    EXPECT_TRUE(limiter.admit(key(1), 1000, kStart));
  }
  EXPECT_FALSE(limiter.admit(key(1), 1, kStart));
  EXPECT_FALSE(limiter.admit(key(1), 1, kStart + kSecondNs / 4));
  EXPECT_TRUE(limiter.admit(key(1), 1, kStart + kSecondNs / 2));
  EXPECT_FALSE(limiter.admit(key(1), 1, kStart + kSecondNs / 2));
  EXPECT_TRUE(limiter.admit(key(2), 1, kStart));  // a bucket of its own
}

TEST(RateLimiter, LetsOneLargeRequestThroughAndTheNextWait) {
  RateLimiter limiter({0, 1000});
  EXPECT_TRUE(limiter.admit(key(1), 1000 * limits::kRateBurstS + 5000, kStart));
  EXPECT_FALSE(limiter.admit(key(1), 1, kStart + 4 * kSecondNs));
  EXPECT_TRUE(limiter.admit(key(1), 1, kStart + 6 * kSecondNs));
}

TEST(RateLimiter, AKeysOwnLimitsCountBeforeTheDefaults) {
  RateLimiter limiter({1, 0});
  for (int i = 0; i < 100; i++) EXPECT_TRUE(limiter.admit(key(1, {1000, 0}), 1, kStart));
  RateLimiter unlimited({});
  for (int i = 0; i < 100; i++) EXPECT_TRUE(unlimited.admit(key(1), 1 << 30, kStart));
  EXPECT_TRUE(unlimited.admit(key(2, {0, 1}), 1 << 20, kStart));
  EXPECT_FALSE(unlimited.admit(key(2, {0, 1}), 1, kStart + kSecondNs));
}

}  // namespace
}  // namespace apitoolkit::server::account
