#include <gtest/gtest.h>

#include "src/base/limits.h"
#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {
namespace {

struct Rejection {
  std::string text;
  int column;
  std::string_view expected;
};

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Parser, SaysWhereAndWhatItExpectedInTheStrictDialect) {
  const Rejection cases[] = {
      {"", 1, "'$'"},
      {"a", 1, "'$'"},
      {" $", 1, "'$'"},
      {"$ ", 2, "'.', '[' or the end"},
      {"$.a ", 4, "'.', '[' or the end"},
      {"$a", 2, "'.', '[' or the end"},
      {"$.", 3, "a name or '*'"},
      {"$.1", 3, "a name or '*'"},
      {"$..", 4, "a name, '*' or '['"},
      {"$.a-b", 4, "'.', '[' or the end"},
      {"$.a[", 5, "a selector"},
      {"$[]", 3, "a selector"},
      {"$[0,]", 5, "a selector"},
      {"$[a]", 3, "a selector"},
      {"$[0", 4, "',' or ']'"},
      {"$[0 1]", 5, "',' or ']'"},
      {"$[01]", 3, "an integer without leading zeros"},
      {"$[-0]", 3, "an integer without leading zeros"},
      {"$[-]", 4, "a digit"},
      {"$[9007199254740992]", 3, "an integer from -9007199254740991 to 9007199254740991"},
      {"$[99999999999999999999]", 3, "an integer from -9007199254740991 to 9007199254740991"},
      {"$[1:2:3:4]", 8, "',' or ']'"},
      {"$['a]", 6, "a closing quote"},
      {"$['a\nb']", 5, "no control character in a string"},
      {"$['\\x']", 5, "an escape character"},
      {"$[\"\\'\"]", 5, "an escape character"},
      {"$['\\u12']", 6, "four hexadecimal digits"},
      {"$['\\uDC00']", 4, "a high surrogate first"},
      {"$['\\uD800']", 10, "an escaped low surrogate"},
      {"$['\\uD800\\u0041']", 10, "an escaped low surrogate"},
      {"$.caf\u00e9[", 8, "a selector"},
      {"$['\U0001F600'][", 8, "a selector"},
      {"$[?]", 4, "a literal, a query or a function"},
      {"$[?@.a=1]", 7, "'=='"},
      {"$[?@.a==]", 9, "a literal, a query or a function"},
      {"$[?1]", 5, "a comparison operator"},
      {"$[?true]", 8, "a comparison operator"},
      {"$[?!1]", 5, "a query, a test function or '('"},
      {"$[?(@.a]", 8, "'&&', '||' or ')'"},
      {"$[?@.* == 1]", 4, "a query of names and indices only"},
      {"$[?1 == @..a]", 9, "a query of names and indices only"},
      {"$[?@.a == 01]", 12, "',' or ']'"},
      {"$[?@.a == 1.]", 11, "a number"},
      {"$[?length(@.*) < 1]", 11, "a query of names and indices only"},
      {"$[?count(1) < 1]", 10, "a query"},
      {"$[?count(@.*,1) < 1]", 13, "')'"},
      {"$[?match(@.a)]", 13, "','"},
      {"$[?match(@.a,'b') == true]", 4, "a function that gives a value"},
      {"$[?length(@.a)]", 15, "a comparison operator"},
      {"$[?len(@.a) == 1]", 4, "one of the functions length, count, match, search and value"},
      {"$[?match(@.a, 'b{1001}')]", 15,
       "a regular expression of at most 1000 repetitions and 64 nested groups"},
      {"$[?search(@.a, '((b{100}){100}){100}')]", 16,
       "a regular expression of at most 1000 repetitions and 64 nested groups"},
      {"$[?match(@.a, '" + repeat("(", 65) + "b" + repeat(")", 65) + "')]", 15,
       "a regular expression of at most 1000 repetitions and 64 nested groups"},
      {"$.a\xFF", 4, "valid UTF-8"},
      {"$" + repeat("[?@", 65) + repeat("]", 65), 195, "at most 64 nested brackets"},
      {"$[?" + repeat("(", 64) + "@" + repeat(")", 64) + "]", 68, "at most 64 nested brackets"},
      {"$" + repeat(".a", limits::kJsonpathBytesMax / 2), 1, "at most 65536 bytes"},
  };
  for (const Rejection& c : cases) {
    const auto query = Query::parse(c.text, Dialect::kStrict);
    ASSERT_FALSE(query.has_value()) << c.text;
    EXPECT_EQ(query.error().column, c.column) << c.text;
    EXPECT_EQ(query.error().expected, c.expected) << c.text;
  }
}

