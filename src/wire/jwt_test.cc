#include "src/wire/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/base64.h"

namespace apitoolkit::wire {
namespace {

using testing::HasSubstr;

const Claims kClaims{"someone@example.com", "https://pubsub.googleapis.com/", 1000, 4600};

TEST(RsaKey, SurvivesItsPem) {
  const auto key = RsaKey::generate();
  ASSERT_TRUE(key);
  const auto again = RsaKey::from_private_pem(key->private_pem());
  ASSERT_TRUE(again);
  const auto token = key->sign(kClaims, "k");
  ASSERT_TRUE(token);
  EXPECT_TRUE(again->verify(*token, 2000));
}

TEST(RsaKey, VerifiesOnlyWhatItSigned) {
  const auto key = RsaKey::generate();
  const auto other = RsaKey::generate();
  ASSERT_TRUE(key && other);
  const std::string token = key->sign(kClaims, "k").value();
  const std::string header = token.substr(0, token.find('.'));
  const std::string claims = token.substr(header.size() + 1, token.rfind('.') - header.size() - 1);
  const std::string signature = token.substr(token.rfind('.') + 1);
  const std::string none = base::base64url_encode(R"({"alg":"none","typ":"JWT"})");
  const std::string hmac = base::base64url_encode(R"({"alg":"HS256","typ":"JWT"})");
  const std::string later =
      base::base64url_encode(R"({"iss":"a","sub":"a","aud":"b","iat":1000,"exp":999999999999})");
  struct Case {
    const char* name;
    std::string token;
    std::int64_t now_s;
    const char* message;
  };
  const Case cases[] = {
      {"empty", "", 2000, "expected header.claims.signature"},
      {"two parts", header + "." + claims, 2000, "expected header.claims.signature"},
      {"four parts", token + ".AAAA", 2000, "expected header.claims.signature"},
      {"not base64", header + "." + claims + ".*", 2000, "expected header.claims.signature"},
      {"no algorithm", none + "." + claims + ".", 2000, "expected alg RS256"},
      {"another algorithm", hmac + "." + claims + "." + signature, 2000, "expected alg RS256"},
      {"other claims", header + "." + later + "." + signature, 2000, "signature does not match"},
      {"another key's", other->sign(kClaims, "k").value(), 2000, "signature does not match"},
      {"expired", token, 4661, "expired"},
      {"too early", token, 939, "issued in the future"},
  };
  for (const Case& c : cases) {
    const auto verified = key->verify(c.token, c.now_s);
    ASSERT_FALSE(verified) << c.name;
    EXPECT_EQ(verified.error().code, ErrorCode::kUnauthenticated) << c.name;
    EXPECT_THAT(verified.error().message, HasSubstr(c.message)) << c.name;
  }
  for (const std::int64_t now_s : {940, 1000, 4600, 4660}) {
    EXPECT_TRUE(key->verify(token, now_s)) << now_s;
  }
}

TEST(RsaKey, RefusesWhatIsNotAnRsaPrivateKey) {
  // An encrypted key must not make OpenSSL ask for its password on the terminal.
  const char* encrypted =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const char* elliptic =
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2\n"
      "OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r\n"
      "1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G\n"
      "-----END PRIVATE KEY-----\n";
  for (const char* pem : {"", "hello", encrypted, elliptic,
                          "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
    const auto key = RsaKey::from_private_pem(pem);
    ASSERT_FALSE(key) << pem;
    EXPECT_EQ(key.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(RsaKey::generate(8));
}

TEST(RsaKey, WithoutAKeyNothingIsSignedOrVerified) {
  const RsaKey none;
  EXPECT_FALSE(none.sign(kClaims, "k"));
  EXPECT_FALSE(none.verify(RsaKey::generate()->sign(kClaims, "k").value(), 2000));
  EXPECT_EQ(none.private_pem(), "");
}

TEST(TokenKeyId, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(token_key_id(""), "");
  EXPECT_EQ(token_key_id("*.*.*"), "");
  EXPECT_EQ(token_key_id(base::base64url_encode(R"({"kid":7})") + ".x.y"), "");
  EXPECT_EQ(token_key_id(base::base64url_encode(R"({"kid":"a"})") + ".x.y"), "a");
}

}  // namespace
}  // namespace apitoolkit::wire
