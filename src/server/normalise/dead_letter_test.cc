#include "src/server/normalise/dead_letter.h"

#include <gtest/gtest.h>

namespace apitoolkit::server::normalise {
namespace {

TEST(DeadLetter, MasksSecretHeadersWhereTheMessageIsJson) {
  EXPECT_EQ(
      mask_dead_letter(
          R"({"timestamp":"yesterday","request_headers":{"Host":"a","AUTHORIZATION":"Bearer s3cr3t",)"
          R"("cookie":["a=1","b=2"]},"response_headers":{"Set-Cookie":{"x":1}},"x":1})"),
      R"({"timestamp":"yesterday","request_headers":{"Host":"a","AUTHORIZATION":"[CLIENT_REDACTED]",)"
      R"("cookie":"[CLIENT_REDACTED]"},"response_headers":{"Set-Cookie":"[CLIENT_REDACTED]"},"x":1})");
}

TEST(DeadLetter, MasksEveryMemberOfARepeatedName) {
  EXPECT_EQ(
      mask_dead_letter(R"({"request_headers":{"Cookie":"a"},"request_headers":{"Cookie":"b"}})"),
      R"({"request_headers":{"Cookie":"[CLIENT_REDACTED]"},"request_headers":{"Cookie":"[CLIENT_REDACTED]"}})");
}

TEST(DeadLetter, KeepsWhatItCannotRead) {
  for (const char* text : {"", "not json", "[1,2]", R"({"request_headers":[["Cookie","a"]]})",
                           R"({"request_headers":{"Cookie":"a")", "\xff\xfe"}) {
    EXPECT_EQ(mask_dead_letter(text), text);
  }
}

}  // namespace
}  // namespace apitoolkit::server::normalise
