#include "src/redact/engine/engine.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "src/jsonpath/budget.h"
#include "src/jsonpath/query.h"
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
      {{"$.password"}, R"({"p\u0061ssword":"x","passwor":1})", R"({"p\u0061ssword":#,"passwor":1})"},
      {{"$['a\"b']"}, R"({"a\"b":1,"a\\b":2})", R"({"a\"b":#,"a\\b":2})"},
      {{"$[*]"}, "[1,\"x\", [2] ,{}]", "[#,#, # ,#]"},
      {{"$[1]"}, "[1,[2,3],3]", "[1,#,3]"},
      {{"$[-1]"}, "[1,2,[3,4]]", "[1,2,#]"},
      {{"$[1:3]"}, "[0,1,2,3]", "[0,#,#,3]"},
      {{"$[::-2]"}, "[0,1,2,3]", "[0,#,2,#]"},
      {{"$..a"}, R"({"a":1,"b":{"a":{"a":2}},"c":[{"a":3},[{"a":4}]]})",
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
      {{"$[?@.t=='x'].y"}, R"([{"t":"x","y":1},{"t":"z","y":2},{"t":"\u0078","y":3},4])",
       R"([{"t":"x","y":#},{"t":"z","y":2},{"t":"\u0078","y":#},4])"},
      {{"$..[?@.t=='x'].y"}, R"({"a":{"t":"x","y":[1]},"b":[{"b":{"t":"x","y":2}}]})",
       R"({"a":{"t":"x","y":#},"b":[{"b":{"t":"x","y":#}}]})"},
      {{"$[?@.t=='x'].y"}, R"([{"t":"z","t":"w","y":1}])", R"([{"t":"z","t":"w","y":#}])"},
      {{"$[?@>=2]"}, "[1,2.0,20e-1,3,\"2\",null]", "[1,#,#,#,\"2\",null]"},
      {{"$[?@.a && !@.b]"}, R"([{"a":0},{"a":0,"b":0},{}])", R"([#,{"a":0,"b":0},{}])"},
      {{"$[?@.a[1].b=='x' || @=='y']"}, R"([{"a":[0,{"b":"x"}]},"y","z"])", R"([#,#,"z"])"},
      {{"$[?count(@.*)>1]", "$[0].a"}, R"([{"a":1},{"a":1,"b":2}])", R"([{"a":#},#])"},
      {{"$[?match(@.a, 'x.*')].b"}, R"([{"a":"xyz","b":1},{"a":"ax","b":2}])",
       R"([{"a":"xyz","b":#},{"a":"ax","b":2}])"},
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
  for (int i = 0; i < 24; ++i) {
    const std::string n = std::to_string(i);
    paths.push_back("$..a" + n + "..b" + n);
  }
  paths.emplace_back("$..a.*.*.*.*.*.*.*.*.*.*.*.*.*.z");
  std::string text = "{";
  std::string expected = "{";
  for (int i = 0; i < 24; ++i) {
    const std::string n = std::to_string(i);
    text += "\"a" + n + "\":{\"c\":{\"b" + n + "\":1,\"b\":2}},";
    expected += "\"a" + n + "\":{\"c\":{\"b" + n + "\":#,\"b\":2}},";
  }
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

// --- Against the evaluator of src/jsonpath ---

std::string reference(const std::vector<jsonpath::Query>& queries, std::string_view text) {
  json::Document document;
  if (!document.reparse(text)) return std::string(kMarkerJson);
  std::vector<Span> spans;
  for (const jsonpath::Query& query : queries) {
    jsonpath::Budget budget(text.size());
    jsonpath::NodeList nodes;
    EXPECT_TRUE(jsonpath::select_redacted(query.ast(), document, budget, nodes));
    for (const std::uint32_t n : nodes) spans.push_back({document[n].begin, document[n].end});
  }
  keep_outermost(spans);
  return splice(text, spans).value_or(std::string(kMarkerJson));
}

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t bound) { return random_() % bound; }

  std::string path() {
    std::string out = "$";
    for (std::uint32_t n = below(5); n > 0; --n) segment(out, 0);
    return out;
  }

  std::string text() {
    std::string out;
    value(out, 0);
    if (below(12) == 0) out.insert(below(static_cast<std::uint32_t>(out.size() + 1)), 1, "{\"\\,x"[below(5)]);
    return out;
  }

 private:
  std::string name() {
    static const char* const kNames[] = {"a", "b", "c", "x", "long_name", "long_nam2", "another_long_name", ""};
    return kNames[below(below(3) == 0 ? 8 : 4)];
  }

  void selector(std::string& out, int depth) {
    switch (below(7)) {
      case 0:
      case 1:
        out += "'" + name() + "'";
        break;
      case 2:
        out += '*';
        break;
      case 3:
        out += std::to_string(static_cast<int>(below(5)) - 2);
        break;
      case 4: {
        if (below(2) == 0) out += std::to_string(static_cast<int>(below(7)) - 3);
        out += ':';
        if (below(2) == 0) out += std::to_string(static_cast<int>(below(7)) - 3);
        if (below(2) == 0) out += ':' + std::to_string(static_cast<int>(below(7)) - 3);
        break;
      }
      default:
        out += '?';
        filter(out, depth);
        break;
    }
  }

  void filter(std::string& out, int depth) {
    static const char* const kLiterals[] = {"1", "'a'", "'x'", "true", "null", "2.50", "''", "false"};
    static const char* const kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
    if (depth < 3 && below(4) == 0) {
      out += below(2) == 0 ? "!(" : "(";
      filter(out, depth + 1);
      out += below(2) == 0 ? "&&" : "||";
      filter(out, depth + 1);
      out += ')';
      return;
    }
    std::string query = "@";
    for (std::uint32_t n = below(3); n > 0; --n) {
      query += below(4) == 0 ? "[" + std::to_string(below(3)) + "]" : "['" + name() + "']";
    }
    switch (below(6)) {
      case 0:
        out += query;
        break;
      case 1:
        out += kLiterals[below(8)] + std::string(kOperators[below(6)]) + query;
        break;
      case 2:
        out += depth < 3 && below(2) == 0 ? "count(@.*)>1" : "match(" + query + ",'[ax]*')";
        break;
      case 3:
        if (depth < 3) {
          out += "@";
          segment(out, depth + 2);
          break;
        }
        [[fallthrough]];
      default:
        out += query + kOperators[below(6)] + kLiterals[below(8)];
        break;
    }
  }

  void segment(std::string& out, int depth) {
    if (below(4) == 0) out += "..";
    out += '[';
    selector(out, depth);
    while (below(4) == 0) {
      out += ',';
      selector(out, depth);
    }
    out += ']';
  }

  void blanks(std::string& out) {
    if (below(8) == 0) out.append(below(5) == 0 ? below(70) : below(3), " \n\t\r"[below(4)]);
  }

  void string(std::string& out, const std::string& text) {
    out += '"';
    for (const char c : text) {
      if (below(12) == 0) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
        out += escape;
      } else {
        out += c;
      }
    }
    if (below(20) == 0) out += "\\ud800";
    out += '"';
  }

  void value(std::string& out, int depth) {
    static const char* const kScalars[] = {"1", "2.5", "true", "null", "false", "1.0", "-3", "1e0"};
    blanks(out);
    const std::uint32_t kind = below(depth == 0 ? 24 : depth > 5 ? 2 : 6);
    if (kind == 0) {
      string(out, name());
    } else if (kind == 1) {
      out += kScalars[below(8)];
    } else {
      const bool object = kind % 2 == 0;
      out += object ? '{' : '[';
      blanks(out);
      for (std::uint32_t i = 0, n = below(6); i < n; ++i) {
        if (i > 0) out += ',';
        if (object) {
          blanks(out);
          string(out, name());
          blanks(out);
          out += ':';
        }
        value(out, depth + 1);
      }
      out += object ? '}' : ']';
    }
    blanks(out);
  }

  std::mt19937 random_;
};

TEST(Engine, AgreesWithTheEvaluatorOnRandomPathsAndTexts) {
  Generator generator(20240301);
  Scratch scratch;
  int changed = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::string> paths;
    for (std::uint32_t n = 1 + generator.below(4); n > 0; --n) paths.push_back(generator.path());
    const std::vector<jsonpath::Query> queries = queries_of(paths);
    const Engine engine(queries);
    for (int i = 0; i < 8; ++i) {
      const std::string text = generator.text();
      const std::string expected = reference(queries, text);
      changed += expected == text ? 0 : 1;
      for (const json::SimdLevel level : levels()) {
        scratch.level = level;
        std::string out;
        engine.redact(text, scratch, out);
        ASSERT_EQ(out, expected) << ::testing::PrintToString(paths) << "\n" << text << "\n"
                                 << engine.explain() << to_string(level);
      }
    }
  }
  EXPECT_GT(changed, 5'000);
}

}  // namespace
}  // namespace apitoolkit::redact
