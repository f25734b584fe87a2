// Every row of the table of compatible forms in docs/redaction.md.
#include <gtest/gtest.h>

#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::string_view kDocument = R"({
  "a": {"b": 1, "c": [10, 20, 30], "x y": 2},
  "k": 3,
  "key": 4,
  "password": "s",
  "user": {"name": "n", "email": "e", "1": "one", "tags": [{"id": 1}]},
  "1": "named one",
  "list": ["zero", "first"],
  "credit-card": {"cvv": 123, "full-name": "N"},
  "@type": "T",
  "$ref": "R",
  "book": [{"author": "J. R. R. Tolkien", "price": 5, "first-name": "x"},
           {"author": "Melville", "price": 20},
           {"author": "tolkien", "price": 30}],
  "users": [{"card": 1, "role": "admin"}, {"card": 2, "role": "user"}]
})";

std::vector<std::string> select(std::string_view path) {
  const auto document = json::Document::parse(kDocument);
  EXPECT_TRUE(document.has_value());
  const auto query = Query::parse(path, Dialect::kCompatible);
  EXPECT_TRUE(query.has_value()) << query.error().describe(path);
  std::vector<std::string> paths;
  if (query) {
    const auto matches = query->select(*document);
    EXPECT_TRUE(matches.has_value()) << path;
    for (const Match& match : *matches) paths.push_back(match.path);
  }
  return paths;
}

struct Case {
  std::string_view path;
  std::vector<std::string> selected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(select(c.path), c.selected) << c.path;
    EXPECT_FALSE(Query::parse(c.path, Dialect::kStrict).has_value())
        << c.path << " is RFC 9535's, so this is no test of the compatible dialect";
  }
}

TEST(Compatible, TakesADashAsPartOfAName) {
  check({{"$.credit-card.cvv", {"$['credit-card']['cvv']"}},
         {"$.credit-card.full-name", {"$['credit-card']['full-name']"}},
         {"$..full-name", {"$['credit-card']['full-name']"}},
         {"$.@type", {"$['@type']"}},
         {"$.$ref", {"$['$ref']"}},
         {"$[?@.full-name]", {"$['credit-card']"}}});
}

TEST(Compatible, TrimsAndSplitsAtTopLevelCommas) {
  check({{" $.users[*].card", {"$['users'][0]['card']", "$['users'][1]['card']"}},
         {"\t$.k\r\n", {"$['k']"}},
         {"$.k, $.key", {"$['k']", "$['key']"}},
         {"$['k','key'],$.list[0,1]", {"$['k']", "$['key']", "$['list'][0]", "$['list'][1]"}},
         {"$.k,$[?@.cvv==123 || @['x,y']]", {"$['k']", "$['credit-card']"}}});
}

TEST(Compatible, TakesAPieceWithoutRootAsASiblingOfTheLastSegment) {
  check({{"$.k,key", {"$['k']", "$['key']"}},
         {"$.user.name,email", {"$['user']['name']", "$['user']['email']"}},
         {"$.user.name, email, 1", {"$['user']['name']", "$['user']['email']", "$['user']['1']"}},
         {"$.users[0].card,role", {"$['users'][0]['card']", "$['users'][0]['role']"}},
         {"k,password", {"$['k']", "$['password']"}},
         {"$.(a|user).b,name", {"$['a']['b']", "$['user']['name']"}},
         {"$.user.(name),email", {"$['user']['name']", "$['user']['email']"}},
         {"$.(user.name),key", {"$['user']['name']", "$['key']"}},
         {"$.user.(name|1),email", {"$['user']['name']", "$['user']['1']", "$['user']['email']"}},
         {"$,k", {"$", "$['k']"}}});
}

TEST(Compatible, CountsFromTheEndWithLengthMinus) {
  check({{"$..book[(@.length-1)]", {"$['book'][2]"}},
         {"$.book[( @.length - 2 )].price", {"$['book'][1]['price']"}}});
}

TEST(Compatible, MatchesRegularExpressionsWithTilde) {
  check({{"$.book[?(@.author =~ /.*Tolkien/i)].price",
          {"$['book'][0]['price']", "$['book'][2]['price']"}},
         {"$.book[?(@.author =~ /.*Tolkien/)].price", {"$['book'][0]['price']"}},
         {"$.book[?(@.author =~ /Tolkien/)].price", {}},
         {"$.book[?(@.author =~ \"Tolk\")].price", {"$['book'][0]['price']"}},
         {"$.book[?@.author =~ '^t|e$'].price", {"$['book'][1]['price']", "$['book'][2]['price']"}},
         {"$.book[?@.author =~ /[^\\/]\\w+ie?n?/ && @.price > 5].price", {"$['book'][2]['price']"}},
         {"$.book[?@.price =~ /5/].price", {}}});
}

TEST(Compatible, KnowsTheFlagsOfARegularExpression) {
  const auto document = json::Document::parse(R"({"v":["a\nb","A\nB","a b"]})");
  ASSERT_TRUE(document.has_value());
  const auto count = [&](std::string_view filter) {
    const auto query = Query::parse("$.v[?(@ =~ " + std::string(filter) + ")]");
    EXPECT_TRUE(query.has_value()) << filter;
    return query ? query->select(*document)->size() : 99;
  };
  EXPECT_EQ(count("/a.b/"), 1U) << "a dot is no line end";
  EXPECT_EQ(count("/a.b/s"), 2U);
  EXPECT_EQ(count("/a.b/si"), 3U);
  EXPECT_EQ(count("/a\\n^b/"), 0U) << "an anchor is the end of the text";
  EXPECT_EQ(count("/a$\\n^b/m"), 1U);
  EXPECT_EQ(count("/a$.^b/ims"), 2U);
  EXPECT_EQ(count("/a$/m"), 0U) << "the whole value matches, not a line of it";
}

