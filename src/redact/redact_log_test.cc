#include <gtest/gtest.h>

#include "src/redact/exchange_redactor.h"

namespace apitoolkit::redact {
namespace {

std::string body_of(std::string body, const Rules& rules = {}) {
  std::string attributes;
  ExchangeRedactor::compile(rules)->redact_log(body, attributes);
  EXPECT_EQ(attributes, "");
  return body;
}

std::string attributes_of(std::string attributes, const Rules& rules = {}) {
  std::string body;
  ExchangeRedactor::compile(rules)->redact_log(body, attributes);
  return attributes;
}

TEST(RedactLog, KeepsWhatIsNoSecret) {
  for (const char* text :
       {"", "GET /a?b=1 took 12 ms: ok", "user 7 = \"bob\"", "{not json", "a:b=c", "::==", "key"}) {
    EXPECT_EQ(body_of(text), text);
  }
  const char* attributes = R"({"a": 1.50, "b":[true,null,"x\u0041"],"c":{"d":"e"}})";
  EXPECT_EQ(attributes_of(attributes), attributes);
}

TEST(RedactLog, MasksWhatStandsBehindASecretsName) {
  EXPECT_EQ(body_of("sent Authorization: Basic abc\nHost: a"),
            "sent Authorization: [CLIENT_REDACTED]\nHost: a");
  EXPECT_EQ(body_of("Cookie: a=1; b=2"), "Cookie: [CLIENT_REDACTED]");
  EXPECT_EQ(body_of("login user=bob password=hunter2, ok"),
            "login user=bob password=[CLIENT_REDACTED], ok");
  EXPECT_EQ(body_of("{'X-Api-Key': 'abc', 'Host': 'a'}"),
            "{'X-Api-Key': [CLIENT_REDACTED], 'Host': 'a'}");
  EXPECT_EQ(body_of("X-Tenant: acme", {.headers = {"x-tenant"}}), "X-Tenant: [CLIENT_REDACTED]");
}

TEST(RedactLog, MasksTokensAndSecretsInUrls) {
  EXPECT_EQ(body_of("calling https://a.example/x?token=abc&b=1 now"),
            "calling https://a.example/x?token=[CLIENT_REDACTED]&b=1 now");
  EXPECT_EQ(body_of("got bearer abcdefgh12345678"), "got bearer [CLIENT_REDACTED]");
  EXPECT_EQ(body_of("mail to bob@example.com", {.scrub = {"email"}}), "mail to [CLIENT_REDACTED]");
}

TEST(RedactLog, MasksMembersByTheirNames) {
  EXPECT_EQ(
      attributes_of(
          R"({"http.request.header.authorization":["Basic x"],"http.request.header.x_api_key":"k","user.password":{"a":1},"n":7,"url.full":"https://a/?token=x"})"),
      R"({"http.request.header.authorization":"[CLIENT_REDACTED]","http.request.header.x_api_key":"[CLIENT_REDACTED]","user.password":"[CLIENT_REDACTED]","n":7,"url.full":"https://a/?token=[CLIENT_REDACTED]"})");
  EXPECT_EQ(
      body_of(R"( {"event":"login","secret":"s","list":[{"pwd":1}]})"),
      R"( {"event":"login","secret":"[CLIENT_REDACTED]","list":[{"pwd":"[CLIENT_REDACTED]"}]})");
  EXPECT_EQ(attributes_of(R"({"card":4111111111111111})", {.scrub = {"credit_card"}}),
            R"({"card":"[CLIENT_REDACTED]"})");
}

}  // namespace
}  // namespace apitoolkit::redact
