// POST /api/v1/query, and conditions on the live tail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  client.send(net::raw_request("GET", "/api/v1/tail?fields=url_path&query=status_code%20%3E%20299",
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
  EXPECT_EQ(first, "event: exchange\ndata: {\"url_path\":\"/broken\"}\n\n");
}

}  // namespace
}  // namespace apitoolkit::server
