#include "src/redact/exchange_redactor.h"

#include <gtest/gtest.h>

namespace apitoolkit::redact {
namespace {

const std::string kMask(kMarker);

Exchange redacted(const Rules& rules, Exchange exchange) {
  const auto redactor = ExchangeRedactor::compile(rules);
  EXPECT_TRUE(redactor.has_value()) << redactor.error().message;
  redactor->redact(exchange);
  return exchange;
}

Exchange with_request(std::string type, std::string body) {
  Exchange exchange;
  exchange.request_headers = {{"content-type", std::move(type)}};
  exchange.request_body.size = static_cast<std::int64_t>(body.size());
  exchange.request_body.bytes = std::move(body);
  return exchange;
}

TEST(ExchangeRedactor, MasksHeadersByNameInBothDirections) {
  Exchange exchange;
  exchange.request_headers = {
      {"AUTHORIZATION", "Bearer x"}, {"x-internal", "i"}, {"Accept", "*/*"}};
  exchange.response_headers = {
      {"Set-Cookie", "a=1"}, {"set-cookie", "b=2"}, {"Server", "s"}, {"X-My-Token", "t"}};
  const Exchange out = redacted({.headers = {"X-Internal"}}, exchange);
  EXPECT_EQ(
      out.request_headers,
      (std::vector<Header>{{"AUTHORIZATION", kMask}, {"x-internal", kMask}, {"Accept", "*/*"}}));
  EXPECT_EQ(
      out.response_headers,
      (std::vector<Header>{
          {"Set-Cookie", kMask}, {"set-cookie", kMask}, {"Server", "s"}, {"X-My-Token", kMask}}));
}

TEST(ExchangeRedactor, LeavesDefaultHeadersAloneOnlyWhenToldTo) {
  Exchange exchange;
  exchange.request_headers = {{"Cookie", "a=1"}, {"X-Internal", "i"}};
  const Exchange out = redacted({.headers = {"x-internal"}, .default_headers = false}, exchange);
  EXPECT_EQ(out.request_headers, (std::vector<Header>{{"Cookie", "a=1"}, {"X-Internal", kMask}}));
}

TEST(ExchangeRedactor, MasksTheFieldsThatRepeatAMaskedHeader) {
  Exchange exchange;
  exchange.referer = "https://shop/";
  exchange.host = "shop:5000";
  exchange.client_ip = "10.0.0.7";
  exchange.consumer = "k-1";
  exchange.request_headers = {{"Referer", "https://shop/"},
                              {"Host", "shop:5000"},
                              {"X-Forwarded-For", "10.0.0.7, 10.0.0.1"},
                              {"Authorization", "Bearer k-1"}};
  const Exchange out = redacted({.headers = {"referer", "HOST", "x-forwarded-for"}}, exchange);
  EXPECT_EQ(out.referer, kMask);
  EXPECT_EQ(out.host, kMask);
  EXPECT_EQ(out.client_ip, kMask);
  EXPECT_EQ(out.consumer, kMask);
  EXPECT_EQ(redacted({.headers = {"referer"}}, exchange).host, "shop:5000");
}

TEST(ExchangeRedactor, MasksSecretsInTheUrlsOfErrorTexts) {
  struct Case {
    std::string text, expected;
  };
  std::string many, many_masked;
  for (int i = 0; i < 20; ++i) {
    many += "a://u:p@h,";
    if (i < kUrlsOfAWordMax) many_masked += "a://" + kMask + "@h,";
  }
  const Case cases[] = {
      {"Client error '404 Not Found' for url 'https://h/x?token=s3cret'\nMore: https://m/404",
       "Client error '404 Not Found' for url 'https://h/x?token=" + kMask +
           "'\nMore: https://m/404"},
      {"HTTPS://h/?a=1&SSN=s3cret#access_token=s3cret.",
       "HTTPS://h/?a=1&SSN=" + kMask + "#access_token=" + kMask + "."},
      {"port=1): Max retries exceeded with url: /x?q=1&sig=s3cret (Caused by Timeout)",
       "port=1): Max retries exceeded with url: /x?q=1&sig=" + kMask + " (Caused by Timeout)"},
      {"postgres://u:s3cret@db/x refused, as is (redis://u:s3cret@r)",
       "postgres://" + kMask + "@db/x refused, as is (redis://" + kMask + "@r)"},
      {R"({"url":"http://h/?pwd=s3cret","n":1})",
       R"({"url":"http://h/?pwd=)" + kMask + R"(","n":1})"},
      {"https://h/?to=http://u:s3cret@i/&b=2", "https://h/?to=" + kMask + "&b=2"},
      {"https://h/?token=it's;s3cret", "https://h/?token=" + kMask},
      {"what? who said token=open? ?", "what? who said token=open? ?"},
      {"  \n ", "  \n "},
      {"", ""},
      {many, many_masked + kMask + ","},
  };
  for (const Case& c : cases) {
    Exchange exchange;
    exchange.errors.emplace_back();
    exchange.errors[0].message = c.text;
    exchange.errors[0].root_error_message = c.text;
    exchange.errors[0].stack_trace = "  raise X\n" + c.text;
    const Exchange out = redacted({.query = {"ssn"}}, exchange);
    EXPECT_EQ(out.errors[0].message, c.expected);
    EXPECT_EQ(out.errors[0].root_error_message, c.expected);
    EXPECT_EQ(out.errors[0].stack_trace, "  raise X\n" + c.expected);
  }
}

TEST(ExchangeRedactor, MasksSecretsInEveryUrl) {
  Exchange exchange;
  exchange.raw_url = "/a?token=x&ssn=1&q=2";
  exchange.url_path = "/a?token=x";
  exchange.referer = "https://u:p@h/?password=x";
  exchange.request_headers = {{"REFERER", "https://h/?password=x"}};
  exchange.response_headers = {{"Location", "/cb?access_token=y"}};
  exchange.query_params = {{"TOKEN", "x"},
                           {"ssn", "1"},
                           {"q", "2"},
                           {"next", "/b?sig=3"},
                           {"user", R"({"name":"n","password":"s"})", true},
                           {"f[secret]", "s"},
                           {"password", "[1]", true}};
  const Exchange out = redacted({.query = {"SSN"}}, exchange);
  EXPECT_EQ(out.raw_url, "/a?token=[CLIENT_REDACTED]&ssn=[CLIENT_REDACTED]&q=2");
  EXPECT_EQ(out.url_path, "/a?token=[CLIENT_REDACTED]");
  EXPECT_EQ(out.referer, "https://[CLIENT_REDACTED]@h/?password=[CLIENT_REDACTED]");
  EXPECT_EQ(out.request_headers[0].value, "https://h/?password=[CLIENT_REDACTED]");
  EXPECT_EQ(out.response_headers[0].value, "/cb?access_token=[CLIENT_REDACTED]");
  EXPECT_EQ(out.query_params,
            (std::vector<Param>{{"TOKEN", kMask},
                                {"ssn", kMask},
                                {"q", "2"},
                                {"next", "/b?sig=[CLIENT_REDACTED]"},
                                {"user", R"({"name":"n","password":"[CLIENT_REDACTED]"})", true},
                                {"f[secret]", kMask},
                                {"password", kMask}}));
}

TEST(ExchangeRedactor, RedactsBothBodiesByTheirOwnPaths) {
  Exchange exchange = with_request("application/json", R"({"a":1,"b":2})");
  exchange.response_headers = {{"Content-Type", "application/json"}};
  exchange.response_body.bytes = R"({"a":1,"b":2})";
  const Exchange out = redacted({.request_body = {"$.a"}, .response_body = {"$.b"}}, exchange);
  EXPECT_EQ(out.request_body.bytes, R"({"a":"[CLIENT_REDACTED]","b":2})");
  EXPECT_EQ(out.request_body.size, 13);
  EXPECT_EQ(out.response_body.bytes, R"({"a":1,"b":"[CLIENT_REDACTED]"})");
  EXPECT_TRUE(out.redaction.empty());
}

TEST(ExchangeRedactor, SaysWhyABodyWasMaskedWhole) {
  Exchange exchange = with_request("application/json", R"({"a":)");
  exchange.response_headers = {{"Content-Type", "application/json"}, {"Content-Encoding", "lzma"}};
  exchange.response_body.bytes = "{}";
  exchange.response_body.truncated = true;
  exchange.redaction = {"earlier"};
  const Exchange out = redacted({.request_body = {"$.a"}, .response_body = {"$.b"}}, exchange);
  EXPECT_EQ(out.request_body.bytes, kMarkerJson);
  EXPECT_EQ(out.response_body.bytes, kMarkerJson);
  EXPECT_TRUE(out.response_body.truncated);
  EXPECT_EQ(out.redaction, (std::vector<std::string>{"earlier", "request_body:invalid_json",
                                                     "response_body:truncated"}));
}

TEST(ExchangeRedactor, EmptiesBinaryBodies) {
  const std::pair<std::string, std::string> bodies[] = {{"image/png", "\x89PNG"},
                                                        {"application/octet-stream", "{}"},
                                                        {"", "\xFF\xFE"},
                                                        {"text/plain", "caf\xE9"},
                                                        {"", std::string("a\0b", 3)}};
  for (const auto& [type, body] : bodies) {
    const Exchange out = redacted({}, with_request(type, body));
    EXPECT_EQ(out.request_body.bytes, "") << type;
    EXPECT_EQ(out.request_body.size, static_cast<std::int64_t>(body.size()));
    EXPECT_TRUE(out.redaction.empty());
  }
  EXPECT_EQ(redacted({}, with_request("", "plain")).request_body.bytes, "plain");
  EXPECT_EQ(redacted({}, with_request("application/json", "{bad")).request_body.bytes, "{bad");
}

TEST(ExchangeRedactor, KeepsATextThatWasCutWithinACharacter) {
  Exchange exchange = with_request("text/plain", "caf\u00e9 \U0001F600");
  exchange.request_body.truncated = true;
  for (int cut = 0; cut < 3; ++cut) {
    exchange.request_body.bytes.pop_back();
    EXPECT_EQ(redacted({}, exchange).request_body.bytes, "caf\u00e9 ");
  }
}

TEST(ExchangeRedactor, WritesFormsAsObjectsAlsoWithoutPaths) {
  const Exchange out = redacted({}, with_request("application/x-www-form-urlencoded", "a=1&b=2"));
  EXPECT_EQ(out.request_body.bytes, R"({"a":"1","b":"2"})");
}

TEST(ExchangeRedactor, NamesTheArgumentThatIsWrong) {
  const std::pair<Rules, std::string_view> cases[] = {
      {{.headers = {"Ok", "Bad Name"}},
       "redact_headers[1]: \"Bad Name\": expected a header's name at column 4"},
      {{.headers = {""}}, "redact_headers[0]: \"\": expected a header's name at column 1"},
      {{.query = {"a", ""}}, "redact_query[1]: \"\": expected a parameter's name at column 1"},
      {{.request_body = {"$.a", "$["}},
       "redact_request_body[1]: \"$[\": expected a selector at column 3"},
      {{.response_body = {"$.a."}},
       "redact_response_body[0]: \"$.a.\": expected a name or '*' at column 5"},
  };
  for (const auto& [rules, message] : cases) {
    const auto redactor = ExchangeRedactor::compile(rules);
    ASSERT_FALSE(redactor.has_value()) << message;
    EXPECT_EQ(redactor.error().message, message);
    EXPECT_EQ(redactor.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace apitoolkit::redact
