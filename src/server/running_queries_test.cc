// GET /api/v1/queries, while something is searched for.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "src/server/faulty_store.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

constexpr const char* kQueryId = "018f3b5e-7c1a-4abc-8def-0123456789ab";

class RunningQueriesRest : public testing::Test {
 protected:
  RunningQueriesRest() {
    const std::lock_guard lock(control_->mutex);
    control_->wait_to_scan = go_on_.get_future().share();
  }

  static std::string search() {
    return net::raw_request(
        "GET", "/api/v1/exchanges?query=host%20%3D%3D%20%22x%22&query_id=" + std::string(kQueryId),
        {"Authorization: Bearer " + std::string(kKey)});
  }

  // What is told once so many run; what is told last where it does not come to that.
  std::string when_running(std::size_t count) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    std::string told;
    do {
      told = server_.get("/api/v1/queries").body;
      if (json_count(told, {"data"}) == count) return told;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    } while (std::chrono::steady_clock::now() < deadline);
    ADD_FAILURE() << "waited for " << count << " to run: " << told;
    return told;
  }

  std::promise<void> go_on_;
  const std::shared_ptr<FaultyStore::Control> control_ = std::make_shared<FaultyStore::Control>();
  TestServer server_{with(control_)};
};

TEST_F(RunningQueriesRest, AreToldOfWithHowFarTheyHaveCome) {
  net::RawClient client(server_.port());
  ASSERT_TRUE(client.send(search()));
  const std::string told = when_running(1);
  EXPECT_EQ(json_at(told, {"data", "0", "query_id"}), kQueryId);
  EXPECT_EQ(json_at(told, {"data", "0", "scanned_exchanges"}),
            std::to_string(FaultyStore::kPassed));
  EXPECT_FALSE(json_at(told, {"data", "0", "elapsed_ms"}).empty());
  go_on_.set_value();
  const auto answer = client.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  when_running(0);
}

TEST_F(RunningQueriesRest, AreNotToldToAnotherProject) {
  const std::string other = server_.add_project("other");
  net::RawClient client(server_.port());
  ASSERT_TRUE(client.send(search()));
  when_running(1);
  EXPECT_EQ(json_at(server_.get("/api/v1/queries", other).body, {"data"}), "[]");
  go_on_.set_value();
  EXPECT_TRUE(client.read());
}

TEST_F(RunningQueriesRest, EndWhenNobodyWaitsForThem) {
  {
    net::RawClient client(server_.port());
    ASSERT_TRUE(client.send(search()));
    when_running(1);
  }
  when_running(0);  // though the store was never told to go on
}

TEST_F(RunningQueriesRest, HaveAUuidForAName) {
  EXPECT_EQ(server_.get("/api/v1/exchanges?query_id=mine").status, 400);
  const auto answer =
      server_.call("POST", "/api/v1/query",
                   {"Authorization: Bearer " + std::string(kKey), "Content-Type: application/json"},
                   R"({"query":"take 1","query_id":"mine"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(json_at(answer.body, {"pointer"}), "query_id");
}

}  // namespace
}  // namespace apitoolkit::server
