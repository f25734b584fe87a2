// What happens when things go wrong: a full disk, a failing store, restarts, a second server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <mutex>
#include <new>
#include <numeric>
#include <sstream>
#include <thread>

#include "src/base/uuid.h"
#include "src/server/committer.h"
#include "src/server/data_directory.h"
#include "src/server/faulty_store.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

void set_failure(FaultyStore::Control& control, std::optional<ErrorCode> failure) {
  const std::lock_guard lock(control.mutex);
  control.failure = failure;
}

TEST(Trouble, AStoreThatFailsMeans503AndNothingAcknowledged) {
  const auto control = std::make_shared<FaultyStore::Control>();
  const TestServer server(with(control));
  set_failure(*control, ErrorCode::kIo);
  const auto answer = server.publish({message("/a")});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json_at(answer.body, {"error", "status"}), "UNAVAILABLE");
  EXPECT_EQ(answer.header("Retry-After"), "1");
  set_failure(*control, std::nullopt);
  EXPECT_EQ(server.publish({message("/a")}).status, 200);
  EXPECT_THAT(server.call("GET", "/metrics").body, HasSubstr("apitoolkit_commit_errors_total 1\n"));
}

TEST(Trouble, NothingIsAcknowledgedBeforeItIsCommitted) {
  const auto control = std::make_shared<FaultyStore::Control>();
  const TestServer server(with(control));
  std::promise<void> release;  // after the server, which waits for it: first to go
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  net::RawClient client(server.port());
  ASSERT_TRUE(client.send(net::raw_request("POST", path, {}, publish_body({message("/a")}))));
  EXPECT_FALSE(client.read(false, 100));
  EXPECT_EQ(json_count(server.get("/api/v1/exchanges").body, {"data"}), 0u);
  release.set_value();
  EXPECT_EQ(client.read()->status, 200);
}

TEST(Committer, LetsWhatComesMeanwhileShareOneTransaction) {
  const auto control = std::make_shared<FaultyStore::Control>();
  FaultyStore store(control);
  Committer committer(store, [](const auto&, std::size_t, std::size_t, double) {});
  std::promise<void> release;  // after the committer, which waits for it: first to go
  control->wait = release.get_future().share();
  std::atomic<int> done{0};
  for (int i = 0; i < 20; i++) {
    std::vector<store::Record> records(1);
    records[0].identity[0] = static_cast<std::uint8_t>(i);
    committer.commit({std::move(records), {}, [&done](const Status& status) {
                        EXPECT_TRUE(status);
                        done++;
                      }});
  }
  release.set_value();
  committer.stop();
  EXPECT_EQ(done, 20);
  // The first transaction took what was there, the second all the others.
  EXPECT_LE(control->appends.size(), 2u);
  EXPECT_EQ(std::accumulate(control->appends.begin(), control->appends.end(), std::size_t{0}), 20u);
  EXPECT_EQ(store.stats()->exchanges, 20);
}

// As where memory runs out in a transaction: its requests get no false answer, the next ones go on.
TEST(Committer, GoesOnAfterAnException) {
  const auto control = std::make_shared<FaultyStore::Control>();
  FaultyStore store(control);
  std::vector<Result<store::Appended>> observed;
  Committer committer(store, [&](const auto& appended, std::size_t, std::size_t, double) {
    observed.push_back(appended);
  });
  control->exceptions = 1;
  std::promise<void> dropped;
  {
    // Ends with the last copy of the callback.
    const std::shared_ptr<int> end(new int(7), [&dropped](const int* owned) {
      delete owned;
      dropped.set_value();
    });
    committer.commit({std::vector<store::Record>(1), {}, [end](const Status&) { FAIL(); }});
  }
  dropped.get_future().wait();
  bool done = false;
  committer.commit({std::vector<store::Record>(1), {}, [&done](const Status& status) {
                      EXPECT_TRUE(status);
                      done = true;
                    }});
  committer.stop();
  EXPECT_TRUE(done);
  ASSERT_EQ(observed.size(), 2u);
  EXPECT_FALSE(observed[0]);
  EXPECT_TRUE(observed[1]);
}

TEST(Trouble, AFullQueueMeans429AndDrainsAgain) {
  const auto control = std::make_shared<FaultyStore::Control>();
  const TestServer server(with(control));
  std::promise<void> release;  // after the server, which waits for it: first to go
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  std::string big = message("/big", R"("response_body":")" + std::string(7 << 20, 'A') + "\"");
  const std::string body = publish_body({big});
  std::vector<std::unique_ptr<net::RawClient>> clients;
  for (int i = 0; i < 8; i++) {
    clients.push_back(std::make_unique<net::RawClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(net::raw_request("POST", path, {}, body)));
  }
  std::optional<net::RawAnswer> first;
  for (int round = 0; round < 1000 && !first; round++) {
    for (auto& client : clients) {
      if (!first) first = client->read(false, 5);
    }
  }
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 429);
  EXPECT_EQ(json_at(first->body, {"error", "status"}), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(first->header("Retry-After"), "1");
  release.set_value();
  int status = 429;  // until enough of what was taken in is committed
  while (status == 429) status = server.publish({message("/after")}).status;
  EXPECT_EQ(status, 200);
}

