#include "src/json/utf8.h"

#include <gtest/gtest.h>

namespace apitoolkit::json {
namespace {

TEST(Utf8, AcceptsEveryScalarValueAndReadsItBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(c, text);
    ASSERT_EQ(utf8_sequence(text), text.size()) << static_cast<std::uint32_t>(c);
    ASSERT_EQ(decode_utf8(text), c);
  }
}

TEST(Utf8, RejectsWhatIsNotWellFormedAtEveryPlaceInAWord) {
  const std::string bad[] = {
      "\x80",
      "\xBF",
      "\xC0\x80",
      "\xC1\xBF",
      "\xC2",
      "\xC2\x41",
      "\xE0\x9F\xBF",
      "\xED\xA0\x80",
      "\xED\xBF\xBF",
      "\xE2\x82",
      "\xE2\x82\x41",
      "\xF0\x8F\xBF\xBF",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xF0\x9F\x98",
      "\xFE",
      "\xFF",
  };
  for (const std::string& bytes : bad) {
    for (std::size_t before = 0; before < 20; ++before) {
      EXPECT_FALSE(is_valid_utf8(std::string(before, 'a') + bytes)) << before;
      EXPECT_FALSE(is_valid_utf8(std::string(before, 'a') + bytes + "aaaaaaaaa")) << before;
    }
  }
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("aaaaaaa\u00e9\u20ac\U0001F600\U0010FFFFz"));
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("a\u00e9\u20ac\U0001F600"), 4U);
}

}  // namespace
}  // namespace apitoolkit::json
