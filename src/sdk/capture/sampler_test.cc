#include "src/sdk/capture/sampler.h"

#include <gtest/gtest.h>

#include "apitoolkit/client.h"

namespace apitoolkit::sdk {
namespace {

Exchange served(int status) {
  Exchange exchange;
  exchange.id = make_id();
  exchange.status_code = status;
  return exchange;
}

TEST(Sampler, TakesAllUnlessAskedForLess) {
  const Sampler sampler(1.0);
  for (int i = 0; i < 100; ++i) {
    Exchange exchange = served(200);
    ASSERT_TRUE(sampler.keep(exchange, 1.0));
    ASSERT_EQ(exchange.sample_weight, 1.0);
  }
}

TEST(Sampler, TakesThePartThatWasAskedFor) {
  const Sampler sampler(0.25);
  int kept = 0;
  for (int i = 0; i < 20'000; ++i) {
    Exchange exchange = served(200);
    if (!sampler.keep(exchange, 1.0)) continue;
    ++kept;
    ASSERT_EQ(exchange.sample_weight, 4.0);
  }
  EXPECT_NEAR(kept, 5000, 500);  // eight standard deviations
}

TEST(Sampler, KeepsEveryError) {
  const Sampler nothing(0.0);
  Exchange failed = served(500);
  EXPECT_TRUE(nothing.keep(failed, 0.1));
  EXPECT_EQ(failed.sample_weight, 1.0);
  Exchange reported = served(200);
  reported.errors.emplace_back();
  EXPECT_TRUE(nothing.keep(reported, 0.1));
  Exchange missing = served(404);
  EXPECT_FALSE(nothing.keep(missing, 1.0));
}

TEST(Sampler, TheSmallerRateCountsAndPressureIsOnTop) {
  Sampler sampler(0.5);
  sampler.set_remote_rate(0.25);
  const auto weight = [&](double pressure) {
    for (;;) {
      Exchange exchange = served(200);
      if (sampler.keep(exchange, pressure)) return exchange.sample_weight;
    }
  };
  EXPECT_EQ(weight(1.0), 4.0);
  EXPECT_EQ(weight(0.5), 8.0);
  sampler.set_remote_rate(1.0);
  EXPECT_EQ(weight(1.0), 2.0);
}

TEST(Sampler, ARequestAndItsCallsGoTogether) {
  const Sampler sampler(0.5);
  for (int i = 0; i < 1000; ++i) {
    Exchange request = served(200);
    Exchange call = served(200);
    call.parent_id = request.id;
    ASSERT_EQ(sampler.keep(request, 1.0), sampler.keep(call, 1.0));
  }
}

TEST(Sampler, GivesAnIdToWhatHasNone) {
  const Sampler sampler(0.5);
  int kept = 0;
  for (int i = 0; i < 1000; ++i) {
    Exchange exchange;
    kept += sampler.keep(exchange, 1.0) ? 1 : 0;
  }
  EXPECT_NEAR(kept, 500, 150);
}

}  // namespace
}  // namespace apitoolkit::sdk
