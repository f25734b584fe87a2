#include "src/cli/tail_line.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

TEST(TailLine, SaysWhatHappened) {
  EXPECT_EQ(tail_line(R"({"timestamp":"2026-03-01T10:00:00.123456+00:00","method":"POST",)"
                      R"("host":"shop.example","raw_url":"/orders?page=2","status_code":200,)"
                      R"("duration":12000000,"consumer":"alice","errors":[]})",
                      false),
            "10:00:00.123  200  POST  shop.example/orders?page=2  12ms  alice\n");
  EXPECT_EQ(tail_line(R"({"timestamp":"2026-03-01T10:00:00.123456+00:00","method":"GET",)"
                      R"("request_type":"outgoing","host":"api","raw_url":"/","status_code":503,)"
                      R"("duration":1000,"errors":[{"error_type":"E","message":"m"}]})",
                      true),
            "10:00:00.123  \x1b[31m503\x1b[0m  GET > api/  1us  \x1b[31mE: m\x1b[0m\n");
}

// All of it is captured content.
TEST(TailLine, CannotDoAnythingToTheTerminal) {
  const std::string line = tail_line(
      R"({"timestamp":"\u001b[2J","method":"\u001b]0;x\u0007","host":"\u202e","raw_url":"/\n",)"
      R"("status_code":1,"consumer":"\u009b","errors":[{"error_type":"\r","message":"\u001b"}]})",
      false);
  EXPECT_EQ(line, "\\x1b[2J  1  \\x1b]0;x\\x07  \\u202e/\\n  0s  \\u009b  \\r: \\x1b\n");
}

TEST(TailLine, IsNothingForWhatIsNoExchange) {
  for (const char* text : {"", "[]", "7"}) EXPECT_EQ(tail_line(text, false), "");
  EXPECT_EQ(tail_line("{}", false), "  ---      0s\n");
}

}  // namespace
}  // namespace apitoolkit::cli
