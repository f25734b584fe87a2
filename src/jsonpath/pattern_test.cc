#include "src/jsonpath/pattern.h"

#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/jsonpath/iregexp.h"

namespace apitoolkit::jsonpath {
namespace {

bool matches(std::string_view pattern, std::string_view text, bool whole = true) {
  const auto compiled = Pattern::iregexp(pattern, whole);
  EXPECT_TRUE(compiled.has_value()) << pattern;
  return compiled && (*compiled)->matches(text);
}

TEST(Pattern, MatchesWholeTextsOrAnyPart) {
  EXPECT_TRUE(matches("ab*", "abbb"));
  EXPECT_FALSE(matches("ab*", "xabbb"));
  EXPECT_FALSE(matches("a|b", "ab"));
  EXPECT_TRUE(matches("a|b", "xbx", false));
  EXPECT_FALSE(matches("a", "a\n"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("a|", ""));
  EXPECT_TRUE(matches("(a|())b", "b"));
}

TEST(Pattern, MatchesADotToAllButLineEnds) {
  EXPECT_TRUE(matches(".", "\U0001F600"));
  EXPECT_TRUE(matches(".", "\u2028"));
  EXPECT_FALSE(matches(".", "\n"));
  EXPECT_FALSE(matches(".", "\r"));
}

TEST(Pattern, KeepsAnchors) {
  EXPECT_TRUE(matches("^ab$", "ab"));
  EXPECT_TRUE(matches("^b", "bcd", false));
  EXPECT_FALSE(matches("^b", "ab", false));
}

TEST(Pattern, KnowsCategoriesAndTheirComplements) {
  EXPECT_TRUE(matches("\\p{Lu}", "\u0416"));
  EXPECT_FALSE(matches("\\p{Lu}", "\u0436"));
  EXPECT_TRUE(matches("\\P{Lu}", "\u0436"));
  EXPECT_TRUE(matches("[\\p{Nd}x-z]+", "1y\u0663"));
  EXPECT_TRUE(matches("[^\\p{Nd}]", "a"));
}

TEST(Pattern, KnowsUnassignedCodePointsWhichRe2DoesNot) {
  const std::string unassigned = "\u0378";
  EXPECT_TRUE(matches("\\p{Cn}", unassigned));
  EXPECT_TRUE(matches("\\p{C}", unassigned));
  EXPECT_FALSE(matches("\\P{Cn}", unassigned));
  EXPECT_FALSE(matches("\\P{C}", unassigned));
  EXPECT_FALSE(matches("[^a\\p{Cn}]", unassigned));
  EXPECT_TRUE(matches("[^a\\p{Cn}]", "b"));
  EXPECT_FALSE(matches("\\p{Cn}", "a"));
  EXPECT_TRUE(matches("\\p{C}", "\x01"));
  EXPECT_FALSE(matches("\\p{Cn}", "\x01"));
  EXPECT_TRUE(matches("\\P{C}", "a"));
}

TEST(Pattern, TakesClassesAndCounts) {
  EXPECT_TRUE(matches("[-a]+", "a-"));
  EXPECT_TRUE(matches("[a-]+", "a-"));
  EXPECT_TRUE(matches("[^-]", "b"));
  EXPECT_TRUE(matches("[\\^a]", "^"));
  EXPECT_TRUE(matches("[a^]", "^"));
  EXPECT_TRUE(matches("[\\-\\]\\[]{3}", "-]["));
  EXPECT_TRUE(matches("[.*+]{1,3}", ".*"));
  EXPECT_TRUE(matches("a{2}", "aa"));
  EXPECT_TRUE(matches("a{2,}", "aaaa"));
  EXPECT_FALSE(matches("a{2,3}", "aaaa"));
  EXPECT_TRUE(matches("a{007}", "aaaaaaa"))
      << "leading zeros are no reason to match them literally";
  EXPECT_TRUE(matches("a{0}", ""));
  EXPECT_TRUE(matches("\\n\\t\\r\\.\\(\\|", "\n\t\r.(|"));
  EXPECT_TRUE(matches("a&b/c\"", "a&b/c\""));
}

TEST(Pattern, RejectsWhatOnlyRe2WouldAccept) {
  for (const std::string_view pattern :
       {"\\d",         "\\w+",       "\\bA",   "(?i)a",   "(?:a)",      "a*?",   "a++",
        "a**",         "*a",         "+",      "?",       "a{,2}",      "a{",    "a{}",
        "a{1",         "a{1,",       "a{2,1}", "a{x}",    "(a",         "a)",    "[",
        "[]",          "[^]",        "[a",     "[a-]b]-", "]",          "}",     "{",
        "\\",          "\\p{Xx}",    "\\p{L",  "\\pL",    "\\p{Greek}", "\\x41", "\\u0041",
        "[[:alpha:]]", "[a-\\p{L}]", "[z-a]",  "[a--]",   "[--a]",      "\\A",   "\\/"}) {
    const auto compiled = Pattern::iregexp(pattern, true);
    ASSERT_FALSE(compiled.has_value()) << pattern;
    EXPECT_EQ(compiled.error(), PatternError::kSyntax) << pattern;
  }
}

TEST(Pattern, BoundsRepetitions) {
  EXPECT_TRUE(Pattern::iregexp("a{1000}", true).has_value());
  for (const std::string_view pattern :
       {"a{1001}", "(a{100}){11}", "(a{99999999999999999999})", "(\\p{L}{1000}){1}\\p{L}{1000}"}) {
    const auto compiled = Pattern::iregexp(pattern, true);
    ASSERT_FALSE(compiled.has_value()) << pattern;
    EXPECT_EQ(compiled.error(), PatternError::kTooLarge) << pattern;
  }
}

TEST(Pattern, BoundsNestingWithoutRecursingDeeply) {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '(') + "a" + std::string(levels, ')');
  };
  EXPECT_TRUE(matches(nested(limits::kJsonpathDepthMax), "a"));
  for (const std::size_t levels : {limits::kJsonpathDepthMax + 1, 100'000}) {
    const auto compiled = Pattern::iregexp(nested(levels), true);
    ASSERT_FALSE(compiled.has_value()) << levels;
    EXPECT_EQ(compiled.error(), PatternError::kTooLarge)
        << "it is an I-Regexp, so nobody may conclude that it never matches";
  }
}

TEST(Pattern, CallsWhateverRe2RefusesOfAnIRegexpTooLarge) {
  // Valid, but with more names of categories than fit into RE2's memory.
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += "\\p{L}";
  const auto compiled = Pattern::iregexp(many, true);
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error(), PatternError::kTooLarge);
}

TEST(Pattern, KnowsTheOrderOfARangeByItself) {
  EXPECT_TRUE(matches("[a-a]", "a"));
  EXPECT_TRUE(matches("[\\t-\\r]", "\n"));
  EXPECT_TRUE(matches("[\\--a]", "9"));
  EXPECT_TRUE(matches("[\\]-\\^]", "^"));
  EXPECT_TRUE(matches("[\u00e9-\U0001F600]", "\u20ac"));
  for (const std::string_view pattern : {"[\\r-\\t]", "[b-\\^]", "[\U0001F600-\u00e9]"}) {
    const auto compiled = Pattern::iregexp(pattern, true);
    ASSERT_FALSE(compiled.has_value()) << pattern;
    EXPECT_EQ(compiled.error(), PatternError::kSyntax) << pattern;
  }
}

TEST(Pattern, DoesNotGrowWithTheCategoriesThatAreSpelledOut) {
  std::string many;
  for (int i = 0; i < 170'000; ++i) many += "\\p{Cn}";
  const auto translated = translate_iregexp(many);
  ASSERT_FALSE(translated.has_value()) << translated->size();
  EXPECT_EQ(translated.error(), PatternError::kTooLarge);
  const auto broken = translate_iregexp(many + "(");
  ASSERT_FALSE(broken.has_value());
  EXPECT_EQ(broken.error(), PatternError::kSyntax) << "the grammar is checked before it is written";
}

TEST(PatternCache, RefusesALongPatternUnread) {
  PatternCache cache;
  bool built = false;
  const std::string longest(limits::kDocumentPatternBytesMax, 'a');
  EXPECT_TRUE(cache.get(longest, true, built).has_value());
  const Pattern::Compiled& longer = cache.get(longest + 'a', true, built);
  ASSERT_FALSE(longer.has_value());
  EXPECT_EQ(longer.error(), PatternError::kTooLarge);
  EXPECT_FALSE(built) << "it cost nothing";
}

TEST(PatternCache, BuildsAPatternOnceAndStaysBounded) {
  PatternCache cache;
  bool built = false;
  ASSERT_TRUE(cache.get("a+", true, built).has_value());
  EXPECT_TRUE(built);
  EXPECT_TRUE((*cache.get("a+", true, built))->matches("aa"));
  EXPECT_FALSE(built);
  EXPECT_TRUE((*cache.get("a+", false, built))->matches("xaax"));
  EXPECT_TRUE(built) << "a search is not a match";
  for (int i = 0; i < 100; ++i)
    cache.get(std::string(static_cast<std::size_t>(i) + 1, 'b'), true, built);
  EXPECT_TRUE((*cache.get("a+", true, built))->matches("aa"));
  EXPECT_TRUE(built) << "it forgot all when it was full";
}

}  // namespace
}  // namespace apitoolkit::jsonpath
