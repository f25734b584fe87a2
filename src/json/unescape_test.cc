#include "src/json/unescape.h"

#include <gtest/gtest.h>

namespace apitoolkit::json {
namespace {

struct Case {
  std::string_view literal;
  std::string_view value;
};

const Case kCases[] = {
    {R"("")", ""},
    {R"("plain")", "plain"},
    {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
    {R"("p\u0061ss")", "pass"},
    {R"("\u00E9\u20ac")", "\u00e9\u20ac"},
    {R"("\ud83d\ude00!")", "\U0001F600!"},
    {R"("\ud83d")", "\uFFFD"},
    {R"("\ude00\ud83d")", "\uFFFD\uFFFD"},
    {R"("\ud83dx\ude00")", "\uFFFDx\uFFFD"},
    {R"("\ud83d\ud83d\ude00")", "\uFFFD\U0001F600"},
    {R"("\ud83d\n")", "\uFFFD\n"},
};

TEST(Unescape, ResolvesEveryEscapeAndJoinsSurrogatePairs) {
  for (const Case& c : kCases) EXPECT_EQ(unescape(c.literal), c.value) << c.literal;
  EXPECT_EQ(unescape(R"("a\u0000b")"), std::string("a\0b", 3));
}

TEST(Unescape, ComparesWithoutBuildingTheValue) {
  for (const Case& c : kCases) {
    EXPECT_TRUE(literal_equals(c.literal, c.value)) << c.literal;
    EXPECT_FALSE(literal_equals(c.literal, std::string(c.value) + "x")) << c.literal;
    EXPECT_FALSE(literal_equals(c.literal, "other")) << c.literal;
    if (!c.value.empty()) {
      EXPECT_FALSE(literal_equals(c.literal, c.value.substr(0, c.value.size() - 1))) << c.literal;
    }
  }
}

}  // namespace
}  // namespace apitoolkit::json
