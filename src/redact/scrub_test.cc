#include "src/redact/scrub.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "src/json/document.h"

namespace apitoolkit::redact {
namespace {

Scrubber scrubber_of(const std::vector<std::string>& names) {
  const Result<Scrubber> scrubber = Scrubber::compile(names, "scrub");
  EXPECT_TRUE(scrubber.has_value());
  return scrubber.value_or(Scrubber());
}

Scrubber everything() {
  return scrubber_of({"credit_card", "jwt", "email", "iban", "ssn", "bearer"});
}

TEST(Scrubber, NamesTheSettingAndTheClosestDetectorInAnError) {
  const std::string known = "expected one of credit_card, jwt, email, iban, ssn, bearer";
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"jwt", "emial"}, "scrub[1]: \"emial\": " + known + "; did you mean \"email\"?"},
      {{"creditcard"}, "scrub[0]: \"creditcard\": " + known + "; did you mean \"credit_card\"?"},
      {{"Email"}, "scrub[0]: \"Email\": " + known + "; did you mean \"email\"?"},
      {{"jwts"}, "scrub[0]: \"jwts\": " + known + "; did you mean \"jwt\"?"},
      {{"phone"}, "scrub[0]: \"phone\": " + known},
      {{""}, "scrub[0]: \"\": " + known},
      {{"abc"}, "scrub[0]: \"abc\": " + known},
      {{std::string(100, 'e')}, "scrub[0]: \"" + std::string(100, 'e') + "\": " + known},
  };
  for (const auto& [names, message] : cases) {
    const Result<Scrubber> scrubber = Scrubber::compile(names, "scrub");
    ASSERT_FALSE(scrubber.has_value());
    EXPECT_EQ(scrubber.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(scrubber.error().message, message);
  }
}

TEST(Scrubber, AcceptsNoNamesAndNamesGivenTwice) {
  EXPECT_TRUE(scrubber_of({}).empty());
  EXPECT_FALSE(scrubber_of({"email", "email"}).empty());
  EXPECT_EQ(scrubber_of({"email", "email"}).scrub_text("bob@example.com"), "[CLIENT_REDACTED]");
}

