// A warm engine allocates nothing.

#include <gtest/gtest.h>

#include <cstdint>

#include "src/redact/allocation_count.h"
#include "src/redact/engine/engine.h"

namespace apitoolkit::redact {
namespace {

TEST(Engine, AllocatesNothingOnceItIsWarm) {
  const std::vector<std::string> paths = {"$.data[*].user.password", "$..token",
                                          "$.data[-1].id",           "$..[?@.type=='card'].number",
                                          "$.data[1:3].tags[*]",     "$..[?match(@.type, 'c.*')].x",
                                          "$..[?@.type < 'd'].y"};
  std::vector<jsonpath::Query> queries;
  queries.reserve(paths.size());
  for (const std::string& path : paths) queries.push_back(*jsonpath::Query::parse(path));
  const Engine engine(queries);
  std::string text = R"({"data":[)";
  for (int i = 0; i < 1000; ++i) {
    text += R"({"id":1,"user":{"p\u0061ssword":"x"},"tags":["a","b"],"token":[1,{"a":2}],)"
            R"("pay":{"type":"c\u0061rd","number":"4111","x":1,"y":2}},)";
  }
  text += "{}]}";
  for (const json::SimdLevel level :
       {json::SimdLevel::kPortable, json::SimdLevel::kAvx2, json::SimdLevel::kAvx512}) {
    if (!json::simd_level_supported(level)) continue;
    Scratch scratch;
    scratch.level = level;
    std::string out;
    ASSERT_EQ(engine.redact(text, scratch, out), Reason::kNone);
    const std::int64_t before = allocation_count();
    ASSERT_GT(before, 0);
    for (int i = 0; i < 10; ++i) ASSERT_EQ(engine.redact(text, scratch, out), Reason::kNone);
    EXPECT_EQ(allocation_count(), before) << to_string(level);
    EXPECT_GT(scratch.spans.size(), 3000u);
  }
}

}  // namespace
}  // namespace apitoolkit::redact
