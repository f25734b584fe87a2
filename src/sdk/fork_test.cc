// What becomes of a client when its process forks or ends. Children report through their exit
// status and what they delivered; they never run the parent's test framework to its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <thread>

#include "apitoolkit/client.h"
#include "src/net/scripted_server.h"
#include "src/sdk/deliver/fake_world.h"
#include "src/sdk/deliver/memory.h"
#include "src/sdk/fake_server.h"
#include "src/sdk/process.h"
#include "src/wire/message.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::sdk {
namespace {

using net::http_answer;
using net::ScriptedRequest;

Exchange named(const std::string& name) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.raw_url = "/" + name;
  return exchange;
}

// Runs `child` in a forked process; its result is the exit status.
template <class Child>
int in_child(Child child) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// What a server received, in the order of arrival; `is_open` false makes it answer 503.
struct Inbox {
  std::mutex mutex;
  std::vector<std::string> urls;
  std::atomic<bool> is_open = true;
  net::ScriptedServer server{[this](const ScriptedRequest& request) {
    if (!is_open) return http_answer(503, "");
    if (request.method == "GET") {
      return http_answer(200,
                         test_metadata("topic", "{\"pubsub_endpoint\":\"" + server.url() + "\"}"));
    }
    const auto messages = wire::decode_publish_request(body_of(request));
    std::vector<std::string> ids;
    const std::lock_guard lock(mutex);
    for (const auto& message : *messages) {
      urls.push_back(wire::decode_message(message.data)->raw_url);
      ids.push_back(std::to_string(urls.size()));
    }
    return http_answer(200, wire::encode_publish_response(ids));
  }};

  Config config() const {
    Config config;
    config.api_key = "key";
    config.root_url = server.url();
    config.flush_timeout_ms = kLongMs;  // what is delivered at an end is, however slow the machine
    return config;
  }
};

TEST(Fork, ParentAndChildDeliverTheirOwnAndNothingTwice) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  Inbox inbox;
  inbox.is_open = false;  // so that the parent's queue is full when it forks
  const auto client = Client::create(inbox.config()).value();
  for (int i = 0; i < 200; ++i) client->push(named("parent" + std::to_string(i)));
  const int status = in_child([&] {
    if (client->stats().captured != 0) return 1;  // the child begins with nothing
    for (int i = 0; i < 100; ++i) client->push(named("child" + std::to_string(i)));
    inbox.is_open = true;  // in the child's memory only; the server runs in the parent
    return client->flush(1) ? 2 : 0;
  });
  EXPECT_EQ(status, 0);
  inbox.is_open = true;
  EXPECT_EQ(in_child([&] {
              for (int i = 0; i < 100; ++i) client->push(named("second" + std::to_string(i)));
              return client->flush(kLongMs) && client->stats().sent == 100 ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(client->flush(kLongMs));
  const std::lock_guard lock(inbox.mutex);
  const std::set<std::string> unique(inbox.urls.begin(), inbox.urls.end());
  EXPECT_EQ(unique.size(), 300U);
  EXPECT_EQ(inbox.urls.size(), 300U) << "something arrived twice";
  EXPECT_EQ(client->stats().sent, 200);
}

TEST(Fork, AChildOfAnUnusedClientWorks) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  Inbox inbox;
  const auto client = Client::create(inbox.config()).value();  // as gunicorn --preload does
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(in_child([&] {
                client->push(named("child" + std::to_string(i)));
                client->close();
                return client->stats().sent == 1 ? 0 : 1;
              }),
              0);
  }
  EXPECT_EQ(client->stats().captured, 0);
}

TEST(Fork, AChildThatPushesNothingMayDestroyTheClient) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  Inbox inbox;
  inbox.is_open = false;
  auto client = Client::create(inbox.config()).value();
  client->push(named("parent"));
  EXPECT_EQ(in_child([&] {
              client->flush(kLongMs);
              client->take_log();
              client->close();
              client.reset();
              return 0;
            }),
            0);
  inbox.is_open = true;
  EXPECT_TRUE(client->flush(kLongMs));
}

TEST(Fork, WorksWhileOtherThreadsPush) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  Inbox inbox;
  const auto client = Client::create(inbox.config()).value();
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!is_over) client->push(named("parent"));
    });
  }
  int bad = 0;
  for (int i = 0; i < 50; ++i) {
    bad += in_child([&] {
      client->push(named("child"));
      return client->stats().captured == 1 ? 0 : 1;
    });
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
}

