// POST /api/v1/query, and conditions on the live tail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/server/serve/exchange_json.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

class QueryRest : public testing::Test {
 protected:
  QueryRest() {
    server_.publish({message("/a", R"("status_code":200,"duration":1000000)"),
                     message("/b", R"("status_code":500,"duration":3000000)"),
                     message("/b", R"("status_code":404,"duration":5000000)")});
  }

  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }

  net::RawAnswer ask(const std::string& body, std::string_view key = kKey) {
    return server_.call(
        "POST", "/api/v1/query",
        {"Authorization: Bearer " + std::string(key), "Content-Type: application/json"}, body);
  }

  TestServer server_{in_memory()};
};

TEST_F(QueryRest, AnswersAPipelineWithColumnsRowsAndWhatItCost) {
  const auto answer = ask(
      R"({"query":"summarize n = count(), slowest = max(duration) by url_path | sort by n desc"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json_at(answer.body, {"rows"}), R"([["/b",2,5000000],["/a",1,1000000]])");
  EXPECT_EQ(json_at(answer.body, {"columns", "2"}), R"({"name":"slowest","type":"duration"})");
  EXPECT_EQ(json_at(answer.body, {"stats", "scanned_exchanges"}), "3");
  EXPECT_EQ(json_at(answer.body, {"stats", "truncated"}), "false");
}

TEST_F(QueryRest, KeepsToTheLimitAndToTheTime) {
  const auto one = ask(R"({"query":"project url_path","limit":1})");
  EXPECT_EQ(json_count(one.body, {"rows"}), 1u);
  EXPECT_EQ(json_at(one.body, {"stats", "truncated"}), "true");
  const auto none = ask(R"({"query":"project url_path","until":"-1h"})");
  EXPECT_EQ(json_count(none.body, {"rows"}), 0u);
}

TEST_F(QueryRest, SaysWhereAQueryIsWrong) {
  const auto answer = ask(R"({"query":"where staus_code == 200"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(json_at(answer.body, {"pointer"}), "query");
  EXPECT_EQ(json_at(answer.body, {"position"}), "6");
  EXPECT_EQ(json_at(answer.body, {"width"}), "10");
  EXPECT_EQ(json_at(answer.body, {"suggestion"}), "status_code");
  EXPECT_THAT(json_at(answer.body, {"at"}), HasSubstr("^^^^^^^^^^"));
}

TEST_F(QueryRest, RefusesWhatIsNoQuestion) {
  struct Case {
    const char* body;
    const char* pointer;
  };
  for (const Case& c : {Case{"{}", "query"},
                        {R"({"query":7})", "query"},
                        {R"+({"query":"count()"})+", "query"},
                        {R"({"query":"take 1","limit":0})", "limit"},
                        {R"({"query":"take 1","limit":10001})", "limit"},
                        {R"({"query":"take 1","since":"yesterday"})", "since"},
                        {R"({"query":"take 1","order":"asc"})", "order"}}) {
    const auto answer = ask(c.body);
    EXPECT_EQ(answer.status, 400) << c.body;
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << c.body;
  }
  std::string deep(limits::kQueryDepthMax * 4, '(');
  EXPECT_EQ(ask(R"({"query":")" + deep + "\"}").status, 400);
  EXPECT_EQ(ask(R"({"query":"where host == ')" + std::string(limits::kQueryBytesMax, 'x') + "'\"}")
                .status,
            400);
  EXPECT_EQ(ask(R"({"query":"take 1"})").status, 200);
}

TEST_F(QueryRest, AConditionNarrowsTheList) {
  const auto some = server_.get("/api/v1/exchanges?fields=url_path&query=status_code%20%3E%20404");
  EXPECT_EQ(json_at(some.body, {"data"}), R"([{"url_path":"/b"}])");
  const auto wrong = server_.get("/api/v1/exchanges?query=staus_code%20%3D%3D%201");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json_at(wrong.body, {"suggestion"}), "status_code");
  EXPECT_EQ(server_.get("/api/v1/exchanges?query=take%201").status, 400);
}

std::string body_member(std::string_view name, std::string_view bytes) {
  return "\"" + std::string(name) + "\":\"" + base::base64_encode(std::string(bytes)) + "\"";
}

