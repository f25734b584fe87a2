#include "src/sdk/queue/spare_exchanges.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace apitoolkit::sdk {
namespace {

TEST(SpareExchanges, GiveWhatTheyWereGiven) {
  SpareExchanges spares;
  auto one = spares.take();
  one->texts.add(CapturedTexts::Kind::kMethod, "GET");
  const CapturedExchange* address = one.get();
  spares.give_back(std::move(one));
  one = spares.take();
  EXPECT_EQ(one.get(), address);
  EXPECT_EQ(one->texts.size(), 0U);
  EXPECT_NE(spares.take().get(), address);
}

TEST(SpareExchanges, KeepOneMebibyteAtMost) {
  SpareExchanges spares;
  const auto large = [] {
    auto exchange = std::make_unique<CapturedExchange>();
    exchange->exchange.request_body.bytes.reserve(600'000);
    return exchange;
  };
  spares.give_back(large());
  spares.give_back(large());
  spares.give_back(nullptr);
  EXPECT_GE(spares.take()->capacity(), 600'000U);
  EXPECT_LT(spares.take()->capacity(), 600'000U) << "a second one was not kept";
  spares.give_back(large());
  EXPECT_GE(spares.take()->capacity(), 600'000U) << "there is room again";
}

TEST(SpareExchanges, GoRoundBetweenManyThreads) {
  SpareExchanges spares;
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        auto mine = spares.take();
        ASSERT_EQ(mine->texts.size(), 0U) << "nobody else has it";
        mine->texts.add(CapturedTexts::Kind::kMethod, "GET");
        spares.give_back(std::move(mine));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace apitoolkit::sdk
