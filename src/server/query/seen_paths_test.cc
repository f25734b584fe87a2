#include "src/server/query/seen_paths.h"

#include <gtest/gtest.h>

#include <string>

#include "src/server/query/parse.h"

namespace apitoolkit::server::query {
namespace {

std::string describe(SeenPaths paths) {
  std::string out;
  for (const SeenPath& path : std::move(paths).take(100)) {
    out += path.text + " " + std::string(to_string(path.type)) + " " +
           std::to_string(path.exchanges) + "\n";
  }
  return out;
}

TEST(SeenPaths, NamesWhatTheExchangesHave) {
  Exchange first;
  first.request_headers = {{"Content-Type", "application/json"}, {"X-Many", "1"}, {"x-many", "2"}};
  first.query_params = {{"page", "2", false}, {"filter", R"({"a":1})", true}};
  first.request_body.bytes = R"({"user":{"id":7,"na me":"x"},"items":[{"sku":"A"},{"sku":"B"}]})";
  Exchange second;
  second.request_body.bytes = R"({"user":{"id":7.5},"items":[],"note":null,"tags":["a"]})";
  second.response_body.bytes = "not JSON";
  SeenPaths paths;
  paths.add(first);
  paths.add(second);
  EXPECT_EQ(describe(std::move(paths)),
            "request_body.user.id double 2\n"
            "query_params.filter.a integer 1\n"
            "query_params.page text 1\n"
            "request_body.items json 1\n"
            "request_body.items[*].sku text 1\n"
            "request_body.note null 1\n"
            "request_body.tags[*] text 1\n"
            "request_body.user[\"na me\"] text 1\n"
            "request_headers[\"content-type\"] text 1\n"
            "request_headers[\"x-many\"] text 1\n");
}

TEST(SeenPaths, OfDifferentTypesHasNone) {
  Exchange one;
  one.request_body.bytes = R"({"id":7})";
  Exchange other;
  other.request_body.bytes = R"({"id":"7"})";
  SeenPaths paths;
  for (const Exchange& exchange : {one, other, one}) paths.add(exchange);
  EXPECT_EQ(describe(std::move(paths)), "request_body.id null 3\n");
}

// Names are captured content; whatever they are, the language reads what is offered.
TEST(SeenPaths, AreReadByTheLanguageWhateverTheNames) {
  Exchange exchange;
  exchange.request_body.bytes =
      R"({"a.b":1,"":2,"x\"] | take 1":3,"\u0000\u001b[31m":4,"é":5,"\ud800":6,"where":7,"//":8,"1":9})";
  exchange.request_headers = {{"bad \xff", "x"}, {"]\"", "x"}, {std::string(1000, 'x'), "x"}};
  SeenPaths seen;
  seen.add(exchange);
  const auto paths = std::move(seen).take(100);
  EXPECT_EQ(paths.size(), 9U);
  for (const SeenPath& path : paths) {
    const std::string text = "distinct " + path.text;
    const auto query = parse(text);
    ASSERT_TRUE(query) << query::describe(query.error(), text);
    ASSERT_EQ(query->sections.size(), 1U);
    EXPECT_EQ(to_text(*query), text);
  }
}

TEST(SeenPaths, AreBounded) {
  std::string wide = "{";
  for (int i = 0; i < 50'000; ++i) {
    wide += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":" + std::to_string(i);
  }
  Exchange exchange;
  exchange.request_body.bytes = wide + "}";
  exchange.response_body.bytes = std::string(1000, '[') + "1" + std::string(1000, ']');
  SeenPaths seen;
  seen.add(exchange);
  EXPECT_EQ(std::move(seen).take(7).size(), 7U);
  Exchange deep;
  deep.response_body = exchange.response_body;
  SeenPaths few;
  few.add(deep);
  const auto paths = std::move(few).take(10);
  ASSERT_EQ(paths.size(), 1U);
  EXPECT_EQ(paths[0].type, ValueType::kJson);
}

}  // namespace
}  // namespace apitoolkit::server::query
