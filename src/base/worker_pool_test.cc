#include "src/base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <string>
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

// One request that is too large must not end the process for all.
TEST(WorkerPool, DropsWorkThatThrowsAndGoesOn) {
  std::vector<std::string> told;
  WorkerPool pool(1, 10, [&told](const char* what) { told.emplace_back(what); });
  const auto held = std::make_shared<int>(7);
  bool done = false;
  ASSERT_TRUE(pool.submit([held] { throw std::bad_alloc(); }));
  ASSERT_TRUE(pool.submit([held] { throw 7; }));  // NOLINT(hicpp-exception-baseclass)
  ASSERT_TRUE(pool.submit([&done] { done = true; }));
  pool.stop();
  EXPECT_TRUE(done);
  EXPECT_EQ(told, (std::vector<std::string>{std::bad_alloc().what(), "not a std::exception"}));
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace apitoolkit::base
