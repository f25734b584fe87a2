// The REST interface: lists, filters, cursors, rendering, and what it says about bad requests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "src/base/uuid.h"
#include "src/server/serve/exchange_json.h"
#include "src/server/serve/exchange_query.h"
#include "src/server/serve/routes.h"
#include "src/server/serve/running_queries.h"
#include "src/server/serve/tail_hub.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string exchange_id(int n) {
  std::string text = "018f3b5e-7c1a-7abc-8def-000000000000";
  const std::string digits = std::to_string(n);
  return text.replace(text.size() - digits.size(), digits.size(), digits);
}

std::string api_json() {
  std::ifstream in(APITOOLKIT_SOURCE_DIR "/wire/api.json");
  return (std::stringstream() << in.rdbuf()).str();
}

class Rest : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions chosen;
    chosen.store = store::make_memory_store();
    return chosen;
  }
  TestServer server_{options()};

  // Ids' last digits of what a list holds, in its order.
  std::vector<std::string> listed(const std::string& query) {
    const auto answer = server_.get("/api/v1/exchanges" + query);
    EXPECT_EQ(answer.status, 200) << query << answer.body;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < json_count(answer.body, {"data"}); i++) {
      const std::string id = json_at(answer.body, {"data", std::to_string(i), "id"});
      ids.push_back(id.substr(id.find_last_not_of("0123456789") + 1).substr(11));
    }
    return ids;
  }

  std::string only(const std::string& members) {
    EXPECT_EQ(server_.publish({message("/only", members)}).status, 200);
    return json_at(server_.get("/api/v1/exchanges?url_path=/only").body, {"data", "0"});
  }
};

TEST_F(Rest, ListsNewestFirstAndFilters) {
  const auto one = [](int n, const std::string& time, const std::string& more) {
    return message("/p" + std::to_string(n % 2),
                   R"("msg_id":")" + exchange_id(n) + R"(","timestamp":")" + time + R"(",)" + more);
  };
  ASSERT_EQ(server_
                .publish({one(1, "2026-03-01T10:00:00Z", R"("status_code":200)"),
                          one(2, "2026-03-01T11:00:00Z", R"("status_code":404,"method":"post")"),
                          one(3, "2026-03-01T12:00:00Z", R"("status_code":500)"),
                          one(4, "2026-03-01T13:00:00Z",
                              R"("status_code":503,"sdk_type":"JsOutgoing","parent_id":")" +
                                  exchange_id(1) + "\"")})
                .status,
            200);
  EXPECT_THAT(listed(""), ElementsAre("4", "3", "2", "1"));
  EXPECT_THAT(listed("?status=404"), ElementsAre("2"));
  EXPECT_THAT(listed("?status_code=5xx"), ElementsAre("4", "3"));
  EXPECT_THAT(listed("?method=POST"), ElementsAre("2"));
  EXPECT_THAT(listed("?method=post"), ElementsAre("2"));
  EXPECT_THAT(listed("?url_path=/p1"), ElementsAre("3", "1"));
  EXPECT_THAT(listed("?url_path=%2Fp1&status=5xx"), ElementsAre("3"));
  EXPECT_THAT(listed("?kind=outgoing"), ElementsAre("4"));
  EXPECT_THAT(listed("?request_type=incoming"), ElementsAre("3", "2", "1"));
  EXPECT_THAT(listed("?parent_id=" + exchange_id(1)), ElementsAre("4"));
  EXPECT_THAT(listed("?since=2026-03-01T11:00:00Z&until=2026-03-01T13:00:00Z"),
              ElementsAre("3", "2"));
  EXPECT_THAT(listed("?since=2026-03-01T11:00:00%2B00:00&limit=1"), ElementsAre("4"));
  EXPECT_THAT(listed("?until=2026-03-01T09:00:00Z"), IsEmpty());

  const auto children = server_.get("/api/v1/exchanges/" + exchange_id(1) + "/children");
  EXPECT_EQ(children.status, 200);
  EXPECT_EQ(json_at(children.body, {"data", "0", "id"}), exchange_id(4));
  EXPECT_EQ(json_count(children.body, {"data"}), 1u);
  EXPECT_EQ(server_.get("/api/v1/exchanges/" + exchange_id(9) + "/children").status, 404);
  EXPECT_EQ(server_.get("/api/v1/exchanges/" + exchange_id(9)).status, 404);
  EXPECT_EQ(server_.get("/api/v1/exchanges/nonsense").status, 404);
}

