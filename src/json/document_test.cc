#include "src/json/document.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"

namespace apitoolkit::json {
namespace {

TEST(Document, KeepsNodesInDocumentOrderWithTheirSpans) {
  const std::string text = R"( {"a": [1, "x\n", {}], "b": null} )";
  const auto document = Document::parse(text);
  ASSERT_TRUE(document.has_value());
  const std::pair<Type, std::string_view> expected[] = {
      {Type::kObject, R"({"a": [1, "x\n", {}], "b": null})"},
      {Type::kString, R"("a")"},
      {Type::kArray, R"([1, "x\n", {}])"},
      {Type::kNumber, "1"},
      {Type::kString, R"("x\n")"},
      {Type::kObject, "{}"},
      {Type::kString, R"("b")"},
      {Type::kNull, "null"},
  };
  ASSERT_EQ(document->nodes().size(), std::size(expected));
  for (std::uint32_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ((*document)[i].type, expected[i].first) << i;
    EXPECT_EQ(document->raw(i), expected[i].second) << i;
  }
  EXPECT_EQ((*document)[0].count, 2U);
  EXPECT_EQ((*document)[0].next, 8U);
  EXPECT_EQ((*document)[2].count, 3U);
  EXPECT_EQ((*document)[2].next, 6U);
  EXPECT_TRUE((*document)[4].escaped);
  EXPECT_FALSE((*document)[1].escaped);
}

TEST(Document, AcceptsEveryValidText) {
  for (const std::string_view text : {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "\"\"",
                                      "[]",
                                      "{}",
                                      " [ ] ",
                                      "\t\r\n{ } ",
                                      "[[],[[]],{}]",
                                      R"({"":0})",
                                      R"({"a":1,"a":2})",
                                      "[1,2]",
                                      "\xEF\xBB\xBF[1]",
                                      "123456789012345678901234567890",
                                      "1e400",
                                      R"("\ud800")",
                                      R"("\/\"\\\b\f\n\r\t\uFFFF")",
                                      "\"\x7F\"",
                                      "\"\u00e9\U0010FFFF\"",
                                      R"({"a":{"b":[{"c":[]}]}})"}) {
    const auto document = Document::parse(text);
    EXPECT_TRUE(document.has_value()) << text << ": " << document.error().message;
  }
}

TEST(Document, RejectsEverythingElseAndSaysWhere) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "expected a value at byte 0"},
      {"  ", "expected a value at byte 2"},
      {"\xEF\xBB\xBF", "expected a value at byte 3"},
      {"nul", "expected a value at byte 0"},
      {"NaN", "expected a value at byte 0"},
      {"Infinity", "expected a value at byte 0"},
      {"-", "expected a value at byte 0"},
      {"01", "expected the end of the text at byte 1"},
      {"1.", "expected a value at byte 0"},
      {".5", "expected a value at byte 0"},
      {"+1", "expected a value at byte 0"},
      {"0x10", "expected the end of the text at byte 1"},
      {"truex", "expected the end of the text at byte 4"},
      {"1 2", "expected the end of the text at byte 2"},
      {"{}{}", "expected the end of the text at byte 2"},
      {"[1,]", "expected a value at byte 3"},
      {"[,1]", "expected a value at byte 1"},
      {"[1 2]", "expected ',' or ']' at byte 3"},
      {"[1}", "expected ',' or ']' at byte 2"},
      {"[", "expected a value at byte 1"},
      {"[1", "expected ',' or ']' at byte 2"},
      {"]", "expected a value at byte 0"},
      {"{\"a\"}", "expected ':' at byte 4"},
      {"{\"a\":}", "expected a value at byte 5"},
      {"{\"a\":1,}", "expected a name in quotes at byte 7"},
      {"{a:1}", "expected a name in quotes at byte 1"},
      {"{'a':1}", "expected a name in quotes at byte 1"},
      {"{1:1}", "expected a name in quotes at byte 1"},
      {"{\"a\":1", "expected ',' or '}' at byte 6"},
      {"{\"a\":1]", "expected ',' or '}' at byte 6"},
      {"\"a", "expected the string's closing quote at byte 2"},
      {"\"\\", "expected an escape character at byte 2"},
      {"\"\\x\"", "expected an escape character at byte 2"},
      {"\"\\u12g4\"", "expected four hexadecimal digits at byte 3"},
      {"\"\\u12", "expected four hexadecimal digits at byte 3"},
      {"\"a\nb\"", "expected no control character in a string at byte 2"},
      {"\"\xFF\"", "expected valid UTF-8 at byte 1"},
      {"\"\xED\xA0\x80\"", "expected valid UTF-8 at byte 1"},
      {"[1] // no", "expected the end of the text at byte 4"},
      {"\xC2\xA0[]", "expected a value at byte 0"},
      {std::string_view("[1]\0", 4), "expected the end of the text at byte 3"},
      {std::string_view("\"\0\"", 3), "expected no control character in a string at byte 1"},
  };
  for (const auto& [text, message] : cases) {
    const auto document = Document::parse(text);
    ASSERT_FALSE(document.has_value()) << text;
    EXPECT_EQ(document.error().message, message) << text;
    EXPECT_EQ(document.error().code, ErrorCode::kCorrupt) << text;
  }
}

