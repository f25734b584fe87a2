#include "src/redact/scrub_exchange.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/redact/exchange_redactor.h"

namespace apitoolkit::redact {
namespace {

const std::string kMask(kMarker);

Exchange scrubbed(Rules rules, Exchange exchange) {
  if (rules.scrub.empty()) rules.scrub = {"credit_card", "jwt", "email", "iban", "ssn", "bearer"};
  const auto redactor = ExchangeRedactor::compile(rules);
  EXPECT_TRUE(redactor.has_value()) << redactor.error().message;
  redactor->redact(exchange);
  return exchange;
}

Exchange with_response(std::string type, std::string body) {
  Exchange exchange;
  exchange.response_headers = {{"Content-Type", std::move(type)}};
  exchange.response_body.size = static_cast<std::int64_t>(body.size());
  exchange.response_body.bytes = std::move(body);
  return exchange;
}

TEST(ExchangeScrub, MasksUrlsHeadersAndParameters) {
  Exchange exchange;
  exchange.raw_url = "/users/bob%40example.com?to=ann@example.com&token=x&page=2";
  exchange.url_path = "/users/bob%40example.com";
  exchange.referer = "https://shop/?mail=bob%40example.com";
  exchange.path_params = {{"email", "bob@example.com"}, {"n", "4111111111111111", true}};
  exchange.query_params = {
      {"to", "ann@example.com"}, {"page", "2"}, {"q", R"({"a":"bob@example.com"})", true}};
  exchange.request_headers = {{"Referer", "https://shop/?mail=bob%40example.com"},
                              {"From", "bob@example.com"},
                              {"Accept", "*/*"},
                              {"Authorization", "Bearer abcdefgh"}};
  exchange.response_headers = {{"Location", "/u?e=bob%40example.com&token=x"},
                               {"X-Debug", "sent Bearer abcdefgh, 123-45-6789"}};
  const Exchange out = scrubbed({}, exchange);
  EXPECT_EQ(out.raw_url, "/users/" + kMask + "?to=" + kMask + "&token=" + kMask + "&page=2");
  EXPECT_EQ(out.url_path, "/users/" + kMask);
  EXPECT_EQ(out.referer, "https://shop/?mail=" + kMask);
  EXPECT_EQ(out.path_params,
            (std::vector<Param>{{"email", kMask}, {"n", '"' + kMask + '"', true}}));
  EXPECT_EQ(out.query_params,
            (std::vector<Param>{
                {"to", kMask}, {"page", "2"}, {"q", R"({"a":")" + kMask + R"("})", true}}));
  EXPECT_EQ(out.request_headers, (std::vector<Header>{{"Referer", "https://shop/?mail=" + kMask},
                                                      {"From", kMask},
                                                      {"Accept", "*/*"},
                                                      {"Authorization", kMask}}));
  EXPECT_EQ(out.response_headers,
            (std::vector<Header>{{"Location", "/u?e=" + kMask + "&token=" + kMask},
                                 {"X-Debug", "sent Bearer " + kMask + ", " + kMask}}));
}

TEST(ExchangeScrub, MasksWhatErrorsSay) {
  Exchange exchange;
  ErrorReport error;
  error.error_type = "ValueError";
  error.message = "no user bob@example.com";
  error.root_error_message = "card 4111 1111 1111 1111 declined";
  error.stack_trace = "File \"a.py\", line 1\n  charge('4111111111111111')\n";
  error.other_json = R"({"note":"iban DE89370400440532013000","line":7})";
  exchange.errors = {error};
  const ErrorReport out = scrubbed({}, exchange).errors.at(0);
  EXPECT_EQ(out.error_type, "ValueError");
  EXPECT_EQ(out.message, "no user " + kMask);
  EXPECT_EQ(out.root_error_message, "card " + kMask + " declined");
  EXPECT_EQ(out.stack_trace, "File \"a.py\", line 1\n  charge('" + kMask + "')\n");
  EXPECT_EQ(out.other_json, R"({"note":"iban )" + kMask + R"(","line":7})");
}

TEST(ExchangeScrub, ReadsBodiesByTheirType) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"application/json", R"({"a":"bob\u0040example.com","n":4111111111111111})",
       R"({"a":")" + kMask + R"(","n":")" + kMask + R"("})"},
      {"application/problem+json", "4111111111111111", '"' + kMask + '"'},
      {"application/x-ndjson", "{\"a\":\"bob@example.com\"}\n{\"n\":4111111111111111}\n",
       "{\"a\":\"" + kMask + "\"}\n{\"n\":\"" + kMask + "\"}\n"},
      {"application/x-www-form-urlencoded", "mail=bob%40example.com&n=4111+1111+1111+1111&x=1",
       R"({"mail":")" + kMask + R"(","n":")" + kMask + R"(","x":"1"})"},
      {"text/plain", "mail bob@example.com\n4111111111111111", "mail " + kMask + "\n" + kMask},
      {"text/html", "<a href=\"mailto:bob@example.com\">", "<a href=\"mailto:" + kMask + "\">"},
      {"text/csv", "1,4111111111111111", "1," + kMask},
      {"", R"( {"a":"bob\u0040example.com"})", R"( {"a":")" + kMask + R"("})"},
      {"text/plain", R"(["bob\u0040example.com"])", R"([")" + kMask + R"("])"},
      {"application/json", R"({"a":1})", R"({"a":1})"},
      {"image/png", "bob@example.com", ""},
  };
  for (const auto& [type, body, expected] : cases) {
    const Exchange out = scrubbed({}, with_response(type, body));
    EXPECT_EQ(out.response_body.bytes, expected) << type << ' ' << body;
    EXPECT_TRUE(out.redaction.empty());
    EXPECT_EQ(out.response_body.size, static_cast<std::int64_t>(body.size()));
  }
}

