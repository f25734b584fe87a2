// redact_url, and that no field of an exchange that holds a URL keeps what another one masks.
#include <gtest/gtest.h>

#include "src/redact/exchange_redactor.h"
#include "src/redact/names.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

TEST(RedactUrl, MasksByNameAndKeepsEveryOtherByte) {
  const std::vector<std::string> names{"ssn"};
  const NameSet set{names};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/a?token=x&b=1", "/a?token=[CLIENT_REDACTED]&b=1"},
      {"/a?b=1&TOKEN=x", "/a?b=1&TOKEN=[CLIENT_REDACTED]"},
      {"/a?ssn=1&ssn=2&x=%20+", "/a?ssn=[CLIENT_REDACTED]&ssn=[CLIENT_REDACTED]&x=%20+"},
      {"/a?t%6Fken=x", "/a?t%6Fken=[CLIENT_REDACTED]"},
      {"/a?token=a=b?c=d;e", "/a?token=[CLIENT_REDACTED]"},
      {"/a?x=1;token=y;z=2&q=3", "/a?x=1;token=[CLIENT_REDACTED]&q=3"},
      {"/a?next=/b?token=y&q=3", "/a?next=/b?token=[CLIENT_REDACTED]&q=3"},
      {"/a?user[password]=x&tags[]=1", "/a?user[password]=[CLIENT_REDACTED]&tags[]=1"},
      {"/a?user%5Bpassword%5D=x", "/a?user%5Bpassword%5D=[CLIENT_REDACTED]"},
      {"/a?token[]=x", "/a?token[]=[CLIENT_REDACTED]"},
      {"/a?token", "/a?token"},
      {"/a?token=", "/a?token=[CLIENT_REDACTED]"},
      {"/a?", "/a?"},
      {"/a?&&=&", "/a?&&=&"},
      {"/a#access_token=x&s=1", "/a#access_token=[CLIENT_REDACTED]&s=1"},
      {"/a?b=1#token=x", "/a?b=1#token=[CLIENT_REDACTED]"},
      {"/a?sig=1#frag", "/a?sig=[CLIENT_REDACTED]#frag"},
      {"https://user:secret@host:80/p?q=1", "https://[CLIENT_REDACTED]@host:80/p?q=1"},
      {"https://a@b@host/p", "https://[CLIENT_REDACTED]@host/p"},
      {"//user@host", "//[CLIENT_REDACTED]@host"},
      {"https://host/p@q?e=a@b", "https://host/p@q?e=a@b"},
      {"/path//x@y", "/path//x@y"},
      {"/p?u=//x@y", "/p?u=[CLIENT_REDACTED]"},
      {"/token=x", "/token=x"},
      {"", ""},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(redact_url(url, set), expected) << url;
  EXPECT_EQ(redact_url("/a?ssn=1", NameSet()), "/a?ssn=1");
}

TEST(RedactUrl, MasksAValueThatHoldsAUrlWithASecret) {
  const std::vector<std::string> names{"ssn"};
  const NameSet set{names};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/a?next=%2Fb%3Ftoken%3Dy&q=3", "/a?next=[CLIENT_REDACTED]&q=3"},
      {"/a?next=/b%3fx=1%26ssn=2", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=%2Fb%23access_token%3Dy", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=%2Fb%3Bsig%3Dy", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=b%3Fuser%255Bpassword%255D%3Dy", "/a?next=[CLIENT_REDACTED]"},
      {"/a?x=1;next=%3Ftoken=y", "/a?x=[CLIENT_REDACTED]"},
      {"/a#next=%2Fb%3Ftoken%3Dy", "/a#next=[CLIENT_REDACTED]"},
      {"/a?%2Fb%3Ftoken%3Dy", "/a?[CLIENT_REDACTED]"},
      {"/a?%2Fb%3Ftoken%3Dy=1&q=3", "/a?[CLIENT_REDACTED]&q=3"},
      {"/a?next=https%3A%2F%2Fu%3Ap%40h%2F", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=https://u:p@h/", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=https://u:p%2F@h/", "/a?next=[CLIENT_REDACTED]"},
      // A URL in a URL in a URL, each encoded once more than the one around it.
      {"/a?next=%2Fb%3Fnext%3D%252Fc%253Ftoken%253Dy", "/a?next=[CLIENT_REDACTED]"},
      {"/a?next=/b?next=%2Fc%3Ftoken%3Dy", "/a?next=[CLIENT_REDACTED]"},
      // What holds none stays byte for byte.
      {"/a?next=%2Fb%3Fx%3Dy%26z&q=100%", "/a?next=%2Fb%3Fx%3Dy%26z&q=100%"},
      {"/a?q=what%3F+a+token%3D%23", "/a?q=what%3F+a+token%3D%23"},
      {"/a?q=token%3Dx", "/a?q=token%3Dx"},
      {"/a?mail=a%40b.c&u=%2F%2Fh%2Fa%40b", "/a?mail=a%40b.c&u=%2F%2Fh%2Fa%40b"},
      {"/a?next=[CLIENT_REDACTED]", "/a?next=[CLIENT_REDACTED]"},
  };
  for (const auto& [url, expected] : cases) {
    EXPECT_EQ(redact_url(url, set), expected) << url;
    EXPECT_EQ(redact_url(expected, set), expected) << "once more, as the server does";
  }
}

TEST(RedactUrl, MasksAfterASemicolonInThePath) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"/a;token=x/y?q=1", "/a;token=[CLIENT_REDACTED]?q=1"},
      {"1;t%6Fken=x", "1;t%6Fken=[CLIENT_REDACTED]"},
      {"/a;v=1/b;w=2#f", "/a;v=1/b;w=2#f"},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(redact_url(url, NameSet()), expected) << url;
}

