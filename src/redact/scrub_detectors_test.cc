// One table a detector. In a row, «…» encloses each value; a row without is a near miss, and every
// row is tried alone and inside other text.
#include "src/redact/scrub_detectors.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/redact/redactor.h"
#include "src/redact/scrub.h"

namespace apitoolkit::redact {
namespace {

constexpr std::string_view kOpen = "«";
constexpr std::string_view kClose = "»";

std::string without_marks(std::string_view row) {
  std::string text(row);
  for (const std::string_view mark : {kOpen, kClose}) {
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark)) {
      text.erase(at, mark.size());
    }
  }
  return text;
}

std::string masked(std::string_view row) {
  std::string text(row);
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen)) {
    text.replace(at, text.find(kClose) + kClose.size() - at, kMarker);
  }
  return text;
}

void expect_rows(Detector detector, const std::vector<std::string>& rows) {
  DetectorSet set;
  set.add(detector);
  const Scrubber scrubber(set);
  const std::pair<std::string, std::string> surroundings[] = {{"", ""},
                                                              {" ", " "},
                                                              {"\"", "\""},
                                                              {"(", ")"},
                                                              {"'", "',"},
                                                              {"<", ">"},
                                                              {"= ", ";"},
                                                              {"\n", "\r\n"},
                                                              {"value:", ", x"},
                                                              {"{[", "]}"},
                                                              {"\u201c", "\u201d"},
                                                              {"\u00e9 ", " \u4e2d"},
                                                              {"\u4e2d", "\u4e2d"},
                                                              {"*", "!"},
                                                              {"|", "?"}};
  for (const std::string& row : rows) {
    for (const auto& [before, after] : surroundings) {
      const std::string text = before + without_marks(row) + after;
      EXPECT_EQ(scrubber.scrub_text(text), before + masked(row) + after) << text;
    }
    // Across the borders of the blocks that the scan reads.
    for (std::size_t n = 1; n < 130; ++n) {
      const std::string before = std::string(n, '.') + ' ';
      const std::string after = ' ' + std::string(130 - n, '.');
      EXPECT_EQ(scrubber.scrub_text(before + without_marks(row) + after),
                before + masked(row) + after)
          << n << " dots before " << row;
    }
  }
}

TEST(CardDetector, FindsTheNumbersOfEachIssuer) {
  expect_rows(Detector::kCreditCard,
              {
                  "«4111111111111111»",  // Visa
                  "«4012888888881881»",
                  "«4222222222222»",        // of 13 digits
                  "«4000000000000001236»",  // of 19
                  "«5555555555554444»",     // Mastercard
                  "«5105105105105100»",
                  "«2221000000000009»",  // its range since 2017
                  "«2223003122003222»",    "«2720999999999996»",
                  "«378282246310005»",  // American Express
                  "«371449635398431»",     "«340000000000124»",
                  "«6011111111111117»",  // Discover
                  "«6011000990139424»",    "«6011000000000001231»", "«6500000000000002»",
                  "«30569309025904»",  // Diners
                  "«38520000023237»",      "«36000000000016»",      "«3000000000000004»",
                  "«3095123456789015»",
                  "«3530111333300000»",  // JCB
                  "«3566002020360505»",    "«3528000000000007»",    "«3589999999999994»",
                  "«6200000000000005»",  // UnionPay
                  "«6205500000000000004»",
                  "«6759649826438453»",  // Maestro
                  "«5018000000015»",       "«5038123456787»",       "«589312345678906»",
                  "«630400000000000000»",  "«676112345678901233»",
              });
}

TEST(CardDetector, FindsNumbersAsTheyArePrinted) {
  expect_rows(Detector::kCreditCard, {
                                         "«4111 1111 1111 1111»",
                                         "«4111-1111-1111-1111»",
                                         "«4111 1111-1111 1111»",
                                         "«3782 822463 10005»",
                                         "«3782-822463-10005»",
                                         "«3782 8224 6310 005»",
                                         "«3056 930902 5904»",
                                         "«4000 0000 0000 0001 236»",
                                         "«620550 0000000000004»",
                                         "«41111111 11111111»",
                                         "«4222 2222 2222 2»",
                                         "«5893 12345 678906»",
                                     });
}

