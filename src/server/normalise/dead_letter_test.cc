#include "src/server/normalise/dead_letter.h"

#include <gtest/gtest.h>

#include "src/base/base64.h"

namespace apitoolkit::server::normalise {
namespace {

// As without rules of the project.
std::string mask_dead_letter(std::string bytes) {
  std::vector<std::string> complaints;
  return normalise::mask_dead_letter(std::move(bytes), redaction::ProjectRedactor({}, complaints));
}

std::string masked_by(account::RedactionRule::Kind kind, const std::string& value,
                      std::string bytes) {
  account::RedactionRule rule;
  rule.kind = kind;
  rule.value = value;
  std::vector<std::string> complaints;
  return normalise::mask_dead_letter(std::move(bytes),
                                     redaction::ProjectRedactor({&rule, 1}, complaints));
}

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

TEST(DeadLetter, MasksTheHeadersOfTheProject) {
  EXPECT_EQ(masked_by(account::RedactionRule::Kind::kHeader, "X-Account",
                      R"({"request_headers":{"x-account":"7"},"request_body":"e30="})"),
            R"({"request_headers":{"x-account":"[CLIENT_REDACTED]"},"request_body":"e30="})");
}

TEST(DeadLetter, KeepsNothingThatARuleForBodiesMightHide) {
  for (const auto& [kind, value] : {std::pair{account::RedactionRule::Kind::kResponseBody, "$.a"},
                                    {account::RedactionRule::Kind::kScrub, "email"}}) {
    EXPECT_EQ(masked_by(kind, value, "a@example.com"), "[CLIENT_REDACTED]");
    EXPECT_EQ(masked_by(kind, value,
                        R"({"method":"GET","raw_url":"/a?b","errors":[1],"request_body":"e30="})"),
              R"({"method":"GET","raw_url":null,"errors":null,)"
              R"("request_body":"IltDTElFTlRfUkVEQUNURURdIg=="})");
  }
  EXPECT_EQ(base::base64_decode("IltDTElFTlRfUkVEQUNURURdIg=="), R"("[CLIENT_REDACTED]")");
}

}  // namespace
}  // namespace apitoolkit::server::normalise
