#include "src/jsonpath/evaluate.h"

#include <gtest/gtest.h>

#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {
namespace {

std::vector<std::string> select(std::string_view path, std::string_view text) {
  const auto document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << text;
  const auto query = Query::parse(path);
  EXPECT_TRUE(query.has_value()) << path;
  std::vector<std::string> out;
  const auto matches = query->select(*document);
  EXPECT_TRUE(matches.has_value()) << path;
  for (const Match& match : *matches) {
    out.push_back(match.path + "=" + std::string(document->raw(match.node)));
  }
  return out;
}

// The raw values that redaction masks.
std::vector<std::string> masked(std::string_view path, std::string_view text) {
  const auto document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << text;
  const auto query = Query::parse(path);
  EXPECT_TRUE(query.has_value()) << path;
  Budget budget(text.size());
  NodeList nodes;
  EXPECT_TRUE(select_redacted(query->ast(), *document, budget, nodes)) << path;
  std::vector<std::string> out;
  for (const std::uint32_t node : nodes) out.emplace_back(document->raw(node));
  return out;
}

using Strings = std::vector<std::string>;

TEST(Evaluate, KeepsTheOrderAndTheDuplicatesOfTheRfc) {
  EXPECT_EQ(select("$[0,0]", "[1]"), (Strings{"$[0]=1", "$[0]=1"}));
  EXPECT_EQ(select("$[1,0,-1]", "[1,2]"), (Strings{"$[1]=2", "$[0]=1", "$[1]=2"}));
  EXPECT_EQ(select("$[::-1]", "[1,2,3]"), (Strings{"$[2]=3", "$[1]=2", "$[0]=1"}));
  EXPECT_EQ(select("$..[0]", "[[1],[2]]"), (Strings{"$[0]=[1]", "$[0][0]=1", "$[1][0]=2"}));
  EXPECT_EQ(select("$..a..b", R"({"a":{"a":{"b":1}}})"),
            (Strings{"$['a']['a']['b']=1", "$['a']['a']['b']=1"}));
}

TEST(Evaluate, SelectsEveryMemberOfARepeatedName) {
  EXPECT_EQ(select("$.a", R"({"a":1,"b":2,"\u0061":3})"), (Strings{"$['a']=1", "$['a']=3"}));
}

TEST(Evaluate, ComparesNumbersAsNumbersAndStringsByScalarValue) {
  EXPECT_EQ(select("$[?@==1]", "[1,1.0,1e0,10e-1,\"1\",true]"),
            (Strings{"$[0]=1", "$[1]=1.0", "$[2]=1e0", "$[3]=10e-1"}));
  EXPECT_EQ(select("$[?@>9007199254740992]", "[9007199254740992,9007199254740993]"),
            Strings{"$[1]=9007199254740993"});
  EXPECT_EQ(select("$[?@=='\U0001F600']", R"(["\ud83d\ude00","\ud83d"])"),
            Strings{R"($[0]="\ud83d\ude00")"});
  EXPECT_EQ(select("$[?@<'\U0001F600']", "[\"\uFFFF\",\"\U0001F601\"]"),
            Strings{"$[0]=\"\uFFFF\""});
}

TEST(Evaluate, ComparesNothingWithNothing) {
  EXPECT_EQ(select("$[?@.a==@.b]", "[{},{\"a\":1}]"), Strings{"$[0]={}"});
  EXPECT_EQ(select("$[?@.a<=@.b]", "[{},{\"a\":1}]"), Strings{"$[0]={}"});
  EXPECT_EQ(select("$[?@.a<@.b]", "[{},{\"a\":1}]"), Strings{});
  EXPECT_EQ(select("$[?@.a==null]", "[{},{\"a\":null}]"), Strings{"$[1]={\"a\":null}"});
}

TEST(Evaluate, ComparesContainersDeeply) {
  EXPECT_EQ(select("$.list[?@==$.want]",
                   R"({"want":{"a":[1,{"b":"x"}],"c":2},
                       "list":[{"c":2.0,"\u0061":[1.0,{"b":"\u0078"}]},{"a":[1,{"b":"x"}]},[],
                               {"a":[1,{"b":"y"}],"c":2},{"a":[{"b":"x"},1],"c":2}]})"),
            Strings{R"($['list'][0]={"c":2.0,"\u0061":[1.0,{"b":"\u0078"}]})"});
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_EQ(select("$[?@==$[0]]", "[" + deep + "," + deep + "]").size(), 2U);
}

TEST(Evaluate, TakesPatternsFromTheDocument) {
  EXPECT_EQ(select("$.v[?match(@,$.re)]", R"({"re":"b.?b","v":["bb","bxb","xbb",1]})"),
            (Strings{R"($['v'][0]="bb")", R"($['v'][1]="bxb")"}));
  EXPECT_EQ(select("$.v[?match(@,$.re)]", R"({"re":"\\d","v":["1","d"]})"), Strings{})
      << "a pattern that is no I-Regexp never matches";
  EXPECT_EQ(select("$.v[?match(@,$.re)]", R"({"re":1,"v":["1"]})"), Strings{});
}

