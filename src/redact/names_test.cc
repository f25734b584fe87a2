#include "src/redact/names.h"

#include <gtest/gtest.h>

namespace apitoolkit::redact {
namespace {

TEST(NameSet, IgnoresCaseAndKeepsDashAndUnderscoreApart) {
  const std::vector<std::string> names{"X-Internal", "session_id"};
  const NameSet set{names};
  EXPECT_TRUE(set.contains("x-internal"));
  EXPECT_TRUE(set.contains("X-INTERNAL"));
  EXPECT_TRUE(set.contains("Session_Id"));
  EXPECT_FALSE(set.contains("x_internal"));
  EXPECT_FALSE(set.contains("X-Internal2"));
  EXPECT_FALSE(set.contains(""));
  EXPECT_FALSE(NameSet().contains("x"));
}

TEST(SecretHeader, KnowsTheListAndTheParts) {
  for (const std::string_view name :
       {"Authorization", "PROXY-AUTHORIZATION", "cookie", "Set-Cookie", "X-Api-Key", "X-Auth-Token",
        "x-csrf-token", "X-Amz-Security-Token", "Client-Secret", "X-Password-Hash",
        "My-Api-Key-2"}) {
    EXPECT_TRUE(is_secret_header(name)) << name;
  }
  for (const std::string_view name : {"Accept", "Cookie2", "X-Authorization-Kind", "Key", ""}) {
    EXPECT_FALSE(is_secret_header(name)) << name;
  }
}

TEST(SecretQueryName, KnowsTheList) {
  for (const std::string_view name :
       {"password", "passwd", "PWD", "secret", "token", "access_token", "refresh_token", "id_token",
        "api_key", "apikey", "signature", "sig", "credential", "X-Amz-Signature"}) {
    EXPECT_TRUE(is_secret_query_name(name)) << name;
  }
  for (const std::string_view name : {"tokens", "q", "pass", "", "api-key"}) {
    EXPECT_FALSE(is_secret_query_name(name)) << name;
  }
}

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
      {"/p?u=//x@y", "/p?u=//x@y"},
      {"/token=x", "/token=x"},
      {"", ""},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(redact_url(url, set), expected) << url;
  EXPECT_EQ(redact_url("/a?ssn=1", NameSet()), "/a?ssn=1");
}

}  // namespace
}  // namespace apitoolkit::redact
