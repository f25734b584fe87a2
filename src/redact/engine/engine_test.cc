#include "src/redact/engine/engine.h"

#include <gtest/gtest.h>

#include "src/jsonpath/query.h"
#include "src/redact/engine/random_case.h"
#include "src/redact/engine/reference.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

std::vector<json::SimdLevel> levels() {
  using json::SimdLevel;
  std::vector<SimdLevel> found;
  for (const SimdLevel level : {SimdLevel::kPortable, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
    if (json::simd_level_supported(level)) found.push_back(level);
  }
  return found;
}

std::vector<jsonpath::Query> queries_of(const std::vector<std::string>& paths) {
  std::vector<jsonpath::Query> queries;
  for (const std::string& path : paths) {
    auto query = jsonpath::Query::parse(path);
    EXPECT_TRUE(query.has_value()) << path;
    if (query) queries.push_back(std::move(*query));
  }
  return queries;
}

std::string redact(const std::vector<std::string>& paths, std::string_view text) {
  const Engine engine(queries_of(paths));
  std::string first;
  for (const json::SimdLevel level : levels()) {
    Scratch scratch;
    scratch.level = level;
    std::string out;
    engine.redact(text, scratch, out);
    if (level == levels().front()) first = out;
    EXPECT_EQ(out, first) << to_string(level);
  }
  for (std::size_t at = 0; (at = first.find(kMarkerJson, at)) != std::string::npos;) {
    first.replace(at, kMarkerJson.size(), "#");
  }
  return first;
}

struct Case {
  std::vector<std::string> paths;
  const char* text;
  const char* expected;  // # stands for the marker
};

TEST(Engine, ReplacesWhatPathsSelectAndKeepsEveryOtherByte) {
  const Case cases[] = {
      {{"$.a"}, R"( {"a" : 1 , "b":2} )", R"( {"a" : # , "b":2} )"},
      {{"$.a"}, R"({"a":{"b":[1,2]} ,"c":3})", R"({"a":# ,"c":3})"},
      {{"$.a.b"}, R"({"a":{"b":1,"c":{"b":2}},"b":3})", R"({"a":{"b":#,"c":{"b":2}},"b":3})"},
      {{"$.a"}, R"({"a":1,"a":[2],"a":{}})", R"({"a":#,"a":#,"a":#})"},
      {{"$.password"},
       R"({"p\u0061ssword":"x","passwor":1})",
       R"({"p\u0061ssword":#,"passwor":1})"},
      {{"$['a\"b']"}, R"({"a\"b":1,"a\\b":2})", R"({"a\"b":#,"a\\b":2})"},
      // A name's own quote is not the one that closes it.
      {{"$.a", "$['a\":\"b'].x"}, R"({"a":"b","c":1})", R"({"a":#,"c":1})"},
      {{"$['a\":\"b']"}, R"({"a":"b","a\":\"b":1})", R"({"a":"b","a\":\"b":#})"},
      {{"$..['\"']"}, R"({"":{"\"":1},"\u0022":2})", R"({"":{"\"":#},"\u0022":#})"},
      {{"$[?@ > 5]"},
       "[1e9999999999999999999,1e-9999999999999999999]",
       "[#,1e-9999999999999999999]"},
      {{"$[*]"}, "[1,\"x\", [2] ,{}]", "[#,#, # ,#]"},
      {{"$[1]"}, "[1,[2,3],3]", "[1,#,3]"},
      {{"$[-1]"}, "[1,2,[3,4]]", "[1,2,#]"},
      {{"$[1:3]"}, "[0,1,2,3]", "[0,#,#,3]"},
      {{"$[::-2]"}, "[0,1,2,3]", "[0,#,2,#]"},
      {{"$..a"},
       R"({"a":1,"b":{"a":{"a":2}},"c":[{"a":3},[{"a":4}]]})",
       R"({"a":#,"b":{"a":#},"c":[{"a":#},[{"a":#}]]})"},
      {{"$..a.b"}, R"({"a":{"b":1,"a":{"b":2}},"b":3})", R"({"a":{"b":#,"a":{"b":#}},"b":3})"},
      {{"$..a..b"}, R"({"a":{"c":{"b":1}},"b":2})", R"({"a":{"c":{"b":#}},"b":2})"},
      {{"$..[0]"}, "[[1,2],{\"a\":[3]}]", "[#,{\"a\":[#]}]"},
      {{"$.a", "$.a.b", "$..c"}, R"({"a":{"b":1},"d":{"c":2}})", R"({"a":#,"d":{"c":#}})"},
      {{"$"}, " [1,2] \n", " # \n"},
      {{"$"}, "  12 ", "  # "},
      {{"$.a"}, "\"a\"", "\"a\""},
      {{"$[*].a"}, R"({"a":1,"b":{"a":2}})", R"({"a":#,"b":{"a":#}})"},
      {{"$.u[*].e"}, R"({"u":{"e":1,"f":2}})", R"({"u":{"e":#,"f":2}})"},
      {{"$.u[*]"}, R"({"u":"bob","v":"x"})", R"({"u":#,"v":"x"})"},
      {{"$[?@.t=='x'].y"},
       R"([{"t":"x","y":1},{"t":"z","y":2},{"t":"\u0078","y":3},4])",
       R"([{"t":"x","y":#},{"t":"z","y":2},{"t":"\u0078","y":#},4])"},
      {{"$..[?@.t=='x'].y"},
       R"({"a":{"t":"x","y":[1]},"b":[{"b":{"t":"x","y":2}}]})",
       R"({"a":{"t":"x","y":#},"b":[{"b":{"t":"x","y":#}}]})"},
      {{"$[?@.t=='x'].y"}, R"([{"t":"z","t":"w","y":1}])", R"([{"t":"z","t":"w","y":#}])"},
      {{"$[?@>=2]"}, "[1,2.0,20e-1,3,\"2\",null]", "[1,#,#,#,\"2\",null]"},
      {{"$[?@.a && !@.b]"}, R"([{"a":0},{"a":0,"b":0},{}])", R"([#,{"a":0,"b":0},{}])"},
      {{"$[?@.a[1].b=='x' || @=='y']"}, R"([{"a":[0,{"b":"x"}]},"y","z"])", R"([#,#,"z"])"},
      {{"$[?count(@.*)>1]", "$[0].a"}, R"([{"a":1},{"a":1,"b":2}])", R"([{"a":#},#])"},
      {{"$[?match(@.a, 'x.*')].b"},
       R"([{"a":"xyz","b":1},{"a":"ax","b":2}])",
       R"([{"a":"xyz","b":#},{"a":"ax","b":2}])"},
      {{"$[?@.1=='x'].y"},
       R"([{"1":"x","y":1},{"1":"z","y":2},[0,"x"],{"1":1,"1":2,"y":3}])",
       R"([{"1":"x","y":#},{"1":"z","y":2},[0,"x"],{"1":1,"1":2,"y":#}])"},
      {{"$[?@.1=='x']"}, R"([{"1":"x"},[0,"x"],["x","z"],"x"])", R"([#,#,["x","z"],"x"])"},
      // Who takes the second "a" for the value finds no list below it.
      {{"$[?!@..[0]]"}, R"([{"a":[1],"a":2}, {"a":[1]}])", R"([#, {"a":[1]}])"},
      {{"$[?count(@..[0])==1].b"},
       R"([{"a":{"a":[1],"a":[2]},"b":3}, {"b":4}])",
       R"([{"a":{"a":[1],"a":[2]},"b":#}, {"b":4}])"},
      {{"$.l[\\age,/name]"}, R"({"l":[{"age":2},{"age":1}],"m":0})", R"({"l":#,"m":0})"},
      {{"$.l[\\age][*].age"},
       R"({"l":[{"age":2,"x":3},{"age":1}]})",
       R"({"l":[{"age":#,"x":3},{"age":#}]})"},
      {{"$.l.`sorted`..age"},
       R"({"l":[{"age":2,"x":3},{"age":1}]})",
       R"({"l":[{"age":#,"x":3},{"age":#}]})"},
      {{"$.a"}, "{\"a\":1", "#"},
      {{"$.a"}, "{\"a\":\"\xff\"}", "#"},
      {{"$.a"}, "", "#"},
  };
  for (const Case& c : cases) EXPECT_EQ(redact(c.paths, c.text), c.expected) << c.text;
}

TEST(Engine, ExplainsThePlanOfEachPath) {
  const Engine engine(queries_of({"$.a.b", "$..x[0,1:3]", "$[?@.a==1].b", "$[?count(@.*)>1]",
                                  "$[?@.a==@.b]", "$[?@.a==$.b]"}));
  EXPECT_EQ(engine.explain(),
            "$.a.b: walk 1 (names only)\n"
            "$..x[0,1:3]: walk 1 (any depth, positions in lists)\n"
            "$[?@.a==1].b: walk 1 (filters)\n"
            "$[?count(@.*)>1]: evaluator, since its filter compares something other than a path "
            "with a literal\n"
            "$[?@.a==@.b]: evaluator, since its filter compares something other than a path with a "
            "literal\n"
            "$[?@.a==$.b]: evaluator, since its filter compares something other than a path with a "
            "literal\n");
}

TEST(Engine, WalksWithAnyNumberOfIndicesInOneBracket) {
  const std::string indices = "$[0,2,2,4,-1,6,8,10,12,-3]";
  const std::string names = "$.a[0,1,2,3,4,5,6,7].b";
  EXPECT_EQ(
      Engine(queries_of({indices, names})).explain(),
      indices + ": walk 1 (positions in lists)\n" + names + ": walk 1 (positions in lists)\n");
  EXPECT_EQ(redact({indices}, "[0,1,2,3,4,5]"), "[#,1,#,#,#,#]");
  EXPECT_EQ(redact({indices}, "[0,1]"), "[#,#]");
  EXPECT_EQ(redact({indices}, "[]"), "[]");
  EXPECT_EQ(redact({names}, R"({"a":[{"b":0},{"c":1},2,[],{"b":4},0,0,{"b":7},{"b":8}]})"),
            R"({"a":[{"b":#},{"c":1},2,[],{"b":#},0,0,{"b":#},{"b":8}]})");
}

TEST(Engine, WalksWithThousandsOfNamesInOneBracket) {
  std::string path = "$.list[*]['first'";
  for (int i = 0; i < 7'000; ++i) path += ",'n" + std::to_string(i) + "'";
  path += "]";
  const Engine engine(queries_of({path}));
  EXPECT_EQ(engine.explain(), path + ": walk 1 (wildcards)\n");
  EXPECT_EQ(redact({path}, R"({"list":[{"n6999":1,"n7000":2,"first":{"n1":3},"n\u0031":4}]})"),
            R"({"list":[{"n6999":#,"n7000":2,"first":#,"n\u0031":#}]})");
}

TEST(Engine, GivesAReasonForWhatItCannotRead) {
  const Engine engine(queries_of({"$.a"}));
  Scratch scratch;
  std::string out;
  EXPECT_EQ(engine.redact("[1", scratch, out), Reason::kInvalidJson);
  EXPECT_EQ(out, kMarkerJson);
  EXPECT_EQ(engine.redact("\"\xc3\"", scratch, out), Reason::kInvalidUtf8);
  EXPECT_EQ(engine.redact(std::string(5000, '['), scratch, out), Reason::kTooDeep);
  const Engine all(queries_of({"$[*]"}));
  std::string ones = "[1";
  for (int i = 0; i < 200'000; ++i) ones += ",1";
  EXPECT_EQ(all.redact(ones + "]", scratch, out), Reason::kOutputSize);
  EXPECT_EQ(out, kMarkerJson);
}

TEST(Engine, SplitsPathsWhoseStatesWouldMultiply) {
  std::vector<std::string> paths;
  std::string text = "{";
  std::string expected = "{";
  const auto with = [](std::string form, const std::string& n) {
    for (std::size_t at = 0; (at = form.find('%', at)) != std::string::npos;)
      form.replace(at, 1, n);
    return form;
  };
  for (int i = 0; i < 24; ++i) {
    const std::string n = std::to_string(i);
    paths.push_back(with("$..a%..b%", n));
    text += with(R"("a%":{"c":{"b%":1,"b":2}},)", n);
    expected += with(R"("a%":{"c":{"b%":#,"b":2}},)", n);
  }
  paths.emplace_back("$..a.*.*.*.*.*.*.*.*.*.*.*.*.*.z");
  EXPECT_EQ(redact(paths, text + "\"z\":0}"), expected + "\"z\":0}");
}

TEST(Engine, StopsFiltersThatWouldCostTooMuch) {
  // Each object asks its descendants along 1000 names; there are as many objects as bytes / 5.
  std::string filter = "$..[?@";
  for (int i = 0; i < 1000; ++i) filter += ".a";
  const Engine engine(queries_of({filter + "=='x']"}));
  std::string text = "[";
  for (int n = 0; n < 100; ++n) {
    for (int i = 0; i < 1000; ++i) text += "{\"a\":";
    text += "1" + std::string(1000, '}') + ",";
  }
  Scratch scratch;
  std::string out;
  EXPECT_EQ(engine.redact(text + "1]", scratch, out), Reason::kBudget);
  EXPECT_EQ(out, kMarkerJson);
}

TEST(Engine, AgreesWithTheReferenceOnRandomPathsAndTexts) {
  Random random(20240301);
  Scratch scratch;
  int changed = 0;
  int undecided = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::string> paths;
    for (std::uint32_t n = 1 + random.below(4); n > 0; --n) paths.push_back(random_path(random));
    const std::vector<jsonpath::Query> queries = queries_of(paths);
    const Engine engine(queries);
    for (int i = 0; i < 8; ++i) {
      const std::string text = random_text(random);
      const Agreement agreement = compare_with_reference(engine, queries, text, scratch);
      ASSERT_TRUE(agreement.complaint.empty()) << agreement.complaint << "\n"
                                               << ::testing::PrintToString(paths) << "\n"
                                               << text << "\n"
                                               << engine.explain();
      changed += agreement.spans > 0 ? 1 : 0;
      undecided += agreement.undecided ? 1 : 0;
    }
  }
  EXPECT_GT(changed, 5'000);
  EXPECT_LT(undecided, 24);  // one in a thousand
}

}  // namespace
}  // namespace apitoolkit::redact
