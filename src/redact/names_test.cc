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

}  // namespace
}  // namespace apitoolkit::redact
