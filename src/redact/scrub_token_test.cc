#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/redact/scrub_rows.h"

namespace apitoolkit::redact {
namespace {

constexpr char kHeader[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
constexpr char kPayload[] = "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ";
constexpr char kSignature[] = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

TEST(JwtDetector, FindsTokens) {
  const std::string token = marked(dotted({kHeader, kPayload, kSignature}));
  std::vector<std::string> rows = {
      token, "Bearer " + token, "token=" + token + "&x=1", token + "," + token, token + " " + token,
      "https://example.com/#id_token=" + token, "session-" + token, "v1_" + token, "xx" + token,
      "eyes " + token, "see " + token + " .", "new.key." + token, token + "/x", token + "=",
      // A sentence's dot cannot be told from the dot before a part that is empty or comes next.
      marked(dotted({kHeader, kPayload, kSignature})) + ".",
      marked(dotted({kHeader, kPayload, kSignature})) + ".html",
      marked(std::string(kHeader) + "." + kPayload + "."),  // "alg":"none" has no signature
      marked(dotted({kHeader, "aGVsbG8gd29ybGQ", kSignature})),
      // {"alg":"RSA-OAEP","enc":"A256GCM"}, encrypted: five parts
      marked("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a2V5.aXY.Y2lwaGVy.dGFn"),
      marked("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn"),  // without a key
      marked("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.a2V5.aXY"),            // cut short
  };
  for (const char* header :
       {"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",  // {"typ":"JWT",\r\n "alg":"HS256"}
        "eyAiYWxnIjoibm9uZSJ9",                      // { "alg":"none"}
        "ewogICJhbGciOiAiUlMyNTYiCn0",               // with line feeds
        "ew0KImFsZyI6IngifQ",                        // with carriage returns
        "ewkiYWxnIjoieCJ9",                          // with a tab
        "eyJraWQiOiLDqSIsImFsZyI6IkVTMjU2In0",       // {"kid":"é","alg":"ES256"}
        // {"alg":"HS256","kid":"\u00e9","x5c":["a","b"],"n":[1,-2.5e3,true,false,null,{}],"o":{}}
        "eyJhbGciOiJIUzI1NiIsImtpZCI6Ilx1MDBlOSIsIng1YyI6WyJhIiwiYiJdLCJuIjpbMSwtMi41ZTMsdHJ1ZSxmYW"
        "xzZSxudWxsLHt9XSwibyI6e319IA"}) {
    rows.push_back(marked(dotted({header, kPayload, kSignature})));
  }
  expect_rows(Detector::kJwt, rows);
}

TEST(JwtDetector, PassesOverNearMisses) {
  std::vector<std::string> rows = {
      kHeader,
      dotted({kHeader, kPayload}),
      std::string(kHeader) + "...",
      std::string(kHeader) + "..",
      std::string(kHeader) + ".." + kSignature,  // detached: no claims
      std::string(kHeader) + ". " + kPayload + "." + kSignature,
      std::string(kHeader) + "." + kPayload + " ." + kSignature,
      dotted({kPayload, kHeader, kSignature}),                     // the claims have no "alg"
      dotted({kHeader + std::string("A"), kPayload, kSignature}),  // not base64
      dotted({kHeader + std::string("eA"), kPayload, kSignature}),
      "eyJ.eyJ.eyJ",
      "eyJ.a.b",
      "the.key.survey",
      "they.were.new",
      "keyId.keyArn.keyLabel",
      "com.example.monkeyIsland.Main",
      "WyJhbGciXQ.eyJhIjoxfQ.c2ln",  // an array
  };
  for (const char* header : {"eyJ0eXAiOiJKV1QifQ",            // {"typ":"JWT"}
                             "eyJ4Ijp7ImFsZyI6IkhTMjU2In19",  // {"x":{"alg":"HS256"}}
                             "eyJhbGciOiJIUzI1NiI",           // {"alg":"HS256"
                             "eyJhbGciOiJIUzI1NiJ9eA",        // {"alg":"HS256"}x
                             "eyJBTEciOiJIUzI1NiJ9",          // {"ALG":"HS256"}
                             "eyJhbGciICJIUzI1NiJ9",          // {"alg" "HS256"}
                             "eyJhbGciOiJIUzI1NiIsfQ",        // {"alg":"HS256",}
                             "eyJhYWxnIjoxfQ",                // {"aalg":1}
                             "eyJhbGciOnRydX0",               // {"alg":tru}
                             "eyJhIjoiXHgiLCJhbGciOjF9"}) {   // {"a":"\x","alg":1}
    rows.push_back(dotted({header, kPayload, kSignature}));
  }
  expect_rows(Detector::kJwt, rows);
}

// What overlaps only by joining: the email's local part is a card number.
TEST(Scrubber, JoinsValuesThatOverlap) {
  const Scrubber scrubber = *Scrubber::compile(
      std::vector<std::string>{"credit_card", "jwt", "email", "iban", "ssn", "bearer"}, "scrub");
  const std::string token = dotted({kHeader, kPayload, kSignature});
  const std::pair<std::string, std::string> cases[] = {
      {"4111111111111111@example.com", "[CLIENT_REDACTED]"},
      {"4111-1111-1111-1111-123-45-6789@example.com", "[CLIENT_REDACTED]"},
      {"4111111111111111+4012888888881881+123@example.com x", "[CLIENT_REDACTED] x"},
      {"Bearer " + token, "Bearer [CLIENT_REDACTED]"},
      {"Bearer x." + token + "~", "Bearer [CLIENT_REDACTED]"},
      {"Bearer bob.smith@example.com", "Bearer [CLIENT_REDACTED]"},
      {"Bearer 4111-1111-1111-1111", "Bearer [CLIENT_REDACTED]"},
      {"4111111111111111 123-45-6789", "[CLIENT_REDACTED] [CLIENT_REDACTED]"},
      {"bob@example.com4111111111111111", "bob@example.com[CLIENT_REDACTED]"},
      {"a@b.cc:4111111111111111:d@e.ff", "[CLIENT_REDACTED]:[CLIENT_REDACTED]:[CLIENT_REDACTED]"},
      {"https://bob@example.com:8080/4111111111111111?s=123-45-6789#DE89370400440532013000",
       "https://[CLIENT_REDACTED]:8080/[CLIENT_REDACTED]?s=[CLIENT_REDACTED]#[CLIENT_REDACTED]"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(scrubber.scrub_text(text), expected) << text;
}

TEST(BearerDetector, FindsTokens) {
  expect_rows(Detector::kBearer, {
                                     "Bearer «abcdefgh»",
                                     "bearer «abcdefgh»",
                                     "BEARER «ABCDEFGH»",
                                     "Bearer  «12345678»",
                                     "Bearer «mF_9.B5f-4.1JqM»",
                                     "Bearer «AbCdEf12==»",
                                     "Bearer «abcdefg=»",
                                     "Bearer «a-._~+/z»",
                                     "Authorization: Bearer «abcdefgh12345678»",
                                     "{'Authorization': 'Bearer «abcdefgh12345678»'}",
                                     "curl -H \"Authorization: Bearer «abcdefgh12345678»\" x",
                                     "sent Bearer «abcdefgh12345678».",
                                     "Bearer «abcdefgh12345678», Bearer «zyxwvuts»",
                                     "x-bearer «abcdefgh»",
                                     "x_bearer «abcdefgh»",
                                     "Bearer «abcdefgh12345678»&x=1",
                                     "bearer bearer «abcdefgh»",
                                     "Bearer Bearer «abcdefgh»",
                                     "\\nBearer «abcdefgh»",
                                     "Bearer «abcdefgh=»&x",
                                     "Bearer «a1b2c3d4=»x",
                                     "éBearer «abcdefgh»é",
                                 });
}

TEST(BearerDetector, PassesOverNearMisses) {
  expect_rows(Detector::kBearer, {
                                     "Bearer",
                                     "Bearer abcdefg",
                                     "Bearer abcdefg.",
                                     "Bearer abcdefg...",
                                     "Bearer: abcdefgh",
                                     "Bearer=abcdefgh",
                                     "Bearer\tabcdefgh",
                                     "Bearer\nabcdefgh",
                                     "Bearerabcdefgh",
                                     "Bearers abcdefgh",
                                     "forbearer abcdefgh",
                                     "2bearer abcdefgh",
                                     "Beare abcdefgh",
                                     "Bear er abcdefgh",
                                     "Bearer <abcdefgh>",
                                     "Bearer \"abcdefgh\"",
                                     "Bearer [CLIENT_REDACTED]",
                                     "Bearer token expired",
                                     "Bearer authentication is required",
                                     "Bearer Authorization",
                                     "bearer certificate",
                                     "Bearer realm=\"example\"",
                                     "Bearer error_description=\"expired\"",
                                     "Bearer error_description=\\\"expired\\\"",
                                     "Bearer resource_metadata=https",
                                     "Bearer abc defghijkl",
                                     "bear abcdefgh",
                                 });
}

}  // namespace
}  // namespace apitoolkit::redact
