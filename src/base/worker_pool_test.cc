#include "src/base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace apitoolkit::base {
namespace {

TEST(WorkerPool, DoesAllThatWasTakenBeforeItStops) {
  std::atomic<int> done{0};
  WorkerPool pool(3, 1000);
  for (int i = 0; i < 500; i++) ASSERT_TRUE(pool.submit([&done] { done++; }));
  pool.stop();
  EXPECT_EQ(done, 500);
}

TEST(WorkerPool, RefusesWorkOnceTheQueueIsFull) {
  std::promise<void> started;
  std::promise<void> release;
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.submit([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  release.set_value();
}

TEST(WorkerPool, RefusesWorkAfterItStopped) {
  WorkerPool pool(1, 2);
  pool.stop();
  EXPECT_FALSE(pool.submit([] {}));
}

TEST(WorkerPool, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  WorkerPool pool(1, 100);
  for (int i = 0; i < 50; i++) ASSERT_TRUE(pool.submit([&order, i] { order.push_back(i); }));
  pool.stop();
  for (int i = 0; i < 50; i++) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace apitoolkit::base
