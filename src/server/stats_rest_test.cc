// GET /api/v1/stats: what everybody sees of the own project, and owners of the whole server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

constexpr std::int64_t kFreeBytes = std::int64_t{5} << 30;

class StatsRest : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions chosen;
    chosen.store = store::make_memory_store();
    chosen.retention = {4000, 1'000'000'000, 2'000'000};
    chosen.free_bytes = [] { return kFreeBytes; };
    return chosen;
  }

  std::string seen_by(const std::string& user) {
    const auto made = server_->accounts().log_in(user, kPassword, "test");
    EXPECT_TRUE(made) << made.error().message;
    return server_.call("GET", "/api/v1/stats", {"Cookie: apitoolkit_session=" + made->token}).body;
  }

  TestServer server_{options()};
};

TEST_F(StatsRest, OwnersSeeHowIngestGoes) {
  const std::string quiet = seen_by("owner");
  EXPECT_EQ(json_at(quiet, {"server", "ingest", "stored"}), "0");
  EXPECT_EQ(json_at(quiet, {"server", "ingest", "commit_mean_ms"}), "null");
  EXPECT_EQ(json_at(quiet, {"server", "ingest", "commit_p99_ms"}), "null");

  const std::string once = message("/a", R"("msg_id":"018f3b5e-7c1a-7abc-8def-000000000001")");
  // What can be read of it is stored.
  ASSERT_EQ(server_.publish({once, message("/b"), "not JSON"}).status, 400);
  ASSERT_EQ(server_.publish({once}).status, 200);
  ASSERT_EQ(server_.publish({}).status, 400);
  ASSERT_EQ(server_.publish({message("/c")}, {"Authorization: Bearer wrong"}).status, 401);

  const std::string ingest = json_at(seen_by("owner"), {"server", "ingest"});
  EXPECT_EQ(json_at(ingest, {"received"}), "4");
  EXPECT_EQ(json_at(ingest, {"stored"}), "2");
  EXPECT_EQ(json_at(ingest, {"duplicates"}), "1");
  EXPECT_EQ(json_at(ingest, {"dead_letters"}), "1");
  EXPECT_EQ(json_at(ingest, {"refused"}), "2");
  EXPECT_EQ(json_at(ingest, {"commits"}), "2");
  EXPECT_EQ(json_at(ingest, {"commit_errors"}), "0");
  EXPECT_GT(std::stod(json_at(ingest, {"commit_mean_ms"})), 0);
  EXPECT_GT(std::stod(json_at(ingest, {"commit_p99_ms"})), 0);
  EXPECT_EQ(json_at(ingest, {"queue_bytes_max"}), std::to_string(limits::kIngestQueueBytesMax));
  ASSERT_EQ(json_count(ingest, {"doors"}), 1u);
  EXPECT_EQ(json_at(ingest, {"doors", "0"}),
            R"({"source":"pubsub_rest","received":4,"dropped":0,"refused":2,)"
            R"("refused_by_reason":{"invalid_argument":1,"unauthenticated":1}})");
}

TEST_F(StatsRest, OwnersSeeWhatTheDiskHolds) {
  ASSERT_EQ(server_.publish({message("/a", R"("timestamp":"2026-03-01T10:00:00Z")"), message("/b")})
                .status,
            200);
  const std::string disk = json_at(seen_by("owner"), {"server", "disk"});
  EXPECT_EQ(json_at(disk, {"exchanges"}), "2");
  EXPECT_GT(std::stoll(json_at(disk, {"bytes"})), 0);
  EXPECT_EQ(json_at(disk, {"free_bytes"}), std::to_string(kFreeBytes));
  EXPECT_EQ(json_at(disk, {"free_bytes_min"}), std::to_string(limits::kDiskFreeBytesMin));
  ASSERT_EQ(json_count(disk, {"days"}), 2u);
  EXPECT_EQ(json_at(disk, {"days", "0", "day"}), "2026-03-01");
  EXPECT_EQ(json_at(disk, {"days", "0", "exchanges"}), "1");
  EXPECT_GT(std::stoll(json_at(disk, {"days", "0", "bytes"})), 0);
}

TEST_F(StatsRest, EverybodySeesHowLongExchangesStay) {
  EXPECT_EQ(json_at(server_.get("/api/v1/stats").body, {"retention"}),
            R"({"days":4000,"bytes":1000000000,"free_bytes":2000000})");
}

TEST_F(StatsRest, WhoIsNoOwnerSeesNothingOfOthers) {
  const std::string other = server_.add_project("other");
  account::User admin;
  admin.name = "admin of the first";
  admin.memberships[server_->accounts().find_key(kKey)->project->id] = account::Role::kAdmin;
  ASSERT_TRUE(server_->accounts().add_user(admin, kPassword, {}));
  ASSERT_EQ(server_.publish({message("/a")}).status, 200);
  EXPECT_EQ(json_at(seen_by(admin.name), {"exchanges"}), "1");
  for (const std::string& answer : {seen_by(admin.name), server_.get("/api/v1/stats").body,
                                    server_.get("/api/v1/stats", other).body}) {
    EXPECT_EQ(json_at(answer, {"server"}), "null");
  }
}

}  // namespace
}  // namespace apitoolkit::server
