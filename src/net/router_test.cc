#include "src/net/router.h"

#include <gtest/gtest.h>

namespace apitoolkit::net {
namespace {

Router sample() {
  Router router;
  const RouteHandler none = [](const ServerRequest&, const PathParams&, const Responder&) {};
  router.add("GET", "/things", none);
  router.add("POST", "/things", none);
  router.add("GET", "/things/{id}", none);
  router.add("GET", "/things/special", none);
  router.add("GET", "/things/{id}/parts", none);
  router.add("POST", "/v1/projects/{p}/topics/{t}:publish", none);
  router.add("POST", "/v1/projects/{p}/topics/{t}:acknowledge", none);
  return router;
}

TEST(Router, FindsThePatternThatFits) {
  struct Case {
    const char* method;
    const char* path;
    const char* pattern;
  };
  const Router router = sample();
  for (const Case& c :
       {Case{"GET", "/things", "/things"},
        {"HEAD", "/things", "/things"},
        {"GET", "/things/7", "/things/{id}"},
        {"GET", "/things/special", "/things/special"},
        {"GET", "/things/7/parts", "/things/{id}/parts"},
        {"POST", "/v1/projects/a/topics/b:publish", "/v1/projects/{p}/topics/{t}:publish"},
        {"POST", "/v1/projects/a/topics/b:acknowledge",
         "/v1/projects/{p}/topics/{t}:acknowledge"}}) {
    const auto match = router.match(c.method, c.path);
    ASSERT_NE(match.handler, nullptr) << c.path;
    EXPECT_EQ(match.pattern, c.pattern) << c.path;
  }
}

TEST(Router, FindsNothingForOtherPaths) {
  const Router router = sample();
  for (const char* path : {"", "/", "/thing", "/things/", "/things/7/", "/things//parts",
                           "/v1/projects/a/topics/:publish", "/v1/projects/a/topics/b"}) {
    const auto match = router.match("GET", path);
    EXPECT_EQ(match.handler, nullptr) << path;
    EXPECT_TRUE(match.allow.empty()) << path;
  }
}

TEST(Router, NamesTheMethodsThatAPathHas) {
  const auto match = sample().match("DELETE", "/things");
  EXPECT_EQ(match.handler, nullptr);
  EXPECT_EQ(match.allow, (std::vector<std::string>{"GET", "HEAD", "POST"}));
}

TEST(Router, DecodesParametersAndKeepsColons) {
  const Router router = sample();
  EXPECT_EQ(router.match("GET", "/things/a%2Fb%20c").params["id"], "a/b c");
  const auto publish = router.match("POST", "/v1/projects/p-1/topics/at-x:y:publish");
  EXPECT_EQ(publish.params["p"], "p-1");
  EXPECT_EQ(publish.params["t"], "at-x:y");
  EXPECT_EQ(publish.params["other"], "");
}

TEST(Query, IsSplitAndDecoded) {
  const std::vector<Header> expected{
      {"a", "1"}, {"b", "x y&z"}, {"c", ""}, {"d", ""}, {"a", "%zz%4"}};
  EXPECT_EQ(parse_query("a=1&b=x+y%26z&c=&d&&a=%zz%4"), expected);
  EXPECT_TRUE(parse_query("").empty());
}

}  // namespace
}  // namespace apitoolkit::net
