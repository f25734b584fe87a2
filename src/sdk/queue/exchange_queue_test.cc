#include "src/sdk/queue/exchange_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "src/base/limits.h"
#include "src/sdk/queue/linger.h"

namespace apitoolkit::sdk {
namespace {

using Offer = ExchangeQueue::Offer;
using Found = ExchangeQueue::Found;
using std::chrono::hours;
using std::chrono::milliseconds;

std::size_t count(const std::vector<ExchangeQueue::Chunk>& chunks) {
  std::size_t n = 0;
  for (const auto& chunk : chunks) n += chunk.size();
  return n;
}

std::unique_ptr<CapturedExchange> numbered(int i) {
  auto numbered = std::make_unique<CapturedExchange>();
  numbered->exchange.status_code = i;
  return numbered;
}

TEST(ExchangeQueue, KeepsTheOrder) {
  ExchangeQueue queue(1 << 20);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.push(numbered(i), 1), Offer::kTaken);
  int expected = 0;
  for (const auto& chunk : queue.take_all()) {
    for (const Waiting& waiting : chunk)
      EXPECT_EQ(waiting.exchange->exchange.status_code, expected++);
  }
  EXPECT_EQ(expected, 1000);
  EXPECT_TRUE(queue.take_all().empty());
}

TEST(ExchangeQueue, BoundsTheBytesUntilTheyAreReleased) {
  ExchangeQueue queue(160);  // of which 10 are for errors
  EXPECT_EQ(queue.push({}, 60), Offer::kTaken);
  EXPECT_EQ(queue.push({}, 91), Offer::kFull);
  EXPECT_EQ(queue.push({}, 90), Offer::kTaken);
  EXPECT_EQ(count(queue.take_all()), 2U);
  EXPECT_EQ(queue.push({}, 1), Offer::kFull) << "the worker still has them";
  queue.release(1, 60);
  EXPECT_EQ(queue.bytes(), 90);
  EXPECT_EQ(queue.push({}, 60), Offer::kTaken);
  EXPECT_EQ(queue.push({}, 161), Offer::kFull);
}

TEST(ExchangeQueue, HasRoomForErrorsWhenItIsFullForOthers) {
  const auto failed = [](std::int64_t bytes) { return Waiting{{}, bytes, nullptr, true}; };
  ExchangeQueue queue(160);
  EXPECT_EQ(queue.push({}, 150), Offer::kTaken);
  EXPECT_EQ(queue.push({}, 1), Offer::kFull);
  EXPECT_EQ(queue.push(failed(10)), Offer::kTaken);
  EXPECT_EQ(queue.push(failed(1)), Offer::kFull);
}

TEST(ExchangeQueue, WaitsNoLongerThanItIsTold) {
  ExchangeQueue queue(100);
  EXPECT_EQ(queue.wait_for_exchange(std::chrono::steady_clock::now()), Found::kNothing);
  queue.push({}, 1);
  EXPECT_EQ(queue.wait_for_exchange(std::chrono::steady_clock::now()), Found::kExchanges);
}

TEST(ExchangeQueue, RefusesAfterClosingButKeepsWhatItHas) {
  ExchangeQueue queue(100);
  queue.push({}, 1);
  queue.close();
  EXPECT_EQ(queue.push({}, 1), Offer::kClosed);
  EXPECT_EQ(queue.wait_for_exchange(), Found::kExchanges);
  EXPECT_EQ(count(queue.take_all()), 1U);
  EXPECT_EQ(queue.wait_for_exchange(), Found::kEnd);
}

TEST(ExchangeQueue, EndsEveryWaitOnAWake) {
  ExchangeQueue queue(100);
  queue.wake();
  EXPECT_FALSE(queue.pause(hours(1)));
  EXPECT_TRUE(queue.pause(milliseconds(1)));
  queue.wake();
  queue.linger(hours(1));
  queue.close();
  EXPECT_FALSE(queue.pause(hours(1)));
  queue.linger(hours(1));
}

TEST(ExchangeQueue, DoesNotLingerWithAFullBatch) {
  ExchangeQueue queue(1 << 30);
  for (int i = 0; i < limits::kPublishMessagesMax; ++i) queue.push({}, 1);
  queue.linger(hours(1));
  queue.take_all();
  queue.push({}, limits::kBatchBytesMax);
  queue.linger(hours(1));
}

TEST(ExchangeQueue, FlushesWhatWasPushedBefore) {
  ExchangeQueue queue(1 << 20);
  EXPECT_TRUE(queue.wait_until_empty({})) << "nothing was pushed";
  queue.push({}, 1);
  std::thread worker([&] {
    queue.wait_for_exchange();
    queue.linger(hours(1));  // the flush ends it
    queue.take_all();
    queue.push({}, 1);  // what comes later is not waited for
    queue.release(1, 1);
  });
  EXPECT_TRUE(queue.wait_until_empty(std::chrono::steady_clock::now() + hours(1)));
  worker.join();
}

TEST(ExchangeQueue, GivesUpAFlushAtItsDeadline) {
  ExchangeQueue queue(1 << 20);
  queue.push({}, 1);
  EXPECT_FALSE(queue.wait_until_empty(std::chrono::steady_clock::now()));
}

TEST(ExchangeQueue, LosesNothingBetweenManyThreads) {
  ExchangeQueue queue(1 << 30);
  constexpr int kThreads = 16;
  constexpr int kEach = 2000;
  std::vector<std::thread> producers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) queue.push(numbered(i), 1);
    });
  }
  std::size_t taken = 0;
  while (taken < kThreads * kEach && queue.wait_for_exchange() == Found::kExchanges) {
    queue.linger(milliseconds(1));
    const std::size_t n = count(queue.take_all());
    taken += n;
    queue.release(static_cast<std::int64_t>(n), static_cast<std::int64_t>(n));
  }
  for (std::thread& producer : producers) producer.join();
  EXPECT_EQ(taken, static_cast<std::size_t>(kThreads * kEach));
  EXPECT_EQ(queue.bytes(), 0);
}

TEST(Linger, IsShortForALoneExchangeAndLongForAStream) {
  Linger linger;
  EXPECT_EQ(linger.time(), milliseconds(20));
  for (int i = 0; i < 10; ++i) linger.observe(50);
  EXPECT_EQ(linger.time(), milliseconds(1000));
  for (int i = 0; i < 10; ++i) linger.observe(1);
  EXPECT_EQ(linger.time(), milliseconds(20));
}

}  // namespace
}  // namespace apitoolkit::sdk