TEST(ExchangeScrub, ComesAfterThePaths) {
  const Exchange out =
      scrubbed({.response_body = {"$.a"}},
               with_response("application/json", R"({"a":["bob@example.com"],"b":"a@b.cc"})"));
  EXPECT_EQ(out.response_body.bytes, R"({"a":")" + kMask + R"(","b":")" + kMask + R"("})");
}

TEST(ExchangeScrub, MasksABodyInWhichNothingCanBeRecognised) {
  std::string utf16;
  for (const char c : std::string("bob@example.com")) utf16 += std::string(1, c) + '\0';
  for (const std::string type : {"application/json", "text/plain; charset=utf-16"}) {
    const Exchange out = scrubbed({}, with_response(type, utf16));
    EXPECT_EQ(out.response_body.bytes, '"' + kMask + '"');
    EXPECT_EQ(out.redaction, (std::vector<std::string>{"response_body:unknown_encoding"}));
  }
}

TEST(ExchangeScrub, DropsTheBeginningOfAValueThatWasCut) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"a":"x","card":"4111 1111 1111 11)", R"({"a":"x","card":")"},
      {R"({"a":"x","card":4111111111)", R"({"a":"x","card":)"},
      {R"({"mail":"a@b.cc","t":"Bearer eyJhbGci)", R"({"mail":")" + kMask + R"(","t":")"},
      {R"({"mail":"bob\u0040exam)", R"({"mail":")"},
      {R"({"a":"bob@mün)", R"({"a":")"},
      {R"({"a":"x"})", R"({"a":"x"})"},
      {"4111111111", ""},
  };
  for (const auto& [body, expected] : cases) {
    Exchange exchange = with_response("application/json", body);
    exchange.response_body.truncated = true;
    EXPECT_EQ(scrubbed({}, exchange).response_body.bytes, expected) << body;
  }
}

TEST(ExchangeScrub, IsOffByDefault) {
  Exchange exchange = with_response("text/plain", "bob@example.com");
  exchange.raw_url = "/users/bob@example.com";
  const auto redactor = ExchangeRedactor::compile({});
  ASSERT_TRUE(redactor.has_value());
  redactor->redact(exchange);
  EXPECT_EQ(exchange.response_body.bytes, "bob@example.com");
  EXPECT_EQ(exchange.raw_url, "/users/bob@example.com");
}

TEST(ExchangeScrub, RefusesADetectorThatDoesNotExist) {
  const auto redactor = ExchangeRedactor::compile({.scrub = {"email", "iabn"}});
  ASSERT_FALSE(redactor.has_value());
  EXPECT_EQ(redactor.error().message,
            "scrub[1]: \"iabn\": expected one of credit_card, jwt, email, iban, ssn, bearer; did "
            "you mean \"iban\"?");
}

}  // namespace
}  // namespace apitoolkit::redact