TEST(CardDetector, FindsNumbersBesideOtherText) {
  expect_rows(Detector::kCreditCard, {
                                         "card «4111111111111111», thanks",
                                         "«4111 1111 1111 1111» 12/26",
                                         "«4111 1111 1111 1111» 124 is its code",
                                         "«4111-1111-1111-1111»-2026",
                                         "17 «4111 1111 1111 1111»",
                                         "2026-05-01 «4111111111111111»",
                                         "PAN«4111111111111111»",
                                         "card_«4111111111111111»_x",
                                         "card=«4111111111111111»&cvv=123",
                                         "/cards/«4111111111111111»/charge",
                                         "0,«4111111111111111»,4",
                                         "paid with «4111111111111111».",
                                         "No.«4111111111111111»",
                                         "#«4111111111111111»",
                                         "-«4111111111111111»",
                                         "+«4111111111111111»",
                                         "«4111111111111111» «5555555555554444»",
                                         "«4111111111111111»,«5555555555554444»",
                                         "4111 «4111111111111111»",
                                         "«4111111111111111»USD",
                                         "abc«4111111111111111»",
                                         "\\n«4111111111111111»",
                                     });
}

TEST(CardDetector, PassesOverNearMisses) {
  expect_rows(Detector::kCreditCard,
              {
                  "4111111111111112",          // Luhn
                  "4111111111111",             // likewise, 13 digits
                  "41111111111111111",         // 17 digits, not a Visa length
                  "412345678901233",           // passes Luhn, 15 digits
                  "41234567890123458",         // passes Luhn, 17 digits
                  "411111111111111126",        // passes Luhn, 18 digits
                  "412345678905",              // passes Luhn, 12 digits
                  "41111111111111120256",      // 20 digits
                  "411111111111111141111111",  // a card's digits begin it
                  "994111111111111111",        // and end it
                  "4111111111111111000000000000000000000000000000000000",
                  "4444444444444444",  // one digit only
                  "0000000000000000",
                  "1234567890123452",  // Luhn, but nobody's prefix
                  "9111111111111110",
                  "1600000000006",     // milliseconds since 1970
                  "1700000000000001",  // microseconds
                  "2220000000000000",  // below the range of Mastercard
                  "2721000000000004",  // above
                  "5000000000000009",
                  "5600000000000003",
                  "3527000000000008",  // around the range of JCB
                  "3590000000000000",
                  "352820000000005",  // JCB of 15 digits
                  "644000000000002",  // Discover of 15 digits
                  "6430000000000007",
                  "6000000000000007",
                  "4111  1111  1111  1111",  // two spaces
                  "4111 - 1111 - 1111 - 1111",
                  "4111.1111.1111.1111",
                  "4111/1111/1111/1111",
                  "4111_1111_1111_1111",
                  "4111\n1111\n1111\n1111",
                  "4111,1111,1111,1111",
                  "41 11 11 11 11 11 11 11",  // a list of numbers
                  "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
                  "411-111-1111 111-111-111",  // telephone numbers
                  "411 1111 1111 11111",
                  "4111-1111-1111",
                  "3.4111111111111111",  // a fraction
                  "52.4111111111111111",
                  "4111111111111111.5",
                  "0.4012888888881881",
                  "deadbeef4111111111111111",          // an ObjectId
                  "4111111111111111abcdefabcdefabcd",  // a trace id
                  "a9993e364111111111111111ba3e25717850c26c",
                  "0000000a-4111-1111-1111-1111abcdef01",  // a UUID
                  "abcd4111-1111-1111-1111-000000000000",
                  "12345678-4111-1111-1111-111111111111",
                  "2026-05-01 12:30:00",
                  "2026-05-01 2026-05-02 2026-05-03",
                  "x4111x1111x1111x1111",
                  "\u0664\u0661\u0661\u0661 1111 1111 1111",  // other digits
              });
}