TEST(Parser, SaysWhereAndWhatItExpectedInTheCompatibleDialect) {
  const Rejection cases[] = {
      {"", 1, "a path"},
      {"  ", 1, "a path"},
      {"$.a[", 5, "a selector"},
      {"  $.a[ ", 7, "a selector"},
      {"$.a, ", 5, "a path"},
      {"$.a,,$.b", 5, "a path"},
      {"$.a, $.b[", 10, "a selector"},
      {"a b", 3, "'.', '[', ',' or the end"},
      {"$ref", 2, "'.', '[', ',' or the end"},
      {"$.a.", 5, "a name or '*'"},
      {"$.a + $.b", 5, "a step that selects values; '+' computes one"},
      {"$.foo * 12", 7, "a step that selects values; '*' computes one"},
      {"$.a.(b / 2)", 8, "a step that selects values; '/' computes one"},
      {"$.foo + \"_\" + $.bar", 7, "a step that selects values; '+' computes one"},
      {"$.objects[*].cow + $.objects[*].cat", 18, "a step that selects values; '+' computes one"},
      {"$.a - $.b", 5, "a step that selects values; '-' computes one"},
      {"$.objects.`len`", 11, "a step that selects values; `len` computes one"},
      {"$.foo.`keys`", 7, "a step that selects values; `keys` computes one"},
      {"$.field.`str()`", 9, "a step that selects values; `str()` computes one"},
      {"$.field.`sub(/foo\\\\+(.*)/, \\\\1)`", 9,
       "a step that selects values; `sub(/foo\\\\+(.*)/, \\\\1)` computes one"},
      {"$.field.`split(+, 2, -1)`", 9,
       "a step that selects values; `split(+, 2, -1)` computes one"},
      {"a.*.b.`parent`.c", 7, "a step that selects values; `parent` goes upwards"},
      {"$.a.`lens`", 5, "'`this`' or '`sorted`'"},
      {"$.a.``", 5, "'`this`' or '`sorted`'"},
      {"$.a.`this", 10, "a closing '`'"},
      {"$..`this`", 4, "a name, '*' or '['"},
      {"$[`this`]", 3, "a selector"},
      {"foo where bar", 5, "a filter in place of 'where'"},
      {"(foo[*] wherenot bar)", 9, "a filter in place of 'where'"},
      {"$.l[\\a][0]", 8, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l.`sorted`[1:]", 13, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l.`sorted`.`this`.1", 20, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l[/a].b", 8, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l[/a]..[0]", 8, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l[/a].(b|c)", 9, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.(l[/a]|m)[(@.length-1)]", 12,
       "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$[?@.l[/a][0] == 1]", 11, "'[*]', a filter, '..' with a name or the end after a sort"},
      {"$.l[/a,b]", 8, "'/' or '\\' before each key of a sort"},
      {"$.l[/a", 7, "',' or ']'"},
      {"$.l[/]", 6, "a path"},
      {"$..[/a]", 5, "a selector"},
      {"$..book[(@.length)]", 18, "'-'"},
      {"$..book[(@.length-0)]", 19, "an integer from 1 on"},
      {"$..book[(@.size-1)]", 9, "'(@.length-N)'"},
      {"$[?@.a =~ b]", 11, "'/' or a string"},
      {"$[?@.a =~ /b]", 14, "'/' at the end of the regular expression"},
      {"$[?@.a =~ /b/x]", 14, "the flags i, m or s, or the end of the regular expression"},
      {"$[?@.a =~ /(b/]", 11, "a regular expression"},
      {"$[?@.a =~ /a)(b/]", 11, "a regular expression"},
      {"$[?@.a =~ 'b{1001}']", 11, "a regular expression with at most 1000 repetitions"},
      {"$[?@.* =~ /b/]", 4, "a query of names and indices only"},
      {"$[?a == b]", 9, "a literal, '@' or '$'"},
      {"$[?@.a == True]", 11, "a literal, a query or a function"},
      {"$[?@.a == None]", 11, "a literal, a query or a function"},
      {"$[?match(@.a, '\\\\d+')]", 15, "a regular expression of RFC 9485"},
      {"$.(a|b", 7, "'|' or ')'"},
      {"$.(a|$.b)", 6, "a path without '$'"},
      {"$.(a|)", 6, "a path"},
      {"$" + repeat(".(a|b)", 7), 43, "at most 64 alternatives"},
      {repeat("a|", 64) + "a", 130, "at most 64 alternatives"},
      {repeat("(", 65) + "a" + repeat(")", 65), 65, "at most 64 nested brackets"},
  };
  for (const Rejection& c : cases) {
    const auto query = Query::parse(c.text, Dialect::kCompatible);
    ASSERT_FALSE(query.has_value()) << c.text;
    EXPECT_EQ(query.error().column, c.column) << c.text;
    EXPECT_EQ(query.error().expected, c.expected) << c.text;
  }
}

TEST(Parser, DescribesARejection) {
  const auto query = Query::parse("$.a[");
  ASSERT_FALSE(query.has_value());
  EXPECT_EQ(query.error().describe("$.a["), "\"$.a[\": expected a selector at column 5");
}

TEST(Parser, AcceptsADeadPatternInTheStrictDialectOnly) {
  EXPECT_TRUE(Query::parse("$[?match(@.a, '\\\\d+')]", Dialect::kStrict).has_value());
  EXPECT_TRUE(Query::parse("$[?match(@.a, '[0-9]+')]", Dialect::kCompatible).has_value());
}

TEST(Parser, ParsesTheLongestPathsAndUnionsItAllows) {
  // Each of these took the better part of a minute where a step copied the steps before it.
  const int bytes = limits::kJsonpathBytesMax;
  const std::string groups = "a" + repeat(".(b)", bytes / 4 - 1);
  for (const std::string& text :
       {"a" + repeat(".a", bytes / 2 - 1), groups, "(a|b)" + repeat(".(c)", bytes / 4 - 2),
        repeat("[0]", bytes / 3), "$" + repeat(".a", bytes / 4) + ".b.(c|d)" + repeat(".e", 64)}) {
    EXPECT_TRUE(Query::parse(text).has_value()) << text.substr(0, 40);
  }
  EXPECT_TRUE(Query::parse(repeat("a|", 63) + "a").has_value()) << "64 alternatives";
  EXPECT_TRUE(Query::parse("$" + repeat(".(a|b)", 6)).has_value()) << "64 alternatives";
  EXPECT_TRUE(Query::parse("$.(" + repeat("a|", 63) + "a).b").has_value()) << "64 alternatives";
}

TEST(Parser, AcceptsTheDeepestNestingItAllows) {
  EXPECT_TRUE(
      Query::parse("$" + repeat("[?@", 64) + repeat("]", 64), Dialect::kStrict).has_value());
}

}  // namespace
}  // namespace apitoolkit::jsonpath