// A lock that a child finds held once in some thousand forks would hang this.
TEST(Fork, TenThousandChildrenWhileOtherThreadsPushAndSpool) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  std::string spool = testing::TempDir() + "forks-XXXXXX";
  ASSERT_NE(mkdtemp(spool.data()), nullptr);
  Inbox inbox;
  Config config = inbox.config();
  config.spool_dir = spool;
  config.queue_bytes_max = 1 << 20;
  const auto client = Client::create(config).value();
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (!is_over) {
        client->push(named("parent"));
        client->stats();
        client->take_log();
        std::this_thread::yield();
      }
    });
  }
  constexpr int kForks = 10'000;
  constexpr int kAtOnce = 8;
  constexpr int kDeliverEach = 500;
  int failed = 0;
  const auto collect = [&] {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed;
  };
  for (int i = 0; i < kForks; ++i) {
    if (i >= kAtOnce) collect();
    inbox.is_open = i % 1000 < 800;  // so that there is something in the spool
    const pid_t pid = fork();
    ASSERT_GE(pid, 0);
    if (pid > 0) continue;
    client->push(named("child"));  // starts a worker
    if (i % kDeliverEach == 0) _exit(client->flush(kLongMs) ? 0 : 1);
    _exit(client->stats().captured == 1 ? 0 : 1);
  }
  for (int i = 0; i < kAtOnce; ++i) collect();
  EXPECT_EQ(failed, 0);
  inbox.is_open = true;
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(client->flush(kLongMs));
  client->close();
  std::filesystem::remove_all(spool);
}

TEST(Fork, AChildUsesRulesThatOtherThreadsWereUsing) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  constexpr unsigned kHangsS = 60;
  Inbox inbox;
  const auto client = Client::create(inbox.config()).value();
  const auto rules = client->compile({{"X-Mine"}, {"$.pin"}, {}}).value();
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!is_over) client->preview(named("parent"), rules.get());
    });
  }
  int bad = 0;
  for (int i = 0; i < 100 && bad == 0; ++i) {
    bad += in_child([&] {
      alarm(kHangsS);
      return client->preview(named("child"), rules.get()).empty() ? 1 : 0;
    });
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bad, 0);
}

TEST(Fork, AGrandchildWorksToo) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  Inbox inbox;
  const auto client = Client::create(inbox.config()).value();
  client->push(named("parent"));
  EXPECT_EQ(in_child([&] {
              client->push(named("child"));
              const int inner = in_child([&] {
                client->push(named("grandchild"));
                return client->flush(kLongMs) ? 0 : 1;
              });
              return client->flush(kLongMs) ? inner : 2;
            }),
            0);
  EXPECT_TRUE(client->flush(kLongMs));
  const std::lock_guard lock(inbox.mutex);
  EXPECT_THAT(inbox.urls, testing::UnorderedElementsAre("/parent", "/child", "/grandchild"));
}

TEST(Fork, MarksEveryProcess) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  const ProcessMark parent = current_process();
  EXPECT_EQ(parent, current_process());
  EXPECT_EQ(in_child([&] {
              const ProcessMark child = current_process();
              return child.forks == parent.forks + 1 && child.pid != parent.pid ? 0 : 1;
            }),
            0);
}

using ExitDeathTest = testing::Test;

// The statement runs in a process of its own, which ends with exit() and all its handlers.
TEST(ExitDeathTest, AClientThatNobodyClosedDoesNotCrashAndDeliversWhatItCan) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  testing::FLAGS_gtest_death_test_style = "fast";
  Inbox inbox;
  EXPECT_EXIT(
      {
        auto* leaked = Client::create(inbox.config()).value().release();
        leaked->push(named("leaked"));
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
  const std::lock_guard lock(inbox.mutex);
  EXPECT_THAT(inbox.urls, testing::ElementsAre("/leaked"));
}

TEST(ExitDeathTest, AHangingServerDoesNotKeepTheProcess) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  testing::FLAGS_gtest_death_test_style = "fast";
  net::ScriptedServer server([](const ScriptedRequest&) {
    return net::ScriptedAnswer{"", net::ScriptedAnswer::Then::kHang};
  });
  EXPECT_EXIT(
      {
        Config config;
        config.api_key = "key";
        config.root_url = server.url();
        config.flush_timeout_ms = 200;
        auto* leaked = Client::create(config).value().release();
        leaked->push(named("leaked"));
        std::exit(7);
      },
      testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace apitoolkit::sdk
