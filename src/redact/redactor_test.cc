// The table of cases in docs/redaction.md, row by row.
#include "src/redact/redactor.h"

#include <gtest/gtest.h>

#include "src/json/document.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {
namespace {

using Paths = std::vector<std::string>;

Redacted redact(std::string_view body, const Paths& paths,
                std::string_view type = "application/json", bool truncated = false) {
  const auto redactor = Redactor::compile(paths, "redact_request_body");
  EXPECT_TRUE(redactor.has_value()) << redactor.error().message;
  return redactor->redact(body, {.content_type = type, .truncated = truncated});
}

std::string json(std::string_view body, const Paths& paths) {
  const Redacted out = redact(body, paths);
  EXPECT_EQ(out.reason, Reason::kNone) << body;
  return out.body;
}

void expect_whole(const Redacted& out, Reason reason) {
  EXPECT_EQ(out.body, kMarkerJson);
  EXPECT_EQ(to_string(out.reason), to_string(reason));
}

TEST(Redactor, ReplacesTheSelectedValueAndKeepsEveryOtherByte) {
  EXPECT_EQ(
      json(" {\"user\" : {\"password\":\t\"x\\u0041\" ,\"id\":1.50e+00}}\r\n", {"$.user.password"}),
      " {\"user\" : {\"password\":\t\"[CLIENT_REDACTED]\" ,\"id\":1.50e+00}}\r\n");
  EXPECT_EQ(json(R"({"a":{"b":[1,2]},"c":null})", {"$.a.b"}),
            R"({"a":{"b":"[CLIENT_REDACTED]"},"c":null})");
  EXPECT_EQ(json(R"({"a":1})", {"$.nothing"}), R"({"a":1})");
}

TEST(Redactor, MasksEveryMatchOfAWildcard) {
  EXPECT_EQ(json(R"({"users":[{"card":1},{"card":"2"},{}]})", {"$.users[*].card"}),
            R"({"users":[{"card":"[CLIENT_REDACTED]"},{"card":"[CLIENT_REDACTED]"},{}]})");
}

TEST(Redactor, PutsOneMarkerWhereAncestorAndDescendantAreSelected) {
  EXPECT_EQ(json(R"({"a":{"b":{"c":1}},"d":2})", {"$.a.b.c", "$.a", "$..b"}),
            R"({"a":"[CLIENT_REDACTED]","d":2})");
}

TEST(Redactor, MasksTheWholeValueForTheRootAndKeepsTheBlanksAround) {
  EXPECT_EQ(json(" \n{\"a\":1}\t ", {"$"}), " \n\"[CLIENT_REDACTED]\"\t ");
  EXPECT_EQ(json("7", {"$"}), kMarkerJson);
}

TEST(Redactor, EvaluatesEveryPathOnTheOriginal) {
  EXPECT_EQ(json(R"({"kind":"card","number":42})", {"$.kind", "$[?$.kind=='card']"}),
            R"({"kind":"[CLIENT_REDACTED]","number":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(json(R"([{"kind":"card","number":42}])", {"$[*].kind", "$[?@.kind=='card'].number"}),
            R"([{"kind":"[CLIENT_REDACTED]","number":"[CLIENT_REDACTED]"}])");
}

TEST(Redactor, MasksAllMembersOfARepeatedName) {
  EXPECT_EQ(json(R"({"p":1,"x":2,"p":3})", {"$.p"}),
            R"({"p":"[CLIENT_REDACTED]","x":2,"p":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(json(R"([{"role":"admin","role":"user","pin":1}])", {"$[?@.role=='root'].pin"}),
            R"([{"role":"admin","role":"user","pin":"[CLIENT_REDACTED]"}])");
}

TEST(Redactor, ComparesNamesUnescaped) {
  EXPECT_EQ(json(R"({"p\u0061ssword":1,"\u0070assword":2})", {"$.password"}),
            R"({"p\u0061ssword":"[CLIENT_REDACTED]","\u0070assword":"[CLIENT_REDACTED]"})");
  EXPECT_EQ(json(R"({"\ud83d\ude00":1})", {"$['\U0001F600']"}),
            R"({"\ud83d\ude00":"[CLIENT_REDACTED]"})");
}

TEST(Redactor, FailsClosedOnWhatIsNotJson) {
  for (const std::string_view body :
       {"{\"p\":1", "{\"p\":NaN}", "{\"p\":1} x", "{\"p\":1}{\"p\":2}", "[1,]", "{p:1}", "  ",
        "nope", "{\"p\":01}", "{'p':1}", "\xEF\xBB\xBF\xEF\xBB\xBF{}"}) {
    expect_whole(redact(body, {"$.p"}), Reason::kInvalidJson);
  }
  expect_whole(redact(std::string_view("[1,\"a\0b\"]", 9), {"$.p"}), Reason::kInvalidJson);
  expect_whole(redact(std::string_view("{\"p\":1}\0", 8), {"$.p"}), Reason::kInvalidJson);
  expect_whole(redact("{\"p\":\"\xFF\"}", {"$.p"}), Reason::kInvalidUtf8);
  expect_whole(redact("{\"p\":\"\xED\xA0\x80\"}", {"$.p"}), Reason::kInvalidUtf8);
}

TEST(Redactor, FailsClosedOnATruncatedBody) {
  expect_whole(redact("[1]", {"$.p"}, "application/json", true), Reason::kTruncated);
  expect_whole(redact("a=1&password=x", {"$.p"}, "application/x-www-form-urlencoded", true),
               Reason::kTruncated);
  expect_whole(redact("{\"p\":1", {"$.p"}, "text/plain", true), Reason::kTruncated);
  EXPECT_EQ(redact("<p>", {"$.p"}, "text/html", true).body, "<p>");
}

TEST(Redactor, FailsClosedOnADocumentThatIsTooDeep) {
  const std::string deep = std::string(1025, '[') + std::string(1025, ']');
  expect_whole(redact(deep, {"$.p"}), Reason::kTooDeep);
  const std::string allowed = std::string(1024, '[') + std::string(1024, ']');
  EXPECT_EQ(json(allowed, {"$.p"}), allowed);
}

TEST(Redactor, LeavesNumbersOfAnyLengthAlone) {
  const std::string_view body = R"({"n":[123456789012345678901234567890,1e400,-0.0,1E-999],"p":1})";
  EXPECT_EQ(json(body, {"$.p"}),
            R"({"n":[123456789012345678901234567890,1e400,-0.0,1E-999],"p":"[CLIENT_REDACTED]"})");
}

TEST(Redactor, KeepsAByteOrderMarkAndRefusesOtherEncodings) {
  EXPECT_EQ(json("\xEF\xBB\xBF{\"p\":1}", {"$.p"}), "\xEF\xBB\xBF{\"p\":\"[CLIENT_REDACTED]\"}");
  const std::string_view utf16le("\xFF\xFE{\0\"\0p\0\"\0:\0001\0}\0", 16);
  for (const std::string_view type : {"application/json", "text/plain", ""}) {
    expect_whole(redact(utf16le, {"$.p"}, type), Reason::kUnknownEncoding);
    expect_whole(redact(utf16le.substr(2), {"$.p"}, type), Reason::kUnknownEncoding);
    expect_whole(redact(std::string_view("\0{\0}", 4), {"$.p"}, type), Reason::kUnknownEncoding);
    expect_whole(redact(std::string_view("\0\0\0{", 4), {"$.p"}, type), Reason::kUnknownEncoding);
  }
  expect_whole(redact("{\"p\":1}", {"$.p"}, "application/json; charset=utf-16"),
               Reason::kUnknownEncoding);
  expect_whole(redact("{\"p\":\"\u00e9\"}", {"$.p"}, "application/json; charset=ISO-8859-1"),
               Reason::kUnknownEncoding);
  EXPECT_EQ(redact("{\"p\":1}", {"$.p"}, "application/json; charset=\"ISO-8859-1\"").reason,
            Reason::kNone);
  EXPECT_EQ(redact("{\"p\":1}", {"$.p"}, "application/json;charset=UTF-8").body,
            "{\"p\":\"[CLIENT_REDACTED]\"}");
}

TEST(Redactor, SelectsATopLevelScalarByTheRootOnly) {
  for (const std::string_view body : {"\"secret\"", "12", "true", "null"}) {
    EXPECT_EQ(json(body, {"$.p", "$..*", "$[*]", "$[0]", "$..[*]"}), body);
    EXPECT_EQ(json(body, {"$"}), kMarkerJson);
  }
}

TEST(Redactor, AppliesWhatFollowsABracketedWildcardToAValueThatIsNoList) {
  EXPECT_EQ(json(R"({"user":{"email":"e","id":1}})", {"$.user[*].email"}),
            R"({"user":{"email":"[CLIENT_REDACTED]","id":1}})");
  EXPECT_EQ(json(R"({"codes":"one"})", {"$.codes[*]"}), R"({"codes":"[CLIENT_REDACTED]"})");
}

TEST(Redactor, BoundsTheWork) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "[1,2,3,";
  body += "4" + std::string(1000, ']');
  expect_whole(redact(body, {"$..[?count(@..*) > 1]"}), Reason::kBudget);
  expect_whole(redact(R"({"re":"a{1001}","v":["a"]})", {"$.v[?match(@,$.re)]"}), Reason::kBudget);
  EXPECT_EQ(redact(body, {"$..[3]..[3]..[3]..[3]"}).reason, Reason::kNone)
      << "nested descendants are a set of nodes, not a list of ways to reach them";
}

