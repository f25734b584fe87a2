// GET /api/v1/overview.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/server/serve/overview_range.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMinuteNs = 60'000'000'000;

std::int64_t at(std::string_view rfc3339) {
  return *base::parse_rfc3339(rfc3339);
}

TEST(OverviewRange, IsSnappedOutwardToBucketsThatFollowFromItsLength) {
  struct Case {
    const char* query;
    const char* since;
    const char* until;
    std::int64_t minutes;
  };
  const std::int64_t now_ns = at("2026-03-04T10:20:30Z");
  for (const Case& c :
       {Case{"", "2026-03-04T09:20:00Z", "2026-03-04T10:21:00Z", 1},
        {"since=-15m", "2026-03-04T10:05:00Z", "2026-03-04T10:21:00Z", 1},
        {"since=-6h", "2026-03-04T04:20:00Z", "2026-03-04T10:21:00Z", 1},
        {"since=-7h", "2026-03-04T03:20:00Z", "2026-03-04T10:25:00Z", 5},
        {"since=-24h", "2026-03-03T10:20:00Z", "2026-03-04T10:30:00Z", 10},
        {"since=-3d", "2026-03-01T10:00:00Z", "2026-03-04T11:00:00Z", 60},
        {"since=-14d", "2026-02-18T06:00:00Z", "2026-03-04T12:00:00Z", 360},
        {"since=-60d", "2026-01-03T00:00:00Z", "2026-03-05T00:00:00Z", 1440},
        {"since=2026-03-04T08:00:00Z&until=2026-03-04T09:00:00Z", "2026-03-04T08:00:00Z",
         "2026-03-04T09:00:00Z", 1},
        {"until=2026-03-04T09:00:00.5Z", "2026-03-04T08:00:00Z", "2026-03-04T09:01:00Z", 1}}) {
    const auto range = serve::parse_overview_range(c.query, now_ns);
    ASSERT_TRUE(range) << c.query;
    EXPECT_EQ(base::format_rfc3339(range->since_ns), base::format_rfc3339(at(c.since))) << c.query;
    EXPECT_EQ(base::format_rfc3339(range->until_ns), base::format_rfc3339(at(c.until))) << c.query;
    EXPECT_EQ(range->bucket_ns, c.minutes * kMinuteNs) << c.query;
    EXPECT_TRUE(store::check(*range)) << c.query;
    const auto before = serve::period_before(*range);
    EXPECT_TRUE(store::check(before)) << c.query;
    EXPECT_EQ(before.until_ns, range->since_ns);
    EXPECT_EQ(before.until_ns - before.since_ns, range->until_ns - range->since_ns);
  }
}