TEST(Trouble, ANearlyFullDiskMakesTheServerReadOnlyUntilThereIsRoom) {
  const auto free = std::make_shared<std::atomic<std::int64_t>>(limits::kDiskFreeBytesMin * 2);
  ServerOptions options;
  options.store = store::make_memory_store();
  options.free_bytes = [free]() -> Result<std::int64_t> { return free->load(); };
  const TestServer server(std::move(options));
  ASSERT_EQ(server.publish({message("/before")}).status, 200);
  const auto wait_for_health = [&](int status) {
    while (server.call("GET", "/healthz").status != status) std::this_thread::yield();
  };
  *free = limits::kDiskFreeBytesMin - 1;
  wait_for_health(503);
  const auto refused = server.publish({message("/during")});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(json_at(refused.body, {"error", "status"}), "UNAVAILABLE");
  EXPECT_THAT(json_at(refused.body, {"error", "message"}), HasSubstr("255 MiB left"));
  EXPECT_EQ(json_count(server.get("/api/v1/exchanges").body, {"data"}), 1u);
  EXPECT_THAT(json_at(server.get("/api/v1/stats").body, {"read_only"}), HasSubstr("read-only"));
  *free = limits::kDiskFreeBytesMin * 2;
  wait_for_health(200);
  EXPECT_EQ(server.publish({message("/after")}).status, 200);
}

// A long list of a large store must not look like a server that is down.
TEST(Trouble, HealthAndMetricsAreAnsweredWhileEveryReaderIsBusy) {
  const auto control = std::make_shared<FaultyStore::Control>();
  const TestServer server(with(control));
  std::promise<void> release;  // after the server, which waits for it: first to go
  {
    const std::lock_guard lock(control->mutex);
    control->wait_to_scan = release.get_future().share();
  }
  std::vector<std::unique_ptr<net::RawClient>> lists;
  for (int i = 0; i < 16; i++) {
    lists.push_back(std::make_unique<net::RawClient>(server.port()));
    ASSERT_TRUE(lists.back()->send(net::raw_request(
        "GET", "/api/v1/exchanges", {"Authorization: Bearer " + std::string(kKey)})));
  }
  EXPECT_FALSE(lists.front()->read(false, 100));
  EXPECT_EQ(server.call("GET", "/healthz").status, 200);
  EXPECT_EQ(server.call("GET", "/metrics").status, 200);
  release.set_value();
  for (auto& list : lists) EXPECT_EQ(list->read()->status, 200);
}

TEST(Trouble, AnExceptionInAReaderOrACommitIsOneRequests500) {
  const auto control = std::make_shared<FaultyStore::Control>();
  const TestServer server(with(control));
  const std::string path = server.publish_path();
  {
    const std::lock_guard lock(control->mutex);
    control->exceptions = 1;
  }
  EXPECT_EQ(server.publish({message("/a")}).status, 500);
  EXPECT_EQ(server.publish({message("/a")}).status, 200);
  EXPECT_THAT(server.call("GET", "/metrics").body, HasSubstr("apitoolkit_ingest_queue_bytes 0\n"));
}

TEST(Trouble, WhatTheStoreHadToDoByItselfIsLogged) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text)));
  const auto control = std::make_shared<FaultyStore::Control>();
  control->notices = {"2026-03-01.db is damaged and was moved aside"};
  {
    const TestServer server(with(control));
    EXPECT_EQ(server.call("GET", "/healthz").status, 200);
  }
  spdlog::set_default_logger(before);
  EXPECT_THAT(text.str(),
              HasSubstr("[warning] store: 2026-03-01.db is damaged and was moved aside"));
}

TEST(Trouble, WhatIsTooOldGoesBeforeTheFirstRequestAndNothingMeanwhile) {
  auto store = store::make_memory_store();
  store::Record old;
  old.project = *base::parse_uuid(kProject);
  old.exchange.start_ns = base::parse_rfc3339("2020-01-01T00:00:00Z").value();
  ASSERT_TRUE(store->append({{&old, 1}}));
  store::Record recent;  // what is in use has something of today, or its clock is in doubt
  recent.project = old.project;
  recent.identity[0] = 1;
  recent.exchange.start_ns = base::system_clock().now_ns();
  ASSERT_TRUE(store->append({{&recent, 1}}));
  ServerOptions options;
  options.store = std::move(store);
  const TestServer server(std::move(options));
  EXPECT_EQ(json_count(server.get("/api/v1/exchanges").body, {"data"}), 1u);
  ASSERT_EQ(server.publish({message("/old", R"("timestamp":"2020-01-01T00:00:00Z")")}).status, 200);
  EXPECT_EQ(json_count(server.get("/api/v1/exchanges").body, {"data"}), 2u);
}

