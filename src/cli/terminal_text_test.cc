#include "src/cli/terminal_text.h"

#include <gtest/gtest.h>

namespace apitoolkit::cli {
namespace {

TEST(TerminalText, ShowsWhatWouldDoSomethingToATerminal) {
  struct Case {
    std::string text;
    std::string shown;
  };
  for (const Case& c : {Case{"plain Zoë 東京", "plain Zoë 東京"},
                        {"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"},
                        {"\x1b]0;title\x07", "\\x1b]0;title\\x07"},
                        {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
                        {std::string("nul\0", 4), "nul\\x00"},
                        {"del\x7f", "del\\x7f"},
                        {"c1 \xc2\x9b"
                         "31m",
                         "c1 \\u009b31m"},
                        {"evil\xe2\x80\xae"
                         "exe.txt",
                         "evil\\u202eexe.txt"},
                        {"\xe2\x81\xa6isolate\xe2\x81\xa9", "\\u2066isolate\\u2069"},
                        {"zero\xe2\x80\x8bwidth\xef\xbb\xbf", "zero\\u200bwidth\\ufeff"},
                        {"tag\xf3\xa0\x81\x81", "tag\\U000e0041"},
                        {"\xff\xc3", "\\xff\\xc3"},
                        {"\xe2\x82", "\\xe2\\x82"}}) {
    EXPECT_EQ(shown(c.text), c.shown);
  }
}

TEST(TerminalText, EveryByteStringBecomesPrintable) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      for (const char c : shown(text)) {
        EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7F) << first << " " << second;
      }
    }
  }
}

TEST(TerminalText, CountsColumns) {
  EXPECT_EQ(columns_of("abc"), 3u);
  EXPECT_EQ(columns_of("Zoë"), 3u);
  EXPECT_EQ(columns_of("東京"), 4u);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1u);
  EXPECT_EQ(columns_of("🙂"), 2u);
}

TEST(TerminalText, FitsIntoColumns) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdef", 4), "abc…");
  EXPECT_EQ(fitted("東京都", 4), "東…");
  EXPECT_EQ(fitted("abc", 0), "");
  EXPECT_EQ(fitted("abc", 1), "…");
}

TEST(TerminalText, ColoursOnlyWhereItMay) {
  EXPECT_EQ(in_colour("x", "31", true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(in_colour("x", "31", false), "x");
}

}  // namespace
}  // namespace apitoolkit::cli