// Control characters take six times their size in JSON.
TEST_F(Rest, EndsAPageOnceItsTextIsLarge) {
  const std::string body = base::base64_encode(std::string(5'700'000, '\x01'));
  for (int n = 1; n <= 3; n++) {
    ASSERT_EQ(server_
                  .publish({message("/large", R"("msg_id":")" + exchange_id(n) +
                                                  R"(","response_body":")" + body + "\"")})
                  .status,
              200);
  }
  std::vector<std::string> ids;
  std::string cursor;
  int pages = 0;
  do {
    const auto answer =
        server_.get("/api/v1/exchanges" + (cursor.empty() ? "" : "?cursor=" + cursor));
    ASSERT_EQ(answer.status, 200);
    EXPECT_LT(answer.body.size(), 2u * limits::kPageBytesMax);
    EXPECT_EQ(json_count(answer.body, {"data"}), pages < 3 ? 1u : 0u);
    ids.push_back(json_at(answer.body, {"data", "0", "id"}));
    cursor = json_at(answer.body, {"next_cursor"});
    pages++;
  } while (cursor != "null" && pages < 5);
  EXPECT_THAT(ids, ElementsAre(exchange_id(3), exchange_id(2), exchange_id(1)));
}

TEST_F(Rest, PagesThroughEverythingOnce) {
  std::vector<std::string> batch;
  for (int i = 0; i < 57; i++) batch.push_back(message("/" + std::to_string(i)));
  ASSERT_EQ(server_.publish(batch).status, 200);
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto answer = server_.get("/api/v1/exchanges?limit=10&fields=url_path" +
                                    (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(answer.status, 200);
    for (std::size_t i = 0; i < json_count(answer.body, {"data"}); i++) {
      const std::string path = json_at(answer.body, {"data", std::to_string(i), "url_path"});
      EXPECT_TRUE(seen.insert(path).second) << path;
    }
    cursor = json_at(answer.body, {"next_cursor"});
    pages++;
  } while (cursor != "null");
  EXPECT_EQ(seen.size(), 57u);
  EXPECT_EQ(pages, 6);
}

TEST_F(Rest, PagesThroughDeadLetters) {
  std::vector<std::string> batch;
  for (int i = 0; i < 11; i++) batch.push_back("bad " + std::to_string(i));
  ASSERT_EQ(server_.publish(batch).status, 400);
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const auto answer =
        server_.get("/api/v1/dead-letters?limit=5" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(answer.status, 200) << answer.body;
    for (std::size_t i = 0; i < json_count(answer.body, {"data"}); i++) {
      seen.push_back(
          *base::base64_decode(json_at(answer.body, {"data", std::to_string(i), "bytes"})));
    }
    cursor = json_at(answer.body, {"next_cursor"});
  } while (cursor != "null");
  EXPECT_EQ(seen.size(), 11u);
  EXPECT_EQ(seen.front(), "bad 10");
  EXPECT_EQ(seen.back(), "bad 0");
}

TEST_F(Rest, GivesOnlyTheFieldsAskedFor) {
  ASSERT_EQ(server_.publish({message("/a")}).status, 200);
  EXPECT_EQ(server_.get("/api/v1/exchanges?fields=status_code,url_path,status_code").body,
            R"({"data":[{"status_code":200,"url_path":"/a"}],"next_cursor":null})");
}

TEST_F(Rest, ExplainsBadParametersWithAPointer) {
  struct Case {
    const char* query;
    const char* pointer;
  };
  for (const Case& c : {Case{"?statuss=1", "statuss"},
                        {"?status=abc", "status"},
                        {"?status=0xx", "status"},
                        {"?status=5x", "status"},
                        {"?status=-1", "status"},
                        {"?status_code=1000", "status_code"},
                        {"?status=", "status"},
                        {"?status=404&status_code=405", "status_code"},
                        {"?since=yesterday", "since"},
                        {"?since=-", "since"},
                        {"?since=-5", "since"},
                        {"?since=-5y", "since"},
                        {"?since=-99999999999999999999d", "since"},
                        {"?until=2026-13-01T00:00:00Z", "until"},
                        {"?kind=both", "kind"},
                        {"?request_type=", "request_type"},
                        {"?method=", "method"},
                        {"?parent_id=7", "parent_id"},
                        {"?limit=0", "limit"},
                        {"?limit=1001", "limit"},
                        {"?limit=ten", "limit"},
                        {"?limit=5&limit=6", "limit"},
                        {"?cursor=AAAA", "cursor"},
                        {"?cursor=*", "cursor"},
                        {"?fields=", "fields"},
                        {"?fields=id,nothing", "fields"}}) {
    const auto answer = server_.get(std::string("/api/v1/exchanges") + c.query);
    EXPECT_EQ(answer.status, 400) << c.query;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << c.query;
    EXPECT_EQ(json_at(answer.body, {"status"}), "400");
    EXPECT_FALSE(json_at(answer.body, {"detail"}).empty());
  }
  const std::string child = "/api/v1/exchanges/" + exchange_id(1) + "/children?status=200";
  EXPECT_EQ(json_at(server_.get(child).body, {"pointer"}), "status");
  EXPECT_EQ(json_at(server_.get("/api/v1/dead-letters?fields=id").body, {"pointer"}), "fields");
}

TEST_F(Rest, ReadsRelativeTimes) {
  constexpr std::int64_t kNow = 1'700'000'000'000'000'000;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::pair<const char*, std::int64_t> cases[] = {
      {"now", 0},       {"-1s", 1},       {"-30m", 1800},      {"-1h", 3600},
      {"-7d", 604'800}, {"-1w", 604'800}, {"-1d2h30m", 95'400}};
  for (const auto& [text, seconds] : cases) {
    EXPECT_EQ(serve::parse_time(text, kNow), kNow - seconds * kSecond) << text;
  }
}

TEST_F(Rest, ShowsBodiesAsJsonWhereTheyAreJson) {
  const auto body = [](const std::string& bytes) {
    return R"("response_body":")" + base::base64_encode(bytes) + "\"";
  };
  struct Case {
    std::string bytes;
    std::string shown;
  };
  int n = 0;
  for (const Case& c : {Case{R"({"a":[1,2.50,1e400],"a":2})", R"({"a":[1,2.50,1e400],"a":2})"},
                        {"\xef\xbb\xbf[1]", "[1]"},
                        {" 7 ", "7"},
                        {"plain text", R"("plain text")"},
                        {"{broken", R"("{broken")"},
                        {"tab\t\"quote\"", R"("tab\t\"quote\"")"},
                        {"", "null"}}) {
    const std::string path = "/body" + std::to_string(n++);
    ASSERT_EQ(server_.publish({message(path, body(c.bytes))}).status, 200);
    EXPECT_EQ(server_.get("/api/v1/exchanges?fields=response_body&url_path=" + path).body,
              R"({"data":[{"response_body":)" + c.shown + R"(}],"next_cursor":null})");
  }
}

TEST_F(Rest, ShowsOneValuePlainAndSeveralAsAList) {
  const std::string shown = only(
      R"("request_headers":{"Accept":["a","b"],"Host":["h"],"X":"1"},"query_params":{"q":["1","2"],"r":"3"},)"
      R"("path_params":{"id":7,"name":"n"},"tags":["","eu"])");
  EXPECT_EQ(json_at(shown, {"request_headers"}), R"({"Accept":["a","b"],"Host":"h","X":"1"})");
  EXPECT_EQ(json_at(shown, {"query_params"}), R"({"q":["1","2"],"r":"3"})");
  EXPECT_EQ(json_at(shown, {"path_params"}), R"({"id":7,"name":"n"})");
  EXPECT_EQ(json_at(shown, {"tags"}), R"(["eu"])");
}

TEST_F(Rest, ShowsErrorsWithWhateverElseTheSenderHad) {
  const std::string shown =
      only(R"("errors":[{"when":"2026-03-01T10:00:00Z","error_type":"ValueError","message":"no",)"
           R"("technology":"python","hash":"abc"}])");
  EXPECT_EQ(json_at(shown, {"errors", "0", "error_type"}), "ValueError");
  EXPECT_EQ(json_at(shown, {"errors", "0", "when"}), "2026-03-01T10:00:00.000000+00:00");
  EXPECT_EQ(json_at(shown, {"errors", "0", "technology"}), "python");
  EXPECT_EQ(json_at(shown, {"errors", "0", "stack_trace"}), "");
}

TEST_F(Rest, TheDescriptionListsExactlyTheRoutesThatThereAre) {
  const auto store = store::make_memory_store();
  base::WorkerPool pool(1, 1);
  serve::TailHub tail(*store, base::system_clock(), pool);
  serve::RunningQueries queries;
  const redaction::RuleUptake uptake;
  net::Router router;
  serve::add_routes(router, {server_->accounts(),
                             *store,
                             base::system_clock(),
                             pool,
                             pool,
                             pool,
                             {},
                             {},
                             tail,
                             queries,
                             uptake});
  std::set<std::string> routed;
  for (const auto& route : router.routes()) {
    if (!route.pattern.starts_with("/api/v1/") && !route.pattern.starts_with("/share/")) continue;
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    routed.insert(method + " " + route.pattern);
  }
  const std::string paths = json_at(api_json(), {"paths"});
  const auto document = json::Document::parse(paths);
  std::set<std::string> described;
  std::uint32_t path = 1;
  for (std::uint32_t i = 0; i < (*document)[0].count; i++) {
    std::uint32_t method = path + 2;
    for (std::uint32_t k = 0; k < (*document)[path + 1].count; k++) {
      described.insert(document->text(method) + " " + document->text(path));
      method = (*document)[method + 1].next;
    }
    path = (*document)[path + 1].next;
  }
  EXPECT_EQ(routed, described);
}

TEST_F(Rest, TheDescriptionListsExactlyTheFieldsThatThereAre) {
  const std::string api = api_json();
  const auto document = json::Document::parse(api);
  ASSERT_TRUE(document);
  const std::string properties = json_at(api, {"components", "schemas", "Exchange", "properties"});
  for (const std::string_view field : serve::exchange_fields()) {
    EXPECT_FALSE(json_at(properties, {std::string(field)}).empty()) << field;
  }
  const auto described = json::Document::parse(properties);
  EXPECT_EQ((*described)[0].count, serve::exchange_fields().size());
  const auto served = server_.get("/api/v1/openapi.json");
  EXPECT_EQ(served.body, api);
}

TEST_F(Rest, AnswersWhatIsNotThereInTheShapeOfThePath) {
  for (const char* path : {"/api", "/api/", "/api/x", "/api/v1", "/api/v1/nothing"}) {
    const auto api = server_.get(path);
    EXPECT_EQ(api.status, 404) << path;
    EXPECT_EQ(api.header("Content-Type"), "application/problem+json") << path;
  }
  const auto pubsub = server_.call("POST", "/v1/projects/p/topics/t:pull", {}, "{}");
  EXPECT_EQ(pubsub.status, 404);
  EXPECT_EQ(json_at(pubsub.body, {"error", "status"}), "NOT_FOUND");
  const auto wrong = server_.call("DELETE", "/api/v1/exchanges");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD");
  EXPECT_EQ(server_.call("PUT", "/v1/projects/p/topics/t:publish").header("Allow"), "POST");
  const auto metadata = server_.call("POST", "/api/client_metadata", {}, "x");
  EXPECT_EQ(metadata.status, 405);
  EXPECT_EQ(metadata.body, "");
  EXPECT_EQ(server_.call("POST", "/somewhere", {}, "x").status, 404);
  EXPECT_EQ(server_.call("HEAD", "/healthz").status, 200);
}

TEST_F(Rest, HealthMetricsAndStatsTellTheState) {
  ASSERT_EQ(server_.publish({message("/a"), "bad"}).status, 400);
  EXPECT_EQ(server_.call("GET", "/healthz").body, "ok\n");
  const std::string metrics = server_.call("GET", "/metrics").body;
  for (const char* line :
       {"apitoolkit_exchanges_stored_total 1\n", "apitoolkit_exchanges_duplicate_total 0\n",
        "apitoolkit_dead_letters_total 1\n", "apitoolkit_ingest_queue_bytes 0\n",
        "apitoolkit_messages_received_total{source=\"pubsub_rest\"} 2\n",
        "apitoolkit_read_only 0\n", "apitoolkit_commit_seconds_count 1\n"}) {
    EXPECT_THAT(metrics, HasSubstr(line));
  }
  const std::string stats = server_.get("/api/v1/stats").body;
  EXPECT_EQ(json_at(stats, {"exchanges"}), "1");
  EXPECT_EQ(json_at(stats, {"dead_letters"}), "1");
  EXPECT_EQ(json_at(stats, {"read_only"}), "null");
}

TEST_F(Rest, ThePageForbidsWhatAPageCouldDoWrong) {
  for (const char* path : {"/", "/requests", "/requests/018f3b5e-7c1a-7abc-8def-000000000001"}) {
    const auto page = server_.call("GET", path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
    EXPECT_THAT(page.header("Content-Security-Policy"), testing::Not(HasSubstr("unsafe")));
    EXPECT_EQ(page.header("X-Content-Type-Options"), "nosniff");
  }
}

// The dashboard's own tests run under these headers, so what they prove holds here too.
TEST_F(Rest, ThePageHasTheHeadersThatTheDashboardIsTestedWith) {
  std::ifstream in(APITOOLKIT_SOURCE_DIR "/dashboard/tests/page_headers.json");
  const std::string expected = (std::stringstream() << in.rdbuf()).str();
  const auto document = json::Document::parse(expected);
  ASSERT_TRUE(document);
  const auto page = server_.call("GET", "/");
  ASSERT_EQ((*document)[0].count, 4u);
  for (std::uint32_t name = 1; name < document->nodes().size(); name += 2) {
    EXPECT_EQ(page.header(document->text(name)), document->text(name + 1)) << document->text(name);
  }
}

TEST_F(Rest, MetadataHasFourKeysAndAFifthForOurOwnSdk) {
  for (const std::string& authorization : {std::string("Bearer ") + kKey, std::string(kKey)}) {
    const auto answer =
        server_.call("GET", "/api/client_metadata", {"Authorization: " + authorization});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("Content-Type"), "application/json;charset=utf-8");
    const auto document = json::Document::parse(answer.body);
    EXPECT_EQ((*document)[0].count, 4u);
    EXPECT_EQ(json_at(answer.body, {"project_id"}), kProject);
    EXPECT_EQ(json_at(answer.body, {"pubsub_push_service_account", "project_id"}),
              json_at(answer.body, {"pubsub_project_id"}));
  }
  const auto ours =
      server_.call("GET", "/api/client_metadata",
                   {"Authorization: Bearer " + std::string(kKey), "X-APIToolkit-SDK: f/1"});
  EXPECT_EQ(json_at(ours.body, {"apitoolkit", "pubsub_endpoint"}), "http://test");
  EXPECT_EQ(json_at(ours.body, {"apitoolkit", "refresh_s"}), "60");
  const auto again =
      server_.call("GET", "/api/client_metadata",
                   {"Authorization: Bearer " + std::string(kKey), "X-APIToolkit-SDK: f/1",
                    "If-None-Match: " + ours.header("ETag")});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
}

}  // namespace
}  // namespace apitoolkit::server
