#include "src/cli/http_message.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

TEST(HttpMessage, ReadsStartLineHeadersAndBody) {
  const auto message =
      read_http_message("POST /a?b=c:d HTTP/1.1\r\nHost: h:80\r\nX-A:  b c \r\n\r\n{\r\n}\n");
  ASSERT_TRUE(message.has_value()) << message.error().message;
  EXPECT_EQ(message->start_line, "POST /a?b=c:d HTTP/1.1");
  EXPECT_EQ(message->headers, (std::vector<Header>{{"Host", "h:80"}, {"X-A", "b c"}}));
  EXPECT_EQ(message->body, "{\r\n}\n");
  EXPECT_EQ(write_http_message(*message),
            "POST /a?b=c:d HTTP/1.1\nHost: h:80\nX-A: b c\n\n{\r\n}\n");
}

TEST(HttpMessage, NeedsNeitherStartLineNorBody) {
  const auto headers = read_http_message("A: b\nC: d");
  ASSERT_TRUE(headers.has_value());
  EXPECT_EQ(headers->start_line, "");
  EXPECT_EQ(headers->headers.size(), 2U);
  EXPECT_EQ(headers->body, "");
  const auto response = read_http_message("HTTP/1.1 200 OK\n\n");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->start_line, "HTTP/1.1 200 OK");
  EXPECT_TRUE(read_http_message("").has_value());
}

TEST(HttpMessage, SaysWhichLineIsNoHeader) {
  for (const std::string_view text :
       {"A: b\n{\"c\":1}\n", "GET / HTTP/1.1\nno colon\n\n", "A: b\n: x\n", "A: b\nC D: x\n"}) {
    const auto message = read_http_message(text);
    ASSERT_FALSE(message.has_value()) << text;
    EXPECT_EQ(message.error().message,
              "line 2: expected a header (\"Name: value\") or the empty line before the body");
  }
}

}  // namespace
}  // namespace apitoolkit::cli
