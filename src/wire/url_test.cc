#include "src/wire/url.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace apitoolkit::wire {
namespace {

TEST(Query, IsReadAsBrowsersWriteIt) {
  struct Case {
    const char* url;
    std::vector<Param> expected;
  };
  const Case cases[] = {
      {"/a", {}},
      {"", {}},
      {"/a?", {}},
      {"/a?&&", {}},
      {"/a?x=1&x=2&y=", {{"x", "1"}, {"x", "2"}, {"y", ""}}},
      {"/a?flag&=v&a=b=c", {{"flag", ""}, {"", "v"}, {"a", "b=c"}}},
      {"/a?b%C3%A5=x+y%20z", {{"bå", "x y z"}}},
      {"/a?x=%&y=%4&z=%zz&w=%41", {{"x", "%"}, {"y", "%4"}, {"z", "%zz"}, {"w", "A"}}},
      {"/a?x=1?2#y=3", {{"x", "1?2"}}},
      {"/a#?x=1", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_query(c.url), c.expected) << c.url;
}

TEST(Query, HasABound) {
  std::string url = "/a?";
  for (int i = 0; i < 2 * limits::kParamsMax; ++i) url += "a&";
  EXPECT_EQ(parse_query(url).size(), static_cast<std::size_t>(limits::kParamsMax));
}

TEST(Urls, LoseADanglingMarkAndARepeatedQuery) {
  struct Case {
    const char *raw_url, *url_path, *expected_raw_url, *expected_url_path;
  };
  const Case cases[] = {
      {"/a", "/a", "/a", "/a"},
      {"/a?", "/a", "/a", "/a"},
      {"/a?", "/a?", "/a", "/a"},
      {"/a?x=?", "/:a?", "/a?x=?", "/:a?"},  // Express: an optional parameter of a route
      {"/a?x=1", "/a?x=1", "/a?x=1", "/a"},  // Flask: no route matched
      {"/a?x=1", "/<int:id>", "/a?x=1", "/<int:id>"},
      {"", "", "", ""},
  };
  for (const Case& c : cases) {
    Exchange exchange;
    exchange.raw_url = c.raw_url;
    exchange.url_path = c.url_path;
    const Urls urls = normal_urls(exchange);
    EXPECT_EQ(urls.raw_url, c.expected_raw_url) << c.raw_url;
    EXPECT_EQ(urls.url_path, c.expected_url_path) << c.raw_url;
  }
}

}  // namespace
}  // namespace apitoolkit::wire