TEST(Scrubber, RunsOnlyTheDetectorsItWasGiven) {
  const std::pair<std::string, std::string> values[] = {
      {"credit_card", "4111111111111111"},
      {"jwt", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
      {"email", "bob@example.com"},
      {"iban", "NO9386011117947"},
      {"ssn", "123-45-6789"},
      {"bearer", "Bearer abcdefgh"},
  };
  for (const auto& [name, value] : values) {
    const Scrubber only = scrubber_of({name});
    for (const auto& [other, text] : values) {
      std::string out = "untouched";
      EXPECT_EQ(only.scrub_text(text, out), name == other) << name << " on " << text;
      EXPECT_EQ(out == "untouched", name != other) << name << " on " << text;
      EXPECT_EQ(only.scrub_json('"' + text + '"') != '"' + text + '"', name == other);
      EXPECT_EQ(only.scrub_url(text + "%20") != text + "%20", name == other);
    }
  }
}

TEST(Scrubber, LeavesTheOutputAloneWhenNothingIsFound) {
  for (const std::string text : {"", "a", "nothing here", "@", "%40", "\"\\u0040\""}) {
    std::string out = "untouched";
    EXPECT_FALSE(everything().scrub_text(text, out));
    EXPECT_FALSE(everything().scrub_url(text, out));
    EXPECT_FALSE(everything().scrub_json(text, out));
    EXPECT_EQ(out, "untouched");
    EXPECT_EQ(everything().scrub_text(text), text);
    EXPECT_EQ(everything().scrub_url(text), text);
    EXPECT_EQ(everything().scrub_json(text), text);
    EXPECT_FALSE(Scrubber().scrub_json("\"bob@example.com\"", out));
  }
}

TEST(Scrubber, KeepsEveryOtherByte) {
  std::string before;
  for (int byte = 0; byte < 256; ++byte) before += static_cast<char>(byte);
  before += ' ';
  EXPECT_EQ(everything().scrub_text(before + "bob@example.com" + before),
            before + "[CLIENT_REDACTED]" + before);
}

TEST(Scrubber, SearchesUrlsDecoded) {
  const std::pair<std::string, std::string> cases[] = {
      {"/a?email=bob%40example.com&b=1", "/a?email=[CLIENT_REDACTED]&b=1"},
      {"/a?email=bob@example.com&b=1", "/a?email=[CLIENT_REDACTED]&b=1"},
      {"/a?email=bob%2Btag%40example.com", "/a?email=[CLIENT_REDACTED]"},
      {"/a?email=bob+tag%40example.com", "/a?email=[CLIENT_REDACTED]"},
      {"/a?email=bob+tag@example.com", "/a?email=[CLIENT_REDACTED]"},
      {"/a?email=%62%6f%62%40example%2ecom", "/a?email=[CLIENT_REDACTED]"},
      {"/users/bob%40example.com/cards", "/users/[CLIENT_REDACTED]/cards"},
      {"/a?n=4111+1111+1111+1111&x=+", "/a?n=[CLIENT_REDACTED]&x=+"},
      {"/a?n=4111%201111%201111%201111", "/a?n=[CLIENT_REDACTED]"},
      {"/a?n=4111%2D1111%2d1111-1111%20", "/a?n=[CLIENT_REDACTED]%20"},
      {"/a?q=x%20bob@example.com", "/a?q=x%20[CLIENT_REDACTED]"},
      {"/a?q=x+bob@example.com+y", "/a?q=[CLIENT_REDACTED]+y"},
      {"/a?h=Bearer%20abcdefgh%3D", "/a?h=Bearer%20[CLIENT_REDACTED]"},
      {"/a?h=Bearer+abcdefgh", "/a?h=Bearer+[CLIENT_REDACTED]"},
      {"/a?i=DE89+3704+0044+0532+0130+00", "/a?i=[CLIENT_REDACTED]"},
      {"/a?s=123%2D45%2D6789", "/a?s=[CLIENT_REDACTED]"},
      {"/a?next=https%3A%2F%2Fx%2F%3Fe%3Dbob%40example.com%26y",
       "/a?next=https%3A%2F%2Fx%2F%3Fe%3D[CLIENT_REDACTED]%26y"},
      {"/a?t=%3DeyJhbGciOiJIUzI1NiJ9.e30.c2ln", "/a?t=%3D[CLIENT_REDACTED]"},
      {"/a?x=%&y=%4&z=%zz&e=bob%40example.com&w=%", "/a?x=%&y=%4&z=%zz&e=[CLIENT_REDACTED]&w=%"},
      {"/a?e=a%40b.cc,d%40e.ff", "/a?e=[CLIENT_REDACTED],[CLIENT_REDACTED]"},
      {"/a%00b?e=bob%40example.com%00", "/a%00b?e=[CLIENT_REDACTED]%00"},
      {"bob%40m%C3%BCnchen.de/", "[CLIENT_REDACTED]/"},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(everything().scrub_url(url), expected) << url;
}

TEST(Scrubber, LeavesUrlsWithoutValuesAlone) {
  for (const std::string url : {"/a?email=bob%2540example.com",  // encoded twice: not decoded twice
                                "/a?n=%4111111111111111",        // A11111111111111
                                "/a+b%20c?d=%41", "/search?q=a%40b+c%40d", "+", "%", "%4", "%%%",
                                "/a?n=4111++1111++1111++1111"}) {
    EXPECT_EQ(everything().scrub_url(url), url);
  }
}

TEST(Scrubber, DecodesLongUrlsToo) {
  const std::string filler(10'000, 'x');
  EXPECT_EQ(everything().scrub_url("/" + filler + "?e=bob%40example.com&" + filler),
            "/" + filler + "?e=[CLIENT_REDACTED]&" + filler);
}

struct JsonCase {
  std::string json;
  std::string expected;
};

TEST(Scrubber, MasksStringValuesAndNumbersOfJson) {
  const JsonCase cases[] = {
      {R"({"a":"bob@example.com"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"mail bob@example.com now"})", R"({"a":"mail [CLIENT_REDACTED] now"})"},
      {R"(["a@b.cc","d@e.ff and g@h.ii"])",
       R"(["[CLIENT_REDACTED]","[CLIENT_REDACTED] and [CLIENT_REDACTED]"])"},
      {R"("bob@example.com")", R"("[CLIENT_REDACTED]")"},
      {R"( [ "bob@example.com" , 1 ] )", R"( [ "[CLIENT_REDACTED]" , 1 ] )"},
      {R"({"n":4111111111111111})", R"({"n":"[CLIENT_REDACTED]"})"},
      {R"([4111111111111111,378282246310005, 1])",
       R"(["[CLIENT_REDACTED]","[CLIENT_REDACTED]", 1])"},
      {"4111111111111111", R"("[CLIENT_REDACTED]")"},
      {" 4111111111111111\n", " \"[CLIENT_REDACTED]\"\n"},
      {R"({"n" : 4111111111111111 , "m" : "4111 1111 1111 1111"})",
       R"({"n" : "[CLIENT_REDACTED]" , "m" : "[CLIENT_REDACTED]"})"},
      {R"({"bob@example.com":"ann@example.com"})", R"({"bob@example.com":"[CLIENT_REDACTED]"})"},
      {R"({"a":"","b":"x","c":"Bearer abcdefgh"})",
       R"({"a":"","b":"x","c":"Bearer [CLIENT_REDACTED]"})"},
      {R"({"a":{"b":[{"c":"123-45-6789"}]}})", R"({"a":{"b":[{"c":"[CLIENT_REDACTED]"}]}})"},
  };
  for (const JsonCase& row : cases) {
    EXPECT_EQ(everything().scrub_json(row.json), row.expected) << row.json;
    EXPECT_TRUE(json::Document::parse(row.expected).has_value()) << row.expected;
  }
}

TEST(Scrubber, SeesThroughTheEscapesOfJson) {
  const JsonCase cases[] = {
      // An escape in the value: the whole string goes.
      {R"({"a":"bob\u0040example.com"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"to bob\u0040example.com"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"\u0062ob@example.com"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"bob@example.co\u006D"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"bob\u002btag@example.com"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"4111\u00201111\u00201111\u00201111"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"\u0034111111111111111"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"Bearer abcd\/efgh"})", R"({"a":"[CLIENT_REDACTED]"})"},
      {R"({"a":"\u0042earer abcdefgh"})", R"({"a":"\u0042earer [CLIENT_REDACTED]"})"},
      {R"({"a":"x\ny","b":"\u0065yJhbGciOiJIUzI1NiJ9.e30.c2ln"})",
       R"({"a":"x\ny","b":"[CLIENT_REDACTED]"})"},
      // An escape beside it stays.
      {R"({"a":"\"bob@example.com\""})", R"({"a":"\"[CLIENT_REDACTED]\""})"},
      {R"({"a":"mail:\nbob@example.com\tann@example.com\u00e9"})",
       R"({"a":"mail:\n[CLIENT_REDACTED]\t[CLIENT_REDACTED]\u00e9"})"},
      {R"({"a":"\nDE89370400440532013000\r\n"})", R"({"a":"\n[CLIENT_REDACTED]\r\n"})"},
      {R"({"a":"\\nDE89370400440532013000"})", R"({"a":"\\n[CLIENT_REDACTED]"})"},
      {R"({"a":"https:\/\/x\/bob@example.com\/y"})",
       R"({"a":"https:\/\/x\/[CLIENT_REDACTED]\/y"})"},
      {R"({"a":"\\","b":"bob@example.com"})", R"({"a":"\\","b":"[CLIENT_REDACTED]"})"},
      {R"({"a\"":"\\\"","b":"bob@example.com"})", R"({"a\"":"\\\"","b":"[CLIENT_REDACTED]"})"},
      {R"({"a":"\ud83d\ude00 bob@example.com \ud800"})",
       R"({"a":"\ud83d\ude00 [CLIENT_REDACTED] \ud800"})"},
      {R"({"a":"{\"b\":\"bob@example.com\"}"})", R"({"a":"{\"b\":\"[CLIENT_REDACTED]\"}"})"},
      {R"({"b\u0040example.com":1,"c":"bob\u0040example.com"})",
       R"({"b\u0040example.com":1,"c":"[CLIENT_REDACTED]"})"},
  };
  for (const JsonCase& row : cases) {
    EXPECT_EQ(everything().scrub_json(row.json), row.expected) << row.json;
    EXPECT_TRUE(json::Document::parse(row.expected).has_value()) << row.expected;
  }
}

TEST(Scrubber, LeavesOtherNumbersOfJsonAlone) {
  for (const std::string json :
       {"-4111111111111111", "4111111111111111.0", "4111111111111111e2", "4111111111111111E+2",
        "4111111111111111E+4111111111111111", "0.4111111111111111", "1e4111111111111111",
        "4111111111111112", "[4111,1111,1111,1111]", "[4111, 1111, 1111, 1111]", "123456789",
        "[123,-45,-6789]", "41111111111111114111111111111111", R"({"4111111111111111":1})",
        R"({"bob@example.com" : null})"}) {
    ASSERT_TRUE(json::Document::parse(json).has_value()) << json;
    EXPECT_EQ(everything().scrub_json(json), json);
  }
}

TEST(Scrubber, SearchesWhatIsNotJsonToo) {
  const JsonCase cases[] = {
      {R"({"a":"bob@example.com","b":")", R"({"a":"[CLIENT_REDACTED]","b":")"},  // cut
      {R"({"a":"mail bob@example.com)", R"({"a":"mail [CLIENT_REDACTED])"},
      {R"({"a":"mail bob\u0040example.com)", R"({"a":"[CLIENT_REDACTED])"},
      {R"({"a":"bob@example.com\)", R"({"a":"[CLIENT_REDACTED]\)"},
      {R"({"a":"bob@example.com\u00)", R"({"a":"[CLIENT_REDACTED]\u00)"},
      {R"({"a":"\q bob@example.com"})", R"({"a":"\q [CLIENT_REDACTED]"})"},
      {R"({a: bob@example.com})", R"({a: "[CLIENT_REDACTED]"})"},
      {R"(hello bob@example.com, "x")", R"(hello "[CLIENT_REDACTED]", "x")"},
      {R"({"n":41111111111111110,"m":4111111111111111)",
       R"({"n":41111111111111110,"m":"[CLIENT_REDACTED]")"},
      {"4111111111111111+4111111111111111+4111111111111111",
       R"("[CLIENT_REDACTED]"+"[CLIENT_REDACTED]"+"[CLIENT_REDACTED]")"},
      {"{\"a\":\"x\"}\n{\"b\":\"bob@example.com\"}",
       "{\"a\":\"x\"}\n{\"b\":\"[CLIENT_REDACTED]\"}"},
  };
  for (const JsonCase& row : cases) {
    EXPECT_EQ(everything().scrub_json(row.json), row.expected) << row.json;
  }
}

// Each of these made an earlier or more obvious way of searching quadratic. A megabyte of them
// takes milliseconds; were the time not linear, it would take minutes, and the test run's own limit
// ends it.
TEST(Scrubber, StaysLinearOnHostileTexts) {
  constexpr std::size_t kBytes = 256 << 10;
  const std::string pieces[] = {
      "4111 1111 1111 1111 ",
      "4111-",
      "4111111111111111+",
      "1234567890",
      "eyJ",
      "eyIjpa",
      "IjpaeyI6",
      "eyJhbGciOiJIUzI1NiJ9.",
      "eyI6eyI6",
      "bearer ",
      "bearer  ",
      "a@",
      "a@b.cc@",
      "a.",
      "@",
      "a@b.",
      "a@b-",
      "DE89 ",
      "DE89",
      "123-45-6789-",
      "123-45-6789 ",
      "\\u0040",
      "\\\"",
      "\"a@b.cc\":",
      "\"",
      "%40",
      "+4111",
      "a@b.cc ",
      "\\",
      "4111111111111111E+",
      "'a'",
      "eyA",
  };
  for (const std::string& piece : pieces) {
    std::string text;
    text.reserve(kBytes + piece.size());
    while (text.size() < kBytes) text += piece;
    for (const std::string& whole :
         {text, text + ".a.b", "{\"a\":\"" + text, "-" + text, text + "@example.com"}) {
      EXPECT_LE(everything().scrub_text(whole).size(), 8 * whole.size());
      EXPECT_LE(everything().scrub_url(whole).size(), 8 * whole.size());
      EXPECT_LE(everything().scrub_json(whole).size(), 8 * whole.size());
    }
  }
}

}  // namespace
}  // namespace apitoolkit::redact