TEST_F(QueryRest, ARowHasTheValuesOfPaths) {
  server_.publish({message(
      "/c", body_member("request_body",
                        R"({"user":{"id":1234567890123456789},"tags":["a","b"],"of":{"x":1}})") +
                R"(,"request_headers":{"X-Shop":["berlin \"mitte\""]})")});
  const std::string list =
      "/api/v1/exchanges?fields=url_path&limit=1&values=request_body.user.id,"
      "request_headers%5B%22x-shop%22%5D,request_body.tags%5B*%5D,request_body.of,"
      "response_body.a,duration";
  const auto row = server_.get(list);
  ASSERT_EQ(row.status, 200) << row.body;
  EXPECT_EQ(json_at(row.body, {"data", "0", "url_path"}), "/c");
  const std::vector<std::string> expected{"1234567890123456789", R"("berlin \"mitte\"")",
                                          R"(["a","b"])", R"({"x":1})"};
  for (std::size_t i = 0; i < expected.size(); i++) {
    EXPECT_EQ(json_at(row.body, {"data", "0", "values", std::to_string(i)}), expected[i]);
  }
  EXPECT_EQ(json_at(row.body, {"data", "0", "values", "4"}), "null");
  // What is given is what a condition takes.
  const std::string literal = json_at(row.body, {"data", "0", "values", "5"});
  EXPECT_EQ(
      json_count(server_.get("/api/v1/exchanges?query=duration%3D%3D" + literal).body, {"data"}),
      1u);
}

TEST_F(QueryRest, AValueByPathIsCutBetweenCharacters) {
  const std::string text(serve::kPathValueBytesMax - 2, 'x');  // and a quotation mark in front
  server_.publish({message("/c", body_member("request_body", "{\"a\":\"" + text + "\u00e9\"}"))});
  const auto row = server_.get("/api/v1/exchanges?limit=1&values=request_body.a");
  EXPECT_EQ(json_at(row.body, {"data", "0", "values", "0"}), "\"" + text + "\u2026");
}

TEST_F(QueryRest, ValuesAreOfPathsAlone) {
  for (const char* values :
       {"", "count()", "a%3Dduration", "nothing", "1", "duration%7Ctake%201"}) {
    const auto answer = server_.get("/api/v1/exchanges?values=" + std::string(values));
    EXPECT_EQ(answer.status, 400) << values;
    EXPECT_EQ(json_at(answer.body, {"pointer"}), "values") << values;
  }
  std::string many = "/api/v1/exchanges?values=tags%5B0%5D";
  for (int i = 1; i <= 15; i++) many += ",tags%5B" + std::to_string(i) + "%5D";
  EXPECT_EQ(server_.get(many).status, 200);
  EXPECT_EQ(server_.get(many + ",tags%5B16%5D").status, 400);
  EXPECT_EQ(server_.get("/api/v1/exchanges?format=csv&values=duration").status, 400);
}

TEST_F(QueryRest, ABodyComesByteForByte) {
  const std::string bytes = " {\"caf\u00e9\": \"<script>\"}\n";
  constexpr const char* kId = "018f3b5e-7c1a-7abc-8def-0123456789ab";
  server_.publish({message(
      "/c", body_member("response_body", bytes) + R"(,"msg_id":")" + std::string(kId) + "\"")});
  const std::string path = "/api/v1/exchanges/" + std::string(kId);
  const auto body = server_.get(path + "/response_body");
  EXPECT_EQ(body.status, 200);
  EXPECT_EQ(body.body, bytes);
  EXPECT_EQ(body.header("Content-Type"), "application/octet-stream");
  EXPECT_EQ(body.header("Content-Disposition"),
            "attachment; filename=\"exchange-" + std::string(kId) + "-response_body.bin\"");
  EXPECT_EQ(body.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(body.header("Cache-Control"), "no-store");
  EXPECT_THAT(body.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(server_.get(path + "/request_body").body, "");
}

TEST_F(QueryRest, AProjectIsAWall) {
  const std::string other = server_.add_project("other");
  const auto answer = ask(R"+({"query":"summarize n = count()"})+", other);
  EXPECT_EQ(json_at(answer.body, {"rows"}), "[[0]]");
  EXPECT_EQ(json_at(answer.body, {"stats", "scanned_exchanges"}), "0");
}

TEST_F(QueryRest, AConditionNarrowsTheTail) {
  EXPECT_EQ(server_.get("/api/v1/tail?query=staus_code%20%3D%3D%201").status, 400);
  EXPECT_EQ(server_.get("/api/v1/tail?query=take%201").status, 400);
  net::RawClient client(server_.port());
  client.send(net::raw_request("GET",
                               "/api/v1/tail?fields=url_path&values=status_code,host"
                               "&query=status_code%20%3E%20299",
                               {"Authorization: Bearer " + std::string(kKey)}));
  ASSERT_TRUE(client.read(true));
  std::string text;
  while (text.find("event: ready") == std::string::npos) text += client.read_chunk();
  server_.publish({message("/fine"), message("/broken", R"("status_code":503)")});
  while (text.find("event: exchange") == std::string::npos || !text.ends_with("\n\n")) {
    const std::string chunk = client.read_chunk();
    ASSERT_FALSE(chunk.empty());
    text += chunk;
  }
  // Neither what does not fulfil it, nor what was committed before.
  const std::string first = text.substr(text.find("event: exchange"));
  EXPECT_EQ(first,
            "event: exchange\ndata: {\"url_path\":\"/broken\",\"values\":[\"503\",null]}\n\n");
}

}  // namespace
}  // namespace apitoolkit::server