TEST(Evaluate, NormalizesPaths) {
  EXPECT_EQ(select("$.*", R"({"a'b\\c\n\u0001\u007f\"":1})"),
            Strings{"$['a\\'b\\\\c\\n\\u0001\x7F\"']=1"});
}

TEST(Evaluate, GivesUpWhenThePathCostsTooMuch) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += R"({"a":)";
  text += "1" + std::string(400, '}');
  const auto document = json::Document::parse(text);
  ASSERT_TRUE(document.has_value());
  const auto query = Query::parse("$..a..a..a..a..a..a");
  const auto matches = query->select(*document);
  ASSERT_FALSE(matches.has_value());
  EXPECT_EQ(matches.error().code, ErrorCode::kResourceExhausted);
}

TEST(Evaluate, BoundsAFilterThatWalksEverythingAtEveryNode) {
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "[1,2,3,";
  deep += "4" + std::string(1000, ']');
  const auto nested = json::Document::parse(deep);
  ASSERT_TRUE(nested.has_value());
  EXPECT_FALSE(Query::parse("$..[?count(@..*) > 1]")->select(*nested).has_value());

  std::string wide = "[0";
  for (int i = 0; i < 20'000; ++i) wide += ",1";
  wide += ']';
  const auto flat = json::Document::parse(wide);
  ASSERT_TRUE(flat.has_value());
  EXPECT_TRUE(Query::parse("$[?count($..*) > 1]")->select(*flat).has_value())
      << "an absolute query is evaluated once, not at every node";
}

TEST(Evaluate, LeavesAPatternThatIsTooLargeUndecided) {
  const auto document = json::Document::parse(R"({"re":"a{1001}","v":["a"]})");
  EXPECT_FALSE(Query::parse("$.v[?match(@,$.re)]")->select(*document).has_value());
}

TEST(Evaluate, LeavesAPatternThatIsTooDeepOrTooLongUndecided) {
  const std::string deep = std::string(65, '(') + "a" + std::string(65, ')');
  const std::string wide = "a|" + std::string(8'000, 'b');
  std::string categories;
  for (int i = 0; i < 600; ++i) categories += R"(\\p{Cn})";
  for (const std::string& pattern : {deep, wide, categories + "|a"}) {
    const std::string text = R"({"re":")" + pattern + R"(","v":["a"]})";
    const auto document = json::Document::parse(text);
    ASSERT_TRUE(document.has_value());
    const auto query = Query::parse("$.v[?match(@,$.re)]", Dialect::kStrict);
    EXPECT_FALSE(query->select(*document).has_value()) << text.substr(0, 99);
    Budget budget(text.size());
    NodeList nodes;
    EXPECT_FALSE(select_redacted(query->ast(), *document, budget, nodes)) << text.substr(0, 99);
  }
}

TEST(Evaluate, ChargesForWhatPatternsOfTheDocumentAreTranslatedTo) {
  // Each element has a pattern of its own, which becomes a megabyte for RE2 to read.
  std::string categories;
  for (int i = 0; i < 80; ++i) categories += R"(\\p{Cn})";
  std::string text = "[0";
  for (int i = 0; i < 200; ++i) {
    text += R"(,{"s":"a","re":"[)" + categories + "a]{" + std::to_string(i) + R"(}"})";
  }
  text += ']';
  const auto document = json::Document::parse(text);
  ASSERT_TRUE(document.has_value());
  EXPECT_FALSE(Query::parse("$[?match(@.s,@.re)]")->select(*document).has_value());
}

// Whether the path is answered within the budget, on a document that holds `big` and many small
// values.
bool is_affordable(std::string_view path, const std::string& big, std::string_view small, int n) {
  std::string text = R"({"big":)" + big + R"(,"list":[)";
  for (int i = 0; i < n; ++i) text.append(i > 0 ? "," : "").append(small);
  text += "]}";
  const auto document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << path;
  const auto query = Query::parse(path, Dialect::kStrict);
  EXPECT_TRUE(query.has_value()) << path;
  return query->select(*document).has_value();
}

TEST(Evaluate, CountsBytesWhereBytesAreTheCost) {
  std::string escaped;
  for (int i = 0; i < 20'000; ++i) escaped += R"(\u0061)";
  const std::string digits(100'000, '7');
  const std::string plain(100'000, 'a');
  const std::string same = "$.list[?@.o == $.big]";
  const std::string small = R"({"o":{"k":"b"}})";
  EXPECT_FALSE(is_affordable(same, R"({"k":")" + escaped + R"("})", small, 3'000));
  EXPECT_FALSE(is_affordable(same, R"({")" + escaped + R"(":1})", small, 3'000));
  EXPECT_FALSE(is_affordable(same, R"({"k":)" + digits + "}", R"({"o":{"k":7}})", 3'000));
  EXPECT_FALSE(is_affordable("$.list[?@ == $.big]", digits, "7", 3'000));
  EXPECT_FALSE(is_affordable("$.list[?@ < $.big]", digits, "7", 3'000));
  EXPECT_FALSE(is_affordable("$.list[?@ == $.big]", '"' + escaped + '"', "\"a\"", 3'000));
  EXPECT_FALSE(is_affordable("$.list[?length($.big) > 1]", '"' + plain + '"', "1", 5'000));
  // What only looks alike costs nothing of the kind.
  EXPECT_TRUE(is_affordable(same, R"({"k":")" + plain + R"("})", small, 3'000));
  EXPECT_TRUE(is_affordable("$.list[?@ == $.big]", digits, "\"a\"", 3));
  EXPECT_TRUE(is_affordable("$.list[?length(@) > 1]", "1", '"' + escaped + '"', 3));
  EXPECT_TRUE(is_affordable("$.list[?@ == 7]", "1", digits, 3));
}

TEST(EvaluateRedacted, CountsTheBytesOfNamesThatAFilterReads) {
  std::string text = R"({"big":{")";
  for (int i = 0; i < 20'000; ++i) text += R"(\u0061)";
  text += R"(":1,"b":2},"list":[0)";
  for (int i = 0; i < 3'000; ++i) text += ",1";
  text += "]}";
  const auto document = json::Document::parse(text);
  ASSERT_TRUE(document.has_value());
  Budget budget(text.size());
  NodeList nodes;
  const auto query = Query::parse("$.list[?length($.big) > 1]");
  EXPECT_FALSE(select_redacted(query->ast(), *document, budget, nodes));
}

TEST(EvaluateRedacted, IsASetInDocumentOrder) {
  EXPECT_EQ(masked("$[1,0,0]", "[1,2]"), (Strings{"1", "2"}));
  EXPECT_EQ(masked("$..a..b", R"({"a":{"a":{"b":1},"b":2}})"), (Strings{"1", "2"}));
}

TEST(EvaluateRedacted, StaysLinearInNestedDescendants) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += R"({"a":)";
  text += "1" + std::string(1000, '}');
  EXPECT_EQ(masked("$..a..a..a..a..a..a", text).size(), 995U);
}

TEST(EvaluateRedacted, CountsAFilterThatReadsARepeatedNameAsTrue) {
  EXPECT_EQ(masked("$[?@.role=='admin'].pin",
                   R"([{"role":"user","role":"guest","pin":1},{"role":"user","pin":2}])"),
            Strings{"1"});
  EXPECT_EQ(masked("$[?!@.role].pin", R"([{"role":1,"role":2,"pin":1},{"role":1,"pin":2}])"),
            Strings{"1"});
  EXPECT_EQ(masked("$[?@.x==1 && @.role==9].pin", R"([{"x":2,"role":1,"role":2,"pin":1}])"),
            Strings{"1"})
      << "the order of the parts does not matter";
  EXPECT_EQ(masked("$[?@.role==9 && @.x==1].pin", R"([{"x":2,"role":1,"role":2,"pin":1}])"),
            Strings{"1"});
  EXPECT_EQ(masked("$[?count(@.*)==9]", R"([{"a":1,"\u0061":2},{"a":1}])"),
            Strings{R"({"a":1,"\u0061":2})"});
  EXPECT_EQ(masked("$[?@.o==$[0].o].pin", R"([{"o":{"a":1,"a":2},"pin":7},{"o":{"a":3},"pin":8}])"),
            (Strings{"7", "8"}));
  EXPECT_EQ(masked("$[?@[?@.d==1]]", R"([[{"d":2,"d":3}],[{"d":2}]])"),
            Strings{R"([{"d":2,"d":3}])"});
  EXPECT_EQ(masked("$.a[?@.x==9]", R"({"a":[{"x":1}],"a":[{"x":2}]})"), Strings{})
      << "only what the filter itself reads";
}

TEST(EvaluateRedacted, AppliesWhatFollowsABracketedWildcardToTheValueItself) {
  EXPECT_EQ(masked("$.user[*].email", R"({"user":{"email":"e","name":"n"}})"), Strings{R"("e")"});
  EXPECT_EQ(masked("$.user[*].email", R"({"user":[{"email":"e"}]})"), Strings{R"("e")"});
  EXPECT_EQ(masked("$.user[*].email", R"({"user":{"home":{"email":"h"},"email":"e"}})"),
            (Strings{R"("h")", R"("e")"}));
  EXPECT_EQ(masked("$.a[*][*].b", R"({"a":{"b":1}})"), Strings{"1"});
  EXPECT_EQ(masked("$[*].b", R"({"b":1})"), Strings{"1"});
  EXPECT_EQ(masked("$.codes[*]", R"({"codes":"secret"})"), Strings{R"("secret")"});
  EXPECT_EQ(masked("$.codes[*]", R"({"codes":{"a":1,"b":2}})"), (Strings{"1", "2"}));
  EXPECT_EQ(masked("$[*]", R"("text")"), Strings{}) << "only $ selects a top-level scalar";
  EXPECT_EQ(masked("$.user.*.email", R"({"user":{"email":"e"}})"), Strings{})
      << "a wildcard after a dot means members";
  EXPECT_EQ(select("$.user[*].email", R"({"user":{"email":"e"}})"), Strings{})
      << "select keeps to the RFC";
}

}  // namespace
}  // namespace apitoolkit::jsonpath