TEST(Document, FindsABadByteAtEveryPlaceOfALongString) {
  for (std::size_t length = 0; length < 40; ++length) {
    for (std::size_t at = 0; at < length; ++at) {
      for (const char bad : {'\x1F', '\0', '\n', '\x80', '\xFF'}) {
        std::string text = '"' + std::string(length, ' ') + '"';
        ASSERT_TRUE(Document::parse(text).has_value());
        text[at + 1] = bad;
        EXPECT_FALSE(Document::parse(text).has_value()) << length << " " << at;
      }
    }
  }
}

TEST(Document, AllowsExactlyTheDepthOfTheLimit) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(Document::parse(nested(limits::kJsonDepthMax)).has_value());
  const std::string deep = nested(limits::kJsonDepthMax + 1);
  const auto document = Document::parse(deep);
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(document.error().message, "expected at most 1024 levels at byte 1024");
}

TEST(Document, ReadsNamesUnescaped) {
  const std::string text = R"({"p\u0061ss":1,"caf\u00e9":2,"x":3})";
  const auto document = Document::parse(text);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->text(1), "pass");
  EXPECT_TRUE(document->text_equals(1, "pass"));
  EXPECT_FALSE(document->text_equals(1, "pas"));
  EXPECT_FALSE(document->text_equals(1, R"(p\u0061ss)"));
  EXPECT_EQ(document->raw(document->member(0, "caf\u00e9").value()), "2");
  EXPECT_EQ(document->raw(document->member(0, "x").value()), "3");
  EXPECT_FALSE(document->member(0, "y").has_value());
}

TEST(Document, TakesTheLastOfSeveralMembersWithOneName) {
  const std::string text = R"({"a":1,"b":[{"a":9}],"\u0061":2})";
  const auto document = Document::parse(text);
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->raw(document->member(0, "a").value()), "2");
  EXPECT_FALSE(document->member(1, "a").has_value()) << "a string has no members";
}

TEST(Document, IsEmptyAfterAFailedReparseAndUsableAgain) {
  Document document;
  ASSERT_TRUE(document.reparse("[1]").has_value());
  ASSERT_FALSE(document.reparse("[1").has_value());
  EXPECT_TRUE(document.nodes().empty());
  EXPECT_TRUE(document.source().empty());
  ASSERT_TRUE(document.reparse("[1,2]").has_value());
  EXPECT_EQ(document.nodes().size(), 3U);
}

}  // namespace
}  // namespace apitoolkit::json
