// GET /api/v1/fields and /api/v1/values: what completion asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/server/query/fields.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CompletionRest : public testing::Test {
 protected:
  CompletionRest() {
    server_.publish({
        message("/orders", R"("status_code":200,"duration":200000000,"tags":["eu","new"],)"
                           R"("request_headers":{"Content-Type":["application/json"]},)"
                           R"("request_body":")" +
                               base::base64_encode(R"({"user":{"id":7}})") + "\""),
        message("/orders", R"("status_code":404,"duration":200000000,"tags":["eu"],)"
                           R"("request_body":")" +
                               base::base64_encode(R"({"user":{"id":8}})") + "\""),
        message("/other", R"("status_code":200,"request_body":")" +
                              base::base64_encode(R"({"user":{"id":7}})") + "\""),
    });
  }

  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }

  // The names of GET /fields, from the first to the last.
  std::vector<std::string> names() {
    const auto answer = server_.get("/api/v1/fields");
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < json_count(answer.body, {"data"}); ++i) {
      names.push_back(json_at(answer.body, {"data", std::to_string(i), "name"}));
    }
    return names;
  }

  // "literal count" of what GET /values answers.
  std::vector<std::string> values(const std::string& parameters, bool more = false) {
    const auto answer = server_.get("/api/v1/values?" + parameters);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json_at(answer.body, {"complete"}), "true");
    EXPECT_EQ(json_at(answer.body, {"more"}), more ? "true" : "false");
    std::vector<std::string> values;
    for (std::size_t i = 0; i < json_count(answer.body, {"data"}); ++i) {
      const std::vector<std::string> at{"data", std::to_string(i)};
      values.push_back(json_at(answer.body, {"data", std::to_string(i), "literal"}) + " " +
                       json_at(answer.body, {"data", std::to_string(i), "count"}));
    }
    return values;
  }

  TestServer server_{in_memory()};
};

TEST_F(CompletionRest, FieldsAreThoseOfTheLanguageAndThePathsSeen) {
  const auto all = names();
  ASSERT_GT(all.size(), query::fields().size());
  for (std::size_t i = 0; i < query::fields().size(); ++i) {
    EXPECT_EQ(all[i], query::fields()[i].name);
  }
  EXPECT_THAT(all, testing::Contains("request_body.user.id"));
  EXPECT_THAT(all, testing::Contains(R"(request_headers["content-type"])"));
  const std::string body = server_.get("/api/v1/fields").body;
  EXPECT_EQ(json_at(body, {"sampled_exchanges"}), "3");
  const std::string duration =
      json_at(body, {"data", std::to_string(static_cast<int>(query::FieldId::kDuration))});
  EXPECT_EQ(json_at(duration, {"type"}), "duration");
  EXPECT_EQ(json_at(duration, {"units", "2"}), "ms");
  EXPECT_EQ(json_at(duration, {"operators", "0"}), "==");
  EXPECT_THAT(json_at(duration, {"description"}), HasSubstr("first byte"));
  EXPECT_EQ(json_at(body, {"functions", "0", "usage"}), "count()");
  EXPECT_EQ(json_at(body, {"sections", "0"}), "where");
  EXPECT_EQ(server_.get("/api/v1/fields?x=1").status, 400);
}

TEST_F(CompletionRest, ValuesAreCountedTheMostFrequentFirst) {
  EXPECT_THAT(values("field=status_code"), ElementsAre("200 2", "404 1"));
  EXPECT_THAT(values("field=url_path"), ElementsAre("\"/orders\" 2", "\"/other\" 1"));
  EXPECT_THAT(values("field=duration&limit=1", true), ElementsAre("200ms 2"));
  EXPECT_THAT(values("field=request_body.user.id"), ElementsAre("7 2", "8 1"));
  EXPECT_THAT(values("field=tags"), ElementsAre("\"eu\" 2", "\"new\" 1"));
  EXPECT_THAT(values("field=request_headers.content-type"), ElementsAre("\"application/json\" 1"));
  EXPECT_THAT(values("field=consumer"), IsEmpty());
}

TEST_F(CompletionRest, ValuesKeepToThePrefixTheTimeAndTheProject) {
  EXPECT_THAT(values("field=status_code&prefix=4"), ElementsAre("404 1"));
  EXPECT_THAT(values("field=url_path&prefix=%2FOTH"), ElementsAre("\"/other\" 1"));
  EXPECT_THAT(values("field=request_body.user.id&prefix=8"), ElementsAre("8 1"));
  EXPECT_THAT(values("field=url_path&until=-1h"), IsEmpty());
  EXPECT_THAT(values("field=request_body.user.id&since=-1h&until=now"), ElementsAre("7 2", "8 1"));
  const std::string other = server_.add_project("other");
  EXPECT_EQ(json_count(server_.get("/api/v1/values?field=url_path", other).body, {"data"}), 0u);
}

TEST_F(CompletionRest, SaysWhatIsWrongWithAField) {
  const auto wrong = server_.get("/api/v1/values?field=staus_code");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(json_at(wrong.body, {"pointer"}), "field");
  EXPECT_EQ(json_at(wrong.body, {"position"}), "0");
  EXPECT_EQ(json_at(wrong.body, {"width"}), "10");
  EXPECT_EQ(json_at(wrong.body, {"suggestion"}), "status_code");
  struct Case {
    const char* query;
    const char* pointer;
  };
  for (const Case& c : {Case{"", "field"},
                        {"field=", "field"},
                        {"field=host,method", "field"},
                        {"field=host|take+1", "field"},
                        {"field=count()", "field"},
                        {"field=host&limit=0", "limit"},
                        {"field=host&limit=1001", "limit"},
                        {"field=host&since=yesterday", "since"},
                        {"field=host&field=method", "field"},
                        {"feild=host", "feild"}}) {
    const auto answer = server_.get(std::string("/api/v1/values?") + c.query);
    EXPECT_EQ(answer.status, 400) << c.query;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(json_at(answer.body, {"pointer"}), c.pointer) << c.query;
  }
  EXPECT_THAT(server_.get("/api/v1/values?feild=host").body, HasSubstr("did you mean 'field'?"));
}

}  // namespace
}  // namespace apitoolkit::server