TEST(Compatible, PrefixesARootlessPath) {
  check({{"password", {"$['password']"}},
         {"user.name", {"$['user']['name']"}},
         {".key", {"$['key']"}},
         {"@.a.b", {"$['a']['b']"}},
         {"..cvv", {"$['credit-card']['cvv']"}},
         {"['k']", {"$['k']"}},
         {"*.cvv", {"$['credit-card']['cvv']"}},
         {"'key'", {"$['key']"}},
         {"@type", {"$['@type']"}},
         {"users[*].card", {"$['users'][0]['card']", "$['users'][1]['card']"}}});
}

TEST(Compatible, TakesDotsBeforeBracketsQuotesAndBareNamesInBrackets) {
  check({{"$.a.['b']", {"$['a']['b']"}},
         {"$.list.[0]", {"$['list'][0]"}},
         {"$.'k'", {"$['k']"}},
         {"$.\"k\"", {"$['k']"}},
         {"$.a.'x y'", {"$['a']['x y']"}},
         {"$[key]", {"$['key']"}},
         {"$[k,key]", {"$['k']", "$['key']"}},
         {"$[credit-card]", {"$['credit-card']"}},
         {"$. k", {"$['k']"}},
         {"$.. cvv", {"$['credit-card']['cvv']"}},
         {"$..'cvv'", {"$['credit-card']['cvv']"}}});
}

TEST(Compatible, TakesANumberAfterADotAsANameAndAnIndex) {
  check({{"$.1", {"$['1']"}},
         {"$.list.1", {"$['list'][1]"}},
         {"$.user.1", {"$['user']['1']"}},
         {"$.list.01", {}},
         {"$..1",
          {"$['1']", "$['a']['c'][1]", "$['user']['1']", "$['list'][1]", "$['book'][1]",
           "$['users'][1]"}}});
}

TEST(Compatible, TakesANumberAsANameAndAnIndexAlsoWhereAFilterComparesIt) {
  check({{"$[?@.1 == 'one']", {"$['user']"}},
         {"$[?@.1 == 'first']", {"$['list']"}},
         {"$[?@.1 =~ 'ne|rst']", {"$['user']", "$['list']"}},
         {"$[?@.c.1 > 19]", {"$['a']"}},
         {"$[?length(@.1) == 5]", {"$['list']"}},
         {"$[?@.1 == $.list.1]", {"$['list']"}},
         {"$[?@.1 && !@.2]", {"$['user']", "$['list']", "$['users']"}}});
  EXPECT_FALSE(Query::parse("$[?@['1',1] == 'x']").has_value()) << "the RFC has no such value";
  EXPECT_FALSE(Query::parse("$[?@..1 == 'x']").has_value());
}

TEST(Compatible, TakesBareNamesAndSingleOperatorsInFilters) {
  check({{"$.users[?role = 'admin'].card", {"$['users'][0]['card']"}},
         {"$.users[?(role = 'user' & card > 1)].card", {"$['users'][1]['card']"}},
         {"$.book[?price > 5 & price < 30].price", {"$['book'][1]['price']"}},
         {"$.book[?(@price > 20)].price", {"$['book'][2]['price']"}},
         {"$.book[?author =~ \"ville\"].price", {"$['book'][1]['price']"}},
         {"$.book[?!first-name].price", {"$['book'][1]['price']", "$['book'][2]['price']"}},
         {"$.user[?tags[0].id]", {}},
         {"$[?tags[0].id = 1]", {"$['user']"}}});
}

TEST(Compatible, ExpandsAlternatives) {
  check({{"k|key", {"$['k']", "$['key']"}},
         {"(k|key)", {"$['k']", "$['key']"}},
         {"$.k|$.key", {"$['k']", "$['key']"}},
         {"$.user.name|email", {"$['user']['name']", "$['user']['email']"}},
         {"$.user.(name|email)", {"$['user']['name']", "$['user']['email']"}},
         {"$.(a|credit-card).(b|cvv)", {"$['a']['b']", "$['credit-card']['cvv']"}},
         {"$.(user.name|a.c[0])", {"$['user']['name']", "$['a']['c'][0]"}},
         {"(users|book)[0].(card|price)", {"$['users'][0]['card']", "$['book'][0]['price']"}},
         {"$..(cvv|name)", {"$['credit-card']['cvv']", "$['user']['name']"}},
         {"$.((k|key)|password)", {"$['k']", "$['key']", "$['password']"}}});
}

TEST(Compatible, TriesTheStrictReadingFirst) {
  EXPECT_EQ(select("$.list[-1]"), std::vector<std::string>{"$['list'][1]"});
  EXPECT_EQ(select("$['credit-card']['cvv']"), std::vector<std::string>{"$['credit-card']['cvv']"});
}

}  // namespace
}  // namespace apitoolkit::jsonpath
