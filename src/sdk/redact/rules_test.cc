#include "src/sdk/redact/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apitoolkit::sdk {
namespace {

using testing::HasSubstr;
using testing::Not;

Exchange with_secrets() {
  Exchange exchange;
  exchange.method = "POST";
  exchange.raw_url = "/a?mine=q1&theirs=q2";
  exchange.request_headers = {
      {"Content-Type", "application/json"}, {"X-Mine", "h1"}, {"X-Theirs", "h2"}, {"Cookie", "h3"}};
  exchange.response_headers = {{"Content-Type", "application/json"}};
  exchange.request_body.bytes = R"({"mine":"b1","theirs":"b2","open":"b3"})";
  exchange.response_body.bytes = R"({"mine":"c1","theirs":"c2","open":"c3"})";
  return exchange;
}

std::string all_of(const Exchange& exchange) {
  std::string text = exchange.raw_url + exchange.request_body.bytes + exchange.response_body.bytes;
  for (const Header& header : exchange.request_headers) text += header.value;
  return text;
}

Config config_of_mine() {
  Config config;
  config.redact_headers = {"X-Mine"};
  config.redact_request_body = {"$.mine"};
  config.redact_response_body = {"$.mine"};
  config.redact_query = {"mine"};
  return config;
}

TEST(Rules, OfTheServerJoinTheApplicationsOwn) {
  std::vector<std::string> complaints;
  const auto redactor =
      combine(local_rules(config_of_mine()),
              {{"X-Theirs"}, {"$.theirs"}, {"$.theirs", "$.mine"}, {"theirs"}, false}, complaints);
  ASSERT_TRUE(redactor) << redactor.error().message;
  EXPECT_TRUE(complaints.empty());
  Exchange exchange = with_secrets();
  redactor->redact(exchange);
  const std::string text = all_of(exchange);
  for (const char* secret : {"q1", "q2", "h1", "h2", "h3", "b1", "b2", "c1", "c2"}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(text, HasSubstr("b3"));
  EXPECT_THAT(text, HasSubstr("c3"));
}

TEST(Rules, ThatCannotBeReadMaskTheWholeBody) {
  std::vector<std::string> complaints;
  const auto redactor = combine(local_rules(config_of_mine()), {{}, {"$.a["}, {}, {}}, complaints);
  ASSERT_TRUE(redactor) << redactor.error().message;
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_THAT(complaints[0], HasSubstr("$.a["));
  Exchange exchange = with_secrets();
  redactor->redact(exchange);
  EXPECT_THAT(exchange.request_body.bytes, Not(HasSubstr("b3")));
  EXPECT_THAT(exchange.response_body.bytes, HasSubstr("c3"));
}

}  // namespace
}  // namespace apitoolkit::sdk
