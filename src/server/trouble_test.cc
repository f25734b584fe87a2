// What happens when things go wrong: a full disk, a failing store, restarts, a second server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "src/server/committer.h"
#include "src/server/data_directory.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

// A memory store that can be told to fail, or to wait.
class FaultyStore final : public store::Store {
 public:
  struct Control {
    std::mutex mutex;
    std::optional<ErrorCode> failure;
    std::shared_future<void> wait;
    std::vector<std::size_t> appends;  // records of each
  };
  explicit FaultyStore(std::shared_ptr<Control> control) : control_(std::move(control)) {}

  Result<store::Appended> append(std::span<const store::Record> records,
                                 std::span<const store::DeadLetter> letters) override {
    std::shared_future<void> wait;
    {
      const std::lock_guard lock(control_->mutex);
      wait = control_->wait;
    }
    if (wait.valid()) wait.wait();
    const std::lock_guard lock(control_->mutex);
    control_->appends.push_back(records.size());
    if (control_->failure) return fail(*control_->failure, "the store was told to fail");
    return inner_->append(records, letters);
  }
  Result<store::Page> scan(const store::Filter& filter, std::optional<store::Position> after,
                           store::PageLimit limit) const override {
    return inner_->scan(filter, after, limit);
  }
  Result<std::optional<store::Record>> fetch(const Uuid& project, const Uuid& id) const override {
    return inner_->fetch(project, id);
  }
  Result<std::vector<store::DeadLetter>> dead_letters(const Uuid& project,
                                                      std::optional<std::int64_t> before,
                                                      int limit) const override {
    return inner_->dead_letters(project, before, limit);
  }
  Result<std::int64_t> prune(std::int64_t before_ns) override { return inner_->prune(before_ns); }
  Result<store::StoreStats> stats() const override { return inner_->stats(); }

 private:
  std::shared_ptr<Control> control_;
  std::unique_ptr<store::Store> inner_ = store::make_memory_store();
};

ServerOptions with(std::shared_ptr<FaultyStore::Control> control) {
  ServerOptions options;
  options.store = std::make_unique<FaultyStore>(std::move(control));
  return options;
}

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
  std::promise<void> release;
  const TestServer server(with(control));
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  net::RawClient client(server.port());
  ASSERT_TRUE(client.send(net::raw_request("POST", path, {}, publish_body({message("/a")}))));
  EXPECT_FALSE(client.read(false, 100));
  EXPECT_EQ(json_count(server.get("/api/v1/exchanges").body, {"data"}), 0u);
  release.set_value();
  EXPECT_EQ(client.read()->status, 200);
}

TEST(Trouble, RequestsThatComeMeanwhileShareOneTransaction) {
  const auto control = std::make_shared<FaultyStore::Control>();
  std::promise<void> release;
  const TestServer server(with(control));
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  std::vector<std::unique_ptr<net::RawClient>> clients;
  for (int i = 0; i < 20; i++) {
    clients.push_back(std::make_unique<net::RawClient>(server.port()));
    clients.back()->send(
        net::raw_request("POST", path, {}, publish_body({message("/a" + std::to_string(i))})));
  }
  // All of them have been decoded once their bytes are in the queue.
  while (server.call("GET", "/metrics")
             .body.find("messages_received_total{source=\"pubsub_rest\"} 20\n") ==
         std::string::npos) {
    std::this_thread::yield();
  }
  release.set_value();
  for (auto& client : clients) EXPECT_EQ(client->read()->status, 200);
  const std::lock_guard lock(control->mutex);
  EXPECT_LE(control->appends.size(), 20u);
  EXPECT_GE(*std::max_element(control->appends.begin(), control->appends.end()), 2u);
}

TEST(Trouble, AFullQueueMeans429AndDrainsAgain) {
  const auto control = std::make_shared<FaultyStore::Control>();
  std::promise<void> release;
  const TestServer server(with(control));
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
  EXPECT_EQ(server.publish({message("/after")}).status, 200);
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
  std::promise<void> release;
  TestServer server(with(control));
  const std::string path = server.publish_path();
  control->wait = release.get_future().share();
  net::RawClient client(server.port());
  ASSERT_TRUE(client.send(net::raw_request("POST", path, {}, publish_body({message("/a")}))));
  while (server.call("GET", "/metrics").body.find("{source=\"pubsub_rest\"} 1\n") ==
         std::string::npos) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { server->stop(); });
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
  std::ofstream(directory.path() + "/file") << "x";
  const auto blocked = DataDirectory::open(directory.path() + "/file/data");
  ASSERT_FALSE(blocked);
  EXPECT_THAT(blocked.error().message, HasSubstr("--data"));
  EXPECT_EQ(DataDirectory::open("").error().code, ErrorCode::kInvalidArgument);
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