TEST(Redactor, BoundsTheGrowthOfTheOutput) {
  std::string ones = "[1";
  for (int i = 0; i < 500'000; ++i) ones += ",1";
  ones += ']';
  expect_whole(redact(ones, {"$[*]"}), Reason::kOutputSize);
  EXPECT_EQ(json("[1,1]", {"$[*]"}), R"(["[CLIENT_REDACTED]","[CLIENT_REDACTED]"])");
}

TEST(Redactor, PassesEveryByteWhenNoPathIsSet) {
  for (const std::string_view body : {"{bad json", "{\"a\":1}", "\xFF\xFE", "text", ""}) {
    for (const std::string_view type :
         {"application/json", "text/plain", "application/x-ndjson", ""}) {
      EXPECT_EQ(redact(body, {}, type).body, body);
      EXPECT_EQ(redact(body, {}, type, true).reason, Reason::kNone);
    }
  }
}

TEST(Redactor, ReadsAnyOtherTypeByItsFirstByte) {
  for (const std::string_view type : {"text/plain", "text/html; charset=utf-8", "", "nonsense",
                                      "application/octet-stream", "application/x-unknown"}) {
    EXPECT_EQ(redact(" \n{\"p\":1}", {"$.p"}, type).body, " \n{\"p\":\"[CLIENT_REDACTED]\"}");
    EXPECT_EQ(redact("\xEF\xBB\xBF[{\"p\":1}]", {"$[0].p"}, type).body,
              "\xEF\xBB\xBF[{\"p\":\"[CLIENT_REDACTED]\"}]");
    expect_whole(redact("{\"p\":1", {"$.p"}, type), Reason::kInvalidJson);
    expect_whole(redact("\"p", {"$.p"}, type), Reason::kInvalidJson);
    expect_whole(redact("\f{\"p\":1}", {"$.p"}, type), Reason::kInvalidJson);
    EXPECT_EQ(redact("p=1 {\"p\":1}", {"$.p"}, type).body, "p=1 {\"p\":1}");
    EXPECT_EQ(redact("  ", {"$.p"}, type).body, "  ");
  }
  for (const std::string_view type :
       {"application/problem+json", "text/json", "APPLICATION/JSON ;a=b",
        "application/vnd.api+json; charset=utf-8"}) {
    expect_whole(redact("nope", {"$.p"}, type), Reason::kInvalidJson);
  }
}

TEST(Redactor, MasksTextWithoutJsonWhereThatIsAskedFor) {
  const std::vector<std::string> paths{"$.p"};
  const auto redactor = Redactor::compile(paths, "paths", NonJson::kMask);
  ASSERT_TRUE(redactor);
  const auto redact_as = [&](std::string_view body, std::string_view type) {
    return redactor->redact(body, {.content_type = type});
  };
  for (const std::string_view type :
       {"text/plain", "text/html; charset=utf-8", "", "nonsense", "application/x-unknown"}) {
    expect_whole(redact_as("p=1 {\"p\":1}", type), Reason::kNonJson);
    EXPECT_EQ(redact_as("{\"p\":1}", type).body, "{\"p\":\"[CLIENT_REDACTED]\"}");
    EXPECT_EQ(redact_as("", type).body, "");
  }
  EXPECT_EQ(redact_as("p=1&q=2", "application/x-www-form-urlencoded").body,
            R"({"p":"[CLIENT_REDACTED]","q":"2"})");
  // Without paths there is nothing that could be missed.
  const auto without = Redactor::compile({}, "paths", NonJson::kMask);
  EXPECT_EQ(without->redact("text", {.content_type = "text/plain"}).body, "text");
}

TEST(Redactor, BoundsTheWorkOfAllRecordsTogether) {
  std::string record(500, '[');
  record += "1" + std::string(500, ']') + "\n";
  std::string body;
  while (body.size() < 1 << 20) body += record;
  expect_whole(redact(body, {"$..[?count(@..*) > 1]"}, "application/x-ndjson"), Reason::kBudget);
  EXPECT_EQ(redact(record, {"$..[?count(@..*) > 1]"}, "application/x-ndjson").reason,
            Reason::kNone);
}

TEST(Redactor, RedactsNdjsonRecordByRecord) {
  const std::string_view body = "{\"p\":1}\r\n\n {\"p\":[2]} \nnot json {\"p\":3}\n{\"q\":4}";
  const std::string expected =
      "{\"p\":\"[CLIENT_REDACTED]\"}\r\n\n {\"p\":\"[CLIENT_REDACTED]\"} \n"
      "\"[CLIENT_REDACTED]\"\n{\"q\":4}";
  for (const std::string_view type : {"application/x-ndjson", "application/jsonl; charset=utf-8"}) {
    const Redacted out = redact(body, {"$.p"}, type);
    EXPECT_EQ(out.body, expected);
    EXPECT_EQ(out.reason, Reason::kNone);
  }
  EXPECT_EQ(redact("{\"p\":1}\n{\"q\":2}", {"$.p"}, "application/x-ndjson", true).body,
            "{\"p\":\"[CLIENT_REDACTED]\"}\n\"[CLIENT_REDACTED]\"")
      << "the last record of a truncated body is not known to be whole";
}

TEST(Redactor, RedactsJsonTextSequencesRecordByRecord) {
  EXPECT_EQ(redact("\x1E{\"p\":1}\n\x1E{\"p\":\n\x1E[2]\n", {"$.p"}, "application/json-seq").body,
            "\x1E{\"p\":\"[CLIENT_REDACTED]\"}\n\x1E\"[CLIENT_REDACTED]\"\n\x1E[2]\n");
  EXPECT_EQ(redact("x{\"p\":1}\x1E[2]\n", {"$.p"}, "application/geo+json-seq").body,
            "\"[CLIENT_REDACTED]\"\x1E[2]\n");
}

TEST(Redactor, BoundsTheGrowthOfRecordsTogether) {
  std::string body;
  for (int i = 0; i < 500'000; ++i) body += "1\n";
  expect_whole(redact(body, {"$"}, "application/x-ndjson"), Reason::kOutputSize);
}

TEST(Redactor, NamesArgumentIndexTextColumnAndExpectation) {
  const auto redactor = Redactor::compile(Paths{"$.a", "b.c", "$.a["}, "redact_request_body");
  ASSERT_FALSE(redactor.has_value());
  EXPECT_EQ(redactor.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(redactor.error().message,
            "redact_request_body[2]: \"$.a[\": expected a selector at column 5");
}

TEST(Redactor, TakesSeveralPathsInOneString) {
  EXPECT_EQ(json(R"({"a":1,"b":2,"c":3})", {"$.a, $.c"}),
            R"({"a":"[CLIENT_REDACTED]","b":2,"c":"[CLIENT_REDACTED]"})");
}

TEST(Redactor, MasksWhatTheSdkDocumentationSays) {
  EXPECT_EQ(
      json(R"({"credit-card":{"cvv":"123","name":"N","brand":"visa"}})",
           {"$.credit-card.cvv", "$.credit-card.name"}),
      R"({"credit-card":{"cvv":"[CLIENT_REDACTED]","name":"[CLIENT_REDACTED]","brand":"visa"}})");
}

TEST(Reason, IsWrittenAsTheMessageAndTheDocumentationSay) {
  const std::pair<Reason, std::string_view> reasons[] = {
      {Reason::kNone, "none"},
      {Reason::kInvalidJson, "invalid_json"},
      {Reason::kInvalidUtf8, "invalid_utf8"},
      {Reason::kTruncated, "truncated"},
      {Reason::kTooDeep, "too_deep"},
      {Reason::kBudget, "budget"},
      {Reason::kOutputSize, "output_size"},
      {Reason::kUnknownEncoding, "unknown_encoding"},
      {Reason::kInflate, "inflate"},
      {Reason::kInvalidForm, "invalid_form"},
      {Reason::kNonJson, "non_json"},
  };
  EXPECT_EQ(std::size(reasons), kReasonCount);
  for (const auto& [reason, text] : reasons) EXPECT_EQ(to_string(reason), text);
}

TEST(Splice, KeepsOutermostSpans) {
  std::vector<Span> spans{{5, 6}, {0, 2}, {3, 9}, {3, 4}, {0, 2}, {9, 10}};
  keep_outermost(spans);
  EXPECT_EQ(spans, (std::vector<Span>{{0, 2}, {3, 9}, {9, 10}}));
}

}  // namespace
}  // namespace apitoolkit::redact
