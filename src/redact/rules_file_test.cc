#include "src/redact/rules_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apitoolkit::redact {
namespace {

using Texts = std::vector<std::string>;

TEST(RulesFile, ReadsEveryRule) {
  const Settings settings{{"redact_headers", {Texts{"X-One"}, 1}},
                          {"redact_request_body", {Texts{"$.a", "$.b"}, 2}},
                          {"redact_response_body", {std::string("$.c"), 3}},
                          {"redact_query", {Texts{"session"}, 4}},
                          {"scrub", {Texts{"email"}, 5}},
                          {"redact_default_headers", {false, 6}},
                          {"redact_non_json", {std::string("mask"), 7}},
                          {"api_key", {std::string("k"), 8}},
                          {"body_bytes_max", {std::int64_t{7}, 9}}};
  const auto rules = rules_of(settings, "a.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->headers, Texts{"X-One"});
  EXPECT_EQ(rules->request_body, (Texts{"$.a", "$.b"}));
  EXPECT_EQ(rules->response_body, Texts{"$.c"});
  EXPECT_EQ(rules->query, Texts{"session"});
  EXPECT_EQ(rules->scrub, Texts{"email"});
  EXPECT_FALSE(rules->default_headers);
  EXPECT_EQ(rules->non_json, NonJson::kMask);
}

TEST(RulesFile, RefusesARuleThatWouldBeMissing) {
  const std::pair<Settings, const char*> cases[] = {
      {{{"redact_request_bodies", {Texts{"$.a"}, 3}}},
       "a.toml:3: redact_request_bodies: expected "},
      {{{"scrubs", {Texts{"email"}, 1}}}, "a.toml:1: scrubs: expected one of redact_headers"},
      {{{"redact_headers", {std::int64_t{1}, 1}}}, "redact_headers: expected a list of strings"},
      {{{"redact_default_headers", {std::string("no"), 1}}}, "expected true or false"},
      {{{"redact_non_json", {std::string("drop"), 1}}}, "expected \"pass\" or \"mask\""},
      {{{"redact_non_json", {true, 1}}}, "expected \"pass\" or \"mask\""}};
  for (const auto& [settings, message] : cases) {
    const auto rules = rules_of(settings, "a.toml");
    ASSERT_FALSE(rules) << message;
    EXPECT_THAT(rules.error().message, testing::HasSubstr(message));
  }
}

}  // namespace
}  // namespace apitoolkit::redact