std::string encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("%?=&").find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += c == '%' ? "%25" : c == '?' ? "%3F" : c == '=' ? "%3D" : "%26";
    }
  }
  return out;
}

TEST(RedactUrl, MasksWhatIsNestedDeeperThanItReads) {
  std::string inner = "/z?token=y";
  std::string harmless = "/z?q=y";
  for (int i = 0; i < 3; ++i) {
    inner = "/a?n=" + encode(inner);
    harmless = "/a?n=" + encode(harmless);
  }
  EXPECT_EQ(redact_url(inner, NameSet()), "/a?n=[CLIENT_REDACTED]");
  EXPECT_EQ(redact_url(harmless, NameSet()), harmless);
  // To decode every level takes quadratic time; what is not read is taken for a secret.
  for (int i = 0; i < 20; ++i) harmless = "/a?n=" + encode(harmless);
  EXPECT_EQ(redact_url(harmless, NameSet()), "/a?n=[CLIENT_REDACTED]");
}

Exchange redacted(const Rules& rules, Exchange exchange) {
  const auto redactor = ExchangeRedactor::compile(rules);
  EXPECT_TRUE(redactor.has_value()) << redactor.error().message;
  redactor->redact(exchange);
  return exchange;
}

Exchange with_secret_in_every_url() {
  Exchange exchange;
  exchange.raw_url = "/a?next=%2Fb%3Ftoken%3Dhush&ssn=hush&q=2";
  exchange.referer = "https://h/?next=%2Fb%3Ftoken%3Dhush";
  exchange.query_params = {
      {"next", "/b?token=hush"}, {"ssn", "hush"}, {"x", "1;token=hush"}, {"q", "2"}};
  exchange.request_headers = {{"Referer", exchange.referer}};
  exchange.response_headers = {{"Location", "/c?next=https%3A%2F%2Fme%3Ahush%40h%2F"},
                               {"Content-Location", "/c?password=hush"}};
  return exchange;
}

void expect_no_secret(const Exchange& out) {
  EXPECT_EQ(out.raw_url, "/a?next=[CLIENT_REDACTED]&ssn=[CLIENT_REDACTED]&q=2");
  EXPECT_EQ(out.referer, "https://h/?next=[CLIENT_REDACTED]");
  EXPECT_EQ(out.query_params, (std::vector<Param>{{"next", "/b?token=[CLIENT_REDACTED]"},
                                                  {"ssn", std::string(kMarker)},
                                                  {"x", "1;token=[CLIENT_REDACTED]"},
                                                  {"q", "2"}}));
  EXPECT_EQ(out.request_headers[0].value, "https://h/?next=[CLIENT_REDACTED]");
  EXPECT_EQ(out.response_headers[0].value, "/c?next=[CLIENT_REDACTED]");
  EXPECT_EQ(out.response_headers[1].value, "/c?password=[CLIENT_REDACTED]");
}

TEST(RedactUrl, KeepsInNoFieldOfAnExchangeWhatAnotherMasks) {
  expect_no_secret(redacted({.query = {"ssn"}}, with_secret_in_every_url()));
}

TEST(RedactUrl, MasksQueryNamesAlsoWhereDefaultHeadersAreLeftAlone) {
  expect_no_secret(
      redacted({.query = {"ssn"}, .default_headers = false}, with_secret_in_every_url()));
}

TEST(RedactUrl, MasksInTheUrlOfAnOutgoingCall) {
  Exchange exchange = with_secret_in_every_url();
  exchange.direction = Direction::kOutgoing;
  exchange.sdk_type = "PythonHttpxOutgoing";
  exchange.host = "api.example";
  const Exchange out = redacted({.query = {"ssn"}}, exchange);
  EXPECT_EQ(out.direction, Direction::kOutgoing);
  expect_no_secret(out);
}

}  // namespace
}  // namespace apitoolkit::redact