TEST(DiskWatch, SaysWhyTheServerIsReadOnly) {
  Result<std::int64_t> free = limits::kDiskFreeBytesMin;
  DiskWatch watch([&free] { return free; });
  EXPECT_FALSE(watch.check());
  EXPECT_FALSE(watch.read_only());
  watch.is_full();
  EXPECT_THAT(*watch.read_only(), HasSubstr("full"));
  EXPECT_TRUE(watch.check());
  free = fail(ErrorCode::kIo, "the free space cannot be read");
  EXPECT_TRUE(watch.check());
  EXPECT_FALSE(watch.check());
  EXPECT_THAT(*watch.read_only(), HasSubstr("cannot be read"));
  EXPECT_GT(free_bytes_of("/")().value(), 0);
  EXPECT_FALSE(free_bytes_of("/no/such/place")());
}

TEST(Trouble, ARestartKeepsEverythingAndStillDropsDuplicates) {
  const TemporaryDirectory directory;
  std::filesystem::copy_file(founded_catalog(), directory.path() + "/catalog.db");
  const auto start = [&] {
    ServerOptions options;
    options.data_directory = directory.path();
    return std::make_unique<TestServer>(std::move(options));
  };
  const std::string one = message("/one");
  {
    const auto server = start();
    EXPECT_EQ(server->publish({one, "bad"}).status, 400);
  }
  const auto server = start();
  EXPECT_FALSE((*server)->founded());
  EXPECT_EQ(server->publish({one, message("/two")}).status, 200);
  EXPECT_EQ(json_count(server->get("/api/v1/exchanges").body, {"data"}), 2u);
  EXPECT_EQ(json_count(server->get("/api/v1/dead-letters").body, {"data"}), 1u);
}

TEST(Trouble, StoppingAnswersWhatIsInFlight) {
  const auto control = std::make_shared<FaultyStore::Control>();
  TestServer server(with(control));
  std::promise<void> release;  // after the server, which waits for it: first to go
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  net::RawClient client(server.port());
  ASSERT_TRUE(client.send(net::raw_request("POST", path, {}, publish_body({message("/a")}))));
  while (server.call("GET", "/metrics").body.find("{source=\"pubsub_rest\"} 1\n") ==
         std::string::npos) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { server->stop(); });
  // It is stopping once nobody else can come in.
  while (net::RawClient(server.port()).connected()) std::this_thread::yield();
  release.set_value();
  EXPECT_EQ(client.read()->status, 200);
  stopper.join();
}

TEST(Committer, FailsWhatComesAfterItsEnd) {
  const auto store = store::make_memory_store();
  Committer committer(*store, [](const auto&, std::size_t, std::size_t, double) {});
  committer.stop();
  Status told;
  committer.commit({{}, {}, [&told](const Status& status) { told = status; }});
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, ErrorCode::kUnavailable);
}

TEST(DataDirectory, IsMadeLockedAndTheOwnersAlone) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/a/b";
  {
    const auto first = DataDirectory::open(path);
    ASSERT_TRUE(first);
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0700u);
    const auto second = DataDirectory::open(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
    EXPECT_THAT(second.error().message, HasSubstr(path));
  }
  EXPECT_TRUE(DataDirectory::open(path));
  EXPECT_TRUE(DataDirectory::open(directory.path() + "/c/d/"));
  EXPECT_TRUE(DataDirectory::open(directory.path() + "/c/../e/./f"));
  std::ofstream(directory.path() + "/file") << "x";
  const auto blocked = DataDirectory::open(directory.path() + "/file/data");
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().message, HasSubstr("--data"));
  EXPECT_EQ(DataDirectory::open("").error().code, ErrorCode::kInvalidArgument);
}

TEST(DataDirectory, KeepsNotes) {
  const TemporaryDirectory directory;
  const auto data = DataDirectory::open(directory.path());
  ASSERT_TRUE(data);
  EXPECT_EQ(data->read_note("clock"), "");
  for (const char* text : {"a longer text\n", "text", ""}) {
    ASSERT_TRUE(data->write_note("clock", text));
    EXPECT_EQ(data->read_note("clock"), text);
  }
  EXPECT_FALSE(data->write_note("no/clock", "text"));
}

TEST(Trouble, APasswordThatNobodyChoseIsNotEnoughBeyondLoopback) {
  const TemporaryDirectory directory;
  const auto start = [&](bool allowed, std::optional<std::string> password) {
    ServerOptions options;
    options.data_directory = directory.path();
    options.http.port = 0;
    options.generated_password_allowed = allowed;
    options.wishes.password = std::move(password);
    return Server::start(std::move(options));
  };
  const auto refused = start(false, std::nullopt);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("APITOOLKIT_BOOTSTRAP_PASSWORD"));
  const auto local = start(true, std::nullopt);
  ASSERT_TRUE(local);
  ASSERT_TRUE((*local)->founded());
  EXPECT_TRUE((*local)->founded()->password);
}

}  // namespace
}  // namespace apitoolkit::server
