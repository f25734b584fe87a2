#include "src/server/redaction/project_redactor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apitoolkit::server::redaction {
namespace {

using account::RedactionRule;
using testing::HasSubstr;
using testing::Not;
using Kind = RedactionRule::Kind;

RedactionRule rule(Kind kind, std::string value, std::string method = "", std::string host = "",
                   std::string url_path = "") {
  RedactionRule made;
  made.kind = kind;
  made.value = std::move(value);
  made.method = std::move(method);
  made.host = std::move(host);
  made.url_path = std::move(url_path);
  return made;
}

Exchange exchange(std::string method, std::string url_path, std::string body = "{}") {
  Exchange made;
  made.method = std::move(method);
  made.host = "api.example.com:8443";
  made.url_path = url_path;
  made.raw_url = std::move(url_path);
  made.response_headers = {{"Content-Type", "application/json"}};
  made.response_body.bytes = std::move(body);
  return made;
}

std::string redacted(const std::vector<RedactionRule>& rules, Exchange one) {
  std::vector<std::string> complaints;
  const ProjectRedactor redactor(rules, complaints);
  EXPECT_TRUE(complaints.empty());
  redactor.redact(one);
  return one.response_body.bytes;
}

TEST(ProjectRedactor, AppliesRulesOfTheWholeProjectAndOfTheEndpoint) {
  const std::vector<RedactionRule> rules{
      rule(Kind::kResponseBody, "$.a"), rule(Kind::kResponseBody, "$.b", "GET", "", "/users/{id}"),
      rule(Kind::kResponseBody, "$.c", "", "api.example.com", "")};
  const std::string body = R"({"a":1,"b":2,"c":3})";
  const std::string m = R"("[CLIENT_REDACTED]")";
  EXPECT_EQ(redacted(rules, exchange("GET", "/users/:id", body)),
            R"({"a":)" + m + R"(,"b":)" + m + R"(,"c":)" + m + "}");
  EXPECT_EQ(redacted(rules, exchange("POST", "/users/:id", body)),
            R"({"a":)" + m + R"(,"b":2,"c":)" + m + "}");
  Exchange elsewhere = exchange("GET", "/orders", body);
  elsewhere.host = "other.example.com";
  EXPECT_EQ(redacted(rules, elsewhere), R"({"a":)" + m + R"(,"b":2,"c":3})");
}

// One after the other, the first would hide from the second what its filter asks for.
TEST(ProjectRedactor, AFilterSeesWhatAnotherRuleMasks) {
  const std::string out =
      redacted({rule(Kind::kResponseBody, "$.*.kind"),
                rule(Kind::kResponseBody, "$[?@.kind=='card'].number", "GET", "", "/pay")},
               exchange("GET", "/pay", R"({"x":{"kind":"card","number":4111}})"));
  EXPECT_THAT(out, Not(HasSubstr("4111")));
  EXPECT_THAT(out, Not(HasSubstr("\"card\"")));
}

TEST(ProjectRedactor, FitsTemplatesInEveryNotation) {
  struct Case {
    const char* rule;
    const char* url_path;
    bool fits;
  };
  for (const Case& c : {Case{"/users/{id}", "/users/{user_id}", true},
                        {"/users/{id}", "/users/<int:id>", true},
                        {"/users/<id>", "users/:id", true},
                        {"/users/:id/", "/users/[id]", true},
                        {"/users/{id}", "/users/7", true},
                        {"/users/{id}", "/users/7?x=/y", true},
                        {"/users/{id}", "/users/", false},
                        {"/users/{id}", "/users", false},
                        {"/users/{id}", "/users/7/pets", false},
                        {"/users/7", "/users/{id}", false},
                        {"/users", "/orders", false},
                        {"/", "/", true},
                        {"/", "/a", false}}) {
    EXPECT_EQ(is_for(rule(Kind::kHeader, "x", "", "", c.rule), exchange("GET", c.url_path)), c.fits)
        << c.rule << " " << c.url_path;
  }
  // A route that the framework did not name.
  Exchange unnamed = exchange("GET", "");
  unnamed.raw_url = "https://api.example.com/users/7?full=1";
  EXPECT_TRUE(is_for(rule(Kind::kHeader, "x", "get", "API.example.com", "/users/{id}"), unnamed));
  EXPECT_TRUE(is_for(rule(Kind::kHeader, "x", "", "api.example.com:8443"), unnamed));
  EXPECT_FALSE(is_for(rule(Kind::kHeader, "x", "", "example.com"), unnamed));
}

TEST(ProjectRedactor, KnowsEveryKind) {
  std::vector<std::string> complaints;
  const std::vector<RedactionRule> rules{
      rule(Kind::kHeader, "X-Account"), rule(Kind::kQuery, "account"),
      rule(Kind::kRequestBody, "$.iban"), rule(Kind::kScrub, "email")};
  const ProjectRedactor redactor(rules, complaints);
  EXPECT_TRUE(redactor.hides_content());
  EXPECT_TRUE(redactor.is_masked_header("x-account"));
  EXPECT_TRUE(redactor.is_masked_header("Authorization"));
  Exchange one = exchange("POST", "/a", R"({"to":"vera@example.com"})");
  one.raw_url = "/a?account=7";
  one.request_headers = {{"X-Account", "7"}, {"Cookie", "c"}, {"Content-Type", "application/json"}};
  one.request_body.bytes = R"({"iban":"DE1"})";
  redactor.redact(one);
  EXPECT_EQ(one.raw_url, "/a?account=[CLIENT_REDACTED]");
  EXPECT_EQ(one.request_headers[0].value, "[CLIENT_REDACTED]");
  EXPECT_EQ(one.request_headers[1].value, "[CLIENT_REDACTED]");
  EXPECT_EQ(one.request_body.bytes, R"({"iban":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(one.response_body.bytes, R"({"to":"[CLIENT_REDACTED]"})");
}

TEST(ProjectRedactor, SaysWhereARuleIsWrong) {
  const auto path = check(rule(Kind::kRequestBody, "$.a["));
  ASSERT_FALSE(path);
  EXPECT_THAT(path.error().message, HasSubstr("column 5"));
  EXPECT_THAT(path.error().message, Not(HasSubstr("redact_request_body")));
  EXPECT_THAT(check(rule(Kind::kScrub, "emial")).error().message, HasSubstr("email"));
  EXPECT_FALSE(check(rule(Kind::kHeader, "two words")));
  EXPECT_FALSE(check(rule(Kind::kQuery, "")));
  EXPECT_TRUE(check(rule(Kind::kRequestBody, "$..password")));
}

TEST(ProjectRedactor, MasksTheWholeBodyWhereAPathOfAnotherVersionCannotBeRead) {
  std::vector<std::string> complaints;
  const std::vector<RedactionRule> rules{rule(Kind::kResponseBody, "$.a[")};
  const ProjectRedactor redactor(rules, complaints);
  EXPECT_EQ(complaints.size(), 1u);
  Exchange one = exchange("GET", "/", R"({"a":1})");
  redactor.redact(one);
  EXPECT_EQ(one.response_body.bytes, R"("[CLIENT_REDACTED]")");
}

}  // namespace
}  // namespace apitoolkit::server::redaction
