#include "src/cli/query_answer.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

constexpr const char* kAnswer =
    R"({"columns":[{"name":"url_path","type":"text"},{"name":"p99","type":"duration"},)"
    R"({"name":"tags","type":"list"}],"rows":[["/a\u001b[31m",1500000,["x","y"]],)"
    R"(["=1+1",null,null]],"stats":{"scanned_exchanges":2,"truncated":true}})";

TEST(QueryAnswer, IsATableForPeople) {
  const auto answer = QueryAnswer::parse(kAnswer);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->truncated());
  EXPECT_EQ(answer->table(0),
            "url_path         p99  tags\n"
            "/a\\x1b[31m  1ms500us  [\"x\",\"y\"]\n"
            "=1+1\n");
}

TEST(QueryAnswer, IsLinesOfJson) {
  EXPECT_EQ(QueryAnswer::parse(kAnswer)->ndjson(),
            "{\"url_path\":\"/a\\u001b[31m\",\"p99\":1500000,\"tags\":[\"x\",\"y\"]}\n"
            "{\"url_path\":\"=1+1\",\"p99\":null,\"tags\":null}\n");
}

TEST(QueryAnswer, IsCsvWithoutFormulas) {
  EXPECT_EQ(QueryAnswer::parse(kAnswer)->csv(),
            "url_path,p99,tags\r\n/a\x1b[31m,1500000,\"[\"\"x\"\",\"\"y\"\"]\"\r\n\"'=1+1\",,\r\n");
}

TEST(QueryAnswer, RefusesWhatIsNone) {
  for (const char* text :
       {"", "[]", "{}", "{\"columns\":[],\"rows\":{},\"stats\":{}}",
        "{\"columns\":[{}],\"rows\":[],\"stats\":{}}", "{\"columns\":[7],\"rows\":[],\"stats\":{}}",
        "{\"columns\":[],\"rows\":[[1]],\"stats\":{}}"}) {
    EXPECT_FALSE(QueryAnswer::parse(text)) << text;
  }
}

}  // namespace
}  // namespace apitoolkit::cli