class OverviewRest : public testing::Test {
 protected:
  // In the middle of a minute that is over.
  std::string message_at(std::int64_t minutes_ago, std::string_view path,
                         std::string_view members) const {
    const std::int64_t ns = now_ns_ - now_ns_ % kMinuteNs - minutes_ago * kMinuteNs + 7;
    return message(path,
                   R"("timestamp":")" + base::format_rfc3339(ns) + R"(",)" + std::string(members));
  }
  std::string ask(std::string_view parameters = "", std::string_view key = kKey) const {
    const auto answer = server_.get("/api/v1/overview" + std::string(parameters), key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  // The figure of the only bucket that has any requests.
  static std::string in_bucket(const std::string& body, const std::string& member) {
    for (std::size_t i = 0; i < json_count(body, {"buckets"}); ++i) {
      if (json_at(body, {"buckets", std::to_string(i), "requests"}) == "0") continue;
      return json_at(body, {"buckets", std::to_string(i), member});
    }
    return "none";
  }

  const std::int64_t now_ns_ = base::system_clock().now_ns();
  TestServer server_;
};

TEST_F(OverviewRest, CountsAPeriodAndTheOneBefore) {
  server_.publish({message_at(5, "/a", R"("status_code":200,"duration":2000000,"host":"h")"),
                   message_at(5, "/a", R"("status_code":404,"duration":4000000,"host":"h")"),
                   message_at(5, "/a", R"("status_code":500,"duration":30000000,"host":"h")"),
                   message_at(5, "/b", R"("status_code":503,"duration":8000000,"method":"POST")"),
                   message_at(90, "/a", R"("status_code":200,"duration":1000000,"host":"h")")});
  const std::string body = ask();
  EXPECT_EQ(json_at(body, {"resolution_s"}), "60");
  EXPECT_EQ(json_at(body, {"source"}), "rollups");
  EXPECT_EQ(json_at(body, {"unreadable"}), "0");
  EXPECT_EQ(json_at(body, {"totals", "requests"}), "4");
  EXPECT_EQ(json_at(body, {"totals", "client_errors"}), "1");
  EXPECT_EQ(json_at(body, {"totals", "server_errors"}), "2");
  EXPECT_EQ(json_at(body, {"totals", "error_rate"}), "0.5");
  EXPECT_EQ(json_at(body, {"totals", "p50_ms"}), "4");
  EXPECT_EQ(json_at(body, {"totals", "p99_ms"}), "30");
  EXPECT_EQ(json_at(body, {"totals", "endpoints"}), "2");
  EXPECT_EQ(json_at(body, {"before", "requests"}), "1");
  EXPECT_EQ(json_at(body, {"before", "error_rate"}), "0");
  EXPECT_EQ(in_bucket(body, "requests"), "4");
  EXPECT_EQ(in_bucket(body, "2xx"), "1");
  EXPECT_EQ(in_bucket(body, "4xx"), "1");
  EXPECT_EQ(in_bucket(body, "5xx"), "2");
  EXPECT_EQ(in_bucket(body, "none"), "0");
  EXPECT_EQ(in_bucket(body, "p95_ms"), "30");
  ASSERT_EQ(json_count(body, {"endpoints"}), 2u);
  EXPECT_EQ(json_at(body, {"endpoints", "0", "path"}), "/a");
  EXPECT_EQ(json_at(body, {"endpoints", "0", "host"}), "h");
  EXPECT_EQ(json_at(body, {"endpoints", "0", "requests"}), "3");
  EXPECT_EQ(json_at(body, {"endpoints", "0", "requests_before"}), "1");
  EXPECT_EQ(json_at(body, {"endpoints", "1", "method"}), "POST");
  EXPECT_EQ(json_at(body, {"endpoints", "1", "p95_ms"}), "8");
  EXPECT_EQ(json_at(body, {"latency", "bounds_ms"}), "[2,3,5,7.5,10,15,20,30]");
  EXPECT_EQ(json_count(body, {"latency", "counts"}), json_count(body, {"buckets"}));
  EXPECT_THAT(json_at(body, {"latency", "counts"}), HasSubstr("[1,0,1,0,1,0,0,1]"));
}

TEST_F(OverviewRest, NarrowsToAnEndpointAndToOutgoingCalls) {
  server_.publish({message_at(5, "/a", R"("status_code":200)"),
                   message_at(5, "/b", R"("status_code":200,"method":"POST")"),
                   message_at(5, "/c", R"("status_code":201,"sdk_type":"JsExpressOutgoing")")});
  EXPECT_EQ(json_at(ask("?path=/b"), {"totals", "requests"}), "1");
  EXPECT_EQ(json_at(ask("?method=GET"), {"totals", "requests"}), "1");
  EXPECT_EQ(json_at(ask("?method=GET&path=/b"), {"totals", "requests"}), "0");
  EXPECT_EQ(json_at(ask("?host=nobody"), {"totals", "error_rate"}), "null");
  EXPECT_EQ(json_at(ask("?type=outgoing"), {"endpoints", "0", "path"}), "/c");
  EXPECT_EQ(json_at(ask("?type=incoming"), {"totals", "requests"}), "2");
}

TEST_F(OverviewRest, ShowsNothingAsNothing) {
  const std::string body = ask("?since=-6h");
  EXPECT_EQ(json_at(body, {"totals", "requests"}), "0");
  EXPECT_EQ(json_at(body, {"totals", "p50_ms"}), "null");
  EXPECT_GE(json_count(body, {"buckets"}), 360u);
  EXPECT_EQ(json_at(body, {"buckets", "17", "p99_ms"}), "null");
  EXPECT_EQ(json_at(body, {"endpoints"}), "[]");
  EXPECT_EQ(json_at(body, {"latency", "bounds_ms"}), "[]");
}

TEST_F(OverviewRest, AProjectIsAWall) {
  server_.publish({message_at(5, "/a", R"("status_code":200)")});
  const std::string other = server_.add_project("other");
  const std::string body = ask("", other);
  EXPECT_EQ(json_at(body, {"totals", "requests"}), "0");
  EXPECT_EQ(json_at(body, {"endpoints"}), "[]");
}

TEST_F(OverviewRest, RefusesWhatIsNoPeriod) {
  struct Case {
    const char* query;
    const char* pointer;
  };
  for (const Case& c : {Case{"?since=yesterday", "since"},
                        {"?until=", "until"},
                        {"?since=now", "until"},
                        {"?since=-1h&until=-2h", "until"},
                        {"?since=-1h&since=-2h", "since"},
                        {"?since=1990-01-01T00:00:00Z", "since"},
                        {"?since=1677-09-22T00:00:00Z", "since"},
                        {"?until=2262-04-11T00:00:00Z", "until"},
                        {"?type=Incoming", "type"},
                        {"?type=", "type"},
                        {"?endpoint=/a", "endpoint"},
                        {"?limit=5", "limit"}}) {
    const auto answer = server_.get(std::string("/api/v1/overview") + c.query);
    EXPECT_EQ(answer.status, 400) << c.query << answer.body;
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << c.query;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  }
  // The last time that there is room for.
  EXPECT_EQ(
      server_.get("/api/v1/overview?until=2100-01-01T00:00:00Z&since=2099-12-31T00:00:00Z").status,
      200);
}

}  // namespace
}  // namespace apitoolkit::server
