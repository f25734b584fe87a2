// The whole client with a spool: the server is away, and what waits outlives the process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <set>
#include <thread>

#include "src/sdk/fake_server.h"

namespace apitoolkit::sdk {
namespace {

namespace fs = std::filesystem;
using net::ScriptedRequest;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class ClientSpool : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "spool-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
  }
  void TearDown() override { fs::remove_all(home_); }

  Config config() const {
    Config config = server_.config();
    config.spool_dir = (home_ / "spool").string();
    return config;
  }
  void server_is_away() {
    server_.on_metadata([] { return net::http_answer(503, ""); });
    server_.on_publish([](const ScriptedRequest&) { return net::http_answer(503, ""); });
  }
  void server_is_back() {
    server_.on_metadata({});
    server_.accept_publish();
  }
  // Every file of the spool, one after the other.
  std::string on_disk() const {
    std::string bytes;
    for (const auto& entry : fs::recursive_directory_iterator(home_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }
  void wait_for_exchanges(std::size_t count) {
    while (server_.exchanges().size() < count) usleep(1000);
  }

  FakeServer server_;
  fs::path home_;
};

TEST_F(ClientSpool, IsNotTouchedWhileTheServerAnswers) {
  const auto client = make_client(config());
  for (int i = 0; i < 100; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(server_.exchanges(), SizeIs(100));
  EXPECT_EQ(client->stats().spool_bytes, 0);
}

TEST_F(ClientSpool, HoldsWhatCannotBeDeliveredUntilItCan) {
  server_is_away();
  const auto client = make_client(config());
  for (int i = 0; i < 100; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs)) << "on the disk is safe";
  EXPECT_THAT(server_.exchanges(), SizeIs(0));
  const Stats away = client->stats();
  EXPECT_EQ(away.queue_bytes, 0);
  EXPECT_GT(away.spool_bytes, 0);
  EXPECT_TRUE(away.dropped.empty());
  EXPECT_EQ(away.state, "unreachable");
  server_is_back();
  wait_for_exchanges(100);
  while (client->stats().sent < 100 || client->stats().spool_bytes > 0) usleep(1000);
  std::set<std::string> urls;
  for (const Exchange& exchange : server_.exchanges()) urls.insert(exchange.raw_url);
  EXPECT_THAT(urls, SizeIs(100));
  EXPECT_EQ(client->stats().state, "ready");
}

TEST_F(ClientSpool, OutlivesTheProcess) {
  server_is_away();
  std::set<Uuid> ids;
  {
    const auto client = make_client(config());
    for (int i = 0; i < 50; ++i) {
      Exchange exchange = numbered(i);
      exchange.id = make_id();
      ids.insert(exchange.id);
      client->push(std::move(exchange));
    }
  }
  server_is_back();
  const auto client = make_client(config());
  client->push(numbered(50));
  wait_for_exchanges(51);
  for (const Exchange& exchange : server_.exchanges()) ids.erase(exchange.id);
  EXPECT_TRUE(ids.empty());
}

TEST_F(ClientSpool, IsClosedIntoWhileTheServerHangs) {
  std::promise<void> released;
  const auto release = released.get_future().share();
  // A copy, since the server outlives this function.
  server_.on_publish([release](const ScriptedRequest&) -> std::optional<net::ScriptedAnswer> {
    release.wait();
    return std::nullopt;
  });
  Config closing = config();
  closing.flush_timeout_ms = 600;
  {
    const auto client = make_client(closing);
    for (int i = 0; i < 20; ++i) client->push(numbered(i));
    client->close();
    EXPECT_TRUE(client->stats().dropped.empty());
    EXPECT_GT(client->stats().spool_bytes, 0);
  }
  released.set_value();
}

TEST_F(ClientSpool, HasNothingUnredactedAndNothingForOthersToRead) {
  server_is_away();
  Config with_rules = config();
  with_rules.redact_request_body = {"$.password"};
  const auto client = make_client(with_rules);
  Exchange exchange = numbered(1);
  exchange.request_headers = {{"Content-Type", "application/json"}, {"Cookie", "hunter1"}};
  exchange.request_body.bytes = R"({"password":"hunter2"})";
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(on_disk(), Not(HasSubstr("hunter")));
  for (const auto& entry : fs::recursive_directory_iterator(home_)) {
    struct stat status {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077, 0) << entry.path();
  }
  server_is_back();
  wait_for_exchanges(1);
  EXPECT_EQ(server_.exchanges()[0].request_body.bytes, R"({"password":"[CLIENT_REDACTED]"})");
}

TEST_F(ClientSpool, IsRedactedByTheRulesOfTheDayThatItIsSent) {
  server_is_away();
  {
    const auto client = make_client(config());
    Exchange exchange = numbered(1);
    exchange.request_headers = {{"Content-Type", "application/json"}, {"X-Plan", "hunter1"}};
    exchange.request_body.bytes = R"({"open":1,"card":"hunter2"})";
    client->push(std::move(exchange));
  }
  server_is_back();
  server_.on_metadata([&] {
    return net::http_answer(
        200, server_.metadata_body(R"({"headers":["X-Plan"],"request_body":["$.card"]})"));
  });
  const auto client = make_client(config());
  client->push(numbered(2));
  wait_for_exchanges(2);
  for (const Exchange& exchange : server_.exchanges()) {
    if (exchange.raw_url != "/n/1") continue;
    EXPECT_EQ(exchange.request_body.bytes, R"({"open":1,"card":"[CLIENT_REDACTED]"})");
    EXPECT_EQ(exchange.request_headers[1].value, "[CLIENT_REDACTED]");
  }
}

TEST_F(ClientSpool, FallsBackToMemoryWhenItIsFull) {
  server_is_away();
  Config small = config();
  small.spool_bytes_max = 20'000;
  const auto client = make_client(small);
  std::mt19937 random(1);
  const auto noise = [&] {  // cannot be compressed
    Exchange exchange = numbered(1);
    exchange.request_headers = {{"Content-Type", "text/plain"}};
    for (int i = 0; i < 2000; ++i) {
      exchange.request_body.bytes += static_cast<char>('!' + random() % 90);
    }
    return exchange;
  };
  while (client->stats().last_error.find("is full") == std::string::npos) {
    client->push(noise());
    usleep(1000);
  }
  EXPECT_LE(client->stats().spool_bytes, 20'000);
  EXPECT_GT(client->stats().queue_bytes, 0);
  EXPECT_TRUE(client->stats().dropped.empty());
  const auto captured = client->stats().captured;
  server_is_back();
  while (client->stats().sent < captured) usleep(1000);
}

TEST_F(ClientSpool, ManyThreadsPushWhileTheServerComesAndGoes) {
  constexpr int kThreads = 16;
  constexpr int kEach = 200;
  const auto client = make_client(config());
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        client->push(numbered(t * kEach + i));
        if (i % 20 == 0) client->stats();
        if (i % 50 == 0) t % 2 == 0 ? server_is_away() : server_is_back();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  server_is_back();
  ASSERT_TRUE(client->flush(kLongMs));
  while (client->stats().sent < kThreads * kEach) usleep(1000);
  std::set<std::string> urls;
  for (const Exchange& exchange : server_.exchanges()) urls.insert(exchange.raw_url);
  EXPECT_THAT(urls, SizeIs(kThreads * kEach));
  EXPECT_TRUE(client->stats().dropped.empty());
}

TEST_F(ClientSpool, ADirectoryThatCannotBeIsNamed) {
  Config wrong = config();
  wrong.spool_dir = (home_ / "missing" / "spool").string();
  const auto client = create_client(wrong, {});
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().message, HasSubstr("spool_dir: "));
  std::ofstream(home_ / "file") << "";
  wrong.spool_dir = (home_ / "file").string();
  EXPECT_FALSE(create_client(wrong, {}));
}

TEST_F(ClientSpool, KillLosesNothingThatIsInIt) {
  SKIP_WHERE_FORK_IS_UNSAFE();
  server_is_away();
  std::mt19937 random(std::random_device{}());
  int spooled = 0;
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto client = create_client(config(), {});
      for (int i = 0; client && i < 1'000'000; ++i) {
        (*client)->push(numbered(round * 1'000'000 + i));
        if (!(*client)->flush(kLongMs)) break;
        const char done = '.';  // what was flushed is on the disk
        if (write(pipe_ends[1], &done, 1) != 1) break;
      }
      _exit(1);
    }
    close(pipe_ends[1]);
    char done = 0;
    ASSERT_EQ(read(pipe_ends[0], &done, 1), 1);
    ++spooled;
    usleep(random() % 20'000);
    kill(child, SIGKILL);
    while (read(pipe_ends[0], &done, 1) == 1) ++spooled;
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  server_is_back();
  const auto client = make_client(config());
  client->push(numbered(-1));
  wait_for_exchanges(static_cast<std::size_t>(spooled) + 1);
  while (client->stats().spool_bytes > 0) usleep(1000);
  std::set<std::string> urls;
  for (const Exchange& exchange : server_.exchanges()) urls.insert(exchange.raw_url);
  EXPECT_EQ(urls.size(), server_.exchanges().size()) << "nothing twice";
  EXPECT_GE(static_cast<int>(urls.size()), spooled + 1);
}

}  // namespace
}  // namespace apitoolkit::sdk