constexpr char kHeader[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
constexpr char kPayload[] = "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ";
constexpr char kSignature[] = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

std::string dotted(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

std::string marked(const std::string& text) {
  return std::string(kOpen) + text + std::string(kClose);
}

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

TEST(EmailDetector, FindsAddresses) {
  const std::string local64(64, 'a');
  const std::string label63(63, 'b');
  expect_rows(Detector::kEmail, {
                                    "«bob@example.com»",
                                    "«Bob.Smith@Example.COM»",
                                    "«bob+tag@example.co.uk»",
                                    "«bob_smith-jones@mail-1.example.org»",
                                    "«o'neill@example.com»",
                                    "«maria.o'brien@example.com»",
                                    "«_bob@example.com»",
                                    "«a@b.cc»",
                                    "«1@2.com»",
                                    "«123456@example.com»",
                                    "«" + local64 + "@example.com»",
                                    "«bob@" + label63 + ".com»",
                                    "«bob@xn--bcher-kva.example»",
                                    "«bob@example.xn--p1ai»",
                                    "«bob@münchen.de»",
                                    "«bob@example.museum»",
                                });
}

TEST(EmailDetector, FindsAddressesBesideOtherText) {
  const std::string label(60, 'b');
  expect_rows(Detector::kEmail, {
                                    "mail «bob@example.com».",
                                    "mail «bob@example.com»...",
                                    "mailto:«bob@example.com»?subject=x",
                                    "email=«bob@example.com»&x=1",
                                    "/users/«bob@example.com»/cards",
                                    "«bob@example.com»,«ann@example.com»",
                                    "«bob@example.com»;«ann@example.com»",
                                    "«bob@example.com»:secret",
                                    "--to=«bob@example.com»",
                                    "...«bob@example.com»",
                                    ".«bob@example.com»",
                                    "-«bob@example.com»",
                                    std::string(100, '-') + "«bob@example.com»",
                                    "a..«bob@example.com»",
                                    "b'«bob@example.com»'",
                                    "{'«bob@example.com»': 1}",
                                    "'«bob@example.com»'",
                                    "bob@«ann@example.com»",
                                    "@«bob@example.com»",
                                    "«bob@example.com»-",
                                    "«bob@example.com»-please",
                                    "«bob@example.com»_x",
                                    "«bob@example.com»@x",
                                    "«bob@example.com»/path.html",
                                    "«bob@example.com»..uk",
                                    "«bob@example.com».",
                                    "«bob@example.com».-",
                                    "«bob@example.com».1",
                                    "«bob@example.com»\u3002",
                                    "git clone «git@github.com»:org/repo",
                                    "é«ric@example.com»",
                                    "<«bob@example.com»>",
                                    "a=b=«bob@example.com»",
                                    "«bob@" + dotted({label, label, label, label}) + "»." + label,
                                });
}

TEST(EmailDetector, PassesOverNearMisses) {
  expect_rows(Detector::kEmail, {
                                    "@",
                                    "@@",
                                    "bob@",
                                    "@example.com",
                                    "bob @example.com",
                                    "bob@ example.com",
                                    "bob@localhost",
                                    "bob@example",
                                    "bob@example.",
                                    "bob@.com",
                                    "bob@-example.com",
                                    "bob@example-.com",
                                    "bob@example..com",
                                    "bob@example.c",
                                    "bob@example.c1",
                                    "bob@example.com1",
                                    "bob@example.123",
                                    "bob@127.0.0.1",
                                    "bob@[127.0.0.1]",
                                    "bob.@example.com",
                                    "lodash@4.17.21",
                                    "jquery@3.6.0.min.js",
                                    "logo@2x.png",
                                    "logo@2x.PNG",
                                    "@decorator.call",
                                    "medium.com/@bob.smith",
                                    "\"bob smith\"@example.com",
                                    "bob(at)example.com",
                                    "bob at example dot com",
                                    std::string(65, 'a') + "@example.com",
                                    "bob@" + std::string(64, 'b') + ".com",
                                    "]@example.com",
                                    "bob@xn--",
                                    "bob@example.xn--",
                                    "user:@example.com",
                                });
}

TEST(IbanDetector, FindsAccountNumbers) {
  expect_rows(Detector::kIban, {
                                   "«DE89370400440532013000»",
                                   "«DE89 3704 0044 0532 0130 00»",
                                   "«de89370400440532013000»",
                                   "«De89 3704 0044 0532 0130 00»",
                                   "«DE893704 0044 0532 013000»",
                                   "«GB29NWBK60161331926819»",
                                   "«GB29 NWBK 6016 1331 9268 19»",
                                   "«FR1420041010050500013M02606»",
                                   "«FR14 2004 1010 0505 0001 3M02 606»",
                                   "«NL91ABNA0417164300»",
                                   "«NO9386011117947»",
                                   "«NO93 8601 1117 947»",
                                   "«BE68539007547034»",
                                   "«CH9300762011623852957»",
                                   "«AT611904300234573201»",
                                   "«ES9121000418450200051332»",
                                   "«IT60X0542811101000000123456»",
                                   "«PL61109010140000071219812874»",
                                   "«SE4550000000058398257466»",
                                   "«SA0380000000608010167519»",
                                   "«MT84MALT011000012345MTLCAST001S»",
                                   "«LC55HEMM000100010012001200023015»",
                                   "«AE070331234567890123456»",
                                   "«BR1800360305000010009795493C1»",
                                   "«TR330006100519786457841326»",
                                   "iban=«DE89370400440532013000»&x",
                                   "iban_«DE89370400440532013000»",
                                   "IBAN: «DE89 3704 0044 0532 0130 00» BIC COBADEFF",
                                   "«DE89370400440532013000»,«NL91ABNA0417164300»",
                                   "«DE89370400440532013000» «NL91ABNA0417164300»",
                                   "«DE89370400440532013000».",
                                   "«DE89370400440532013000»_1",
                                   "\\n«DE89370400440532013000»",
                                   "é«DE89370400440532013000»é",
                               });
}

TEST(IbanDetector, PassesOverNearMisses) {
  expect_rows(Detector::kIban, {
                                   "DE89370400440532013001",  // the remainder
                                   "DE88370400440532013000",
                                   "DE98370400440532013000",   // swapped
                                   "DE8937040044053201300",    // too short
                                   "DE893704004405320130000",  // too long
                                   "DE89370400440532013000X",
                                   "XDE89370400440532013000",  // in a longer word
                                   "1DE89370400440532013000",
                                   "IBANDE89370400440532013000",
                                   "DE89-3704-0044-0532-0130-00",   // dashes
                                   "DE89  3704 0044 0532 0130 00",  // two spaces
                                   "DE 89370400440532013000",
                                   "DE8 937040 0440532013000",
                                   "DE89 370 400440532013000",
                                   "DE89 3704 0044 0532 0130 00X",
                                   "DE89_37040044053201300",
                                   "XX89370400440532013000",  // no such country
                                   "US89370400440532013000",
                                   "ZZ00000000000000000000",
                                   "DE89",
                                   "DE",
                                   "GB29NWBK6016133192681",
                                   "GB29NWBK60161331926818",
                                   "NO938601111794",
                                   "NO93860111179477",
                                   "ab12 cd34 ef56 7890 abcd ef",
                                   "DE89\n3704\n0044\n0532\n0130\n00",
                                   "D\u00c989370400440532013000",
                               });
}

TEST(SsnDetector, FindsNumbers) {
  expect_rows(Detector::kSsn, {
                                  "«123-45-6789»",
                                  "«001-01-0001»",
                                  "«899-99-9999»",
                                  "«665-12-3456»",
                                  "«667-12-3456»",
                                  "ssn=«123-45-6789»&x",
                                  "SSN«123-45-6789»",
                                  "«123-45-6789»x",
                                  "«123-45-6789».",
                                  "«123-45-6789»-",
                                  "-«123-45-6789»",
                                  ".«123-45-6789»",
                                  "«123-45-6789»,«234-56-7890»",
                                  "«123-45-6789» «234-56-7890»",
                                  "/people/«123-45-6789»/",
                                  "1 «123-45-6789» 1",
                              });
}

TEST(SsnDetector, PassesOverNearMisses) {
  expect_rows(Detector::kSsn, {
                                  "123456789",     "000-12-3456",    "666-12-3456",
                                  "900-12-3456",   "999-99-9999",    "123-00-4567",
                                  "123-45-0000",   "1234-56-7890",   "123-456-7890",
                                  "123-45-67890",  "0123-45-6789",   "12-345-6789",
                                  "123-4-56789",   "123-45-678",     "23-45-6789",
                                  "123 45 6789",   "123.45.6789",    "123-45 6789",
                                  "123 45-6789",   "123--45-6789",   "123-45--6789",
                                  "123-45-6789-1", "1-123-45-6789",  "123-45-6789.5",
                                  "1.123-45-6789", "2026-05-01",     "a23-45-6789",
                                  "123-4a-6789",   "123-45-6789012", "555-123-4567",
                                  "123_45_6789",   "123/45/6789",    "123\u201345\u20136789",
                              });
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

}  // namespace
}  // namespace apitoolkit::redact
