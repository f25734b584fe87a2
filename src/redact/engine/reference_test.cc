// The reference itself: what it is compared with here shares nothing with it either.
#include "src/redact/engine/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/jsonpath/compliance_suite.h"
#include "src/redact/engine/reference_number.h"
#include "src/redact/engine/reference_regexp.h"

namespace apitoolkit::redact::reference {
namespace {

const Value* member(const Value& object, std::string_view name) {
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    if (object.names[i] == name) return &object.children[i];
  }
  return nullptr;
}

std::string path_of(const Value& from, const Value& to) {
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    const Value& child = from.children[i];
    if (to.begin < child.begin || to.end > child.end) continue;
    std::string step = std::to_string(i);
    if (from.type == json::Type::kObject) {
      step = "'";
      for (const char c : from.names[i]) {
        const std::string_view controls = "\b\f\n\r\t";
        if (c == '\'' || c == '\\') step += '\\';
        const std::size_t control = controls.find(c);
        if (control != std::string_view::npos) {
          step += '\\';
          step += "bfnrt"[control];
        } else {
          step += c;
        }
      }
      step += '\'';
    }
    return "[" + step + "]" + (&child == &to ? "" : path_of(child, to));
  }
  return "";
}

TEST(Reference, SelectsWhatTheComplianceSuiteSays) {
  const std::string text = jsonpath::read_compliance_suite();
  if (text.empty()) {
    if (jsonpath::must_have_compliance_suite()) FAIL() << "In CI it must not be missing.";
    GTEST_SKIP();
  }
  Value suite;
  ASSERT_EQ(read(text, suite), Fault::kNone);
  int checked = 0;
  for (const Value& test : member(suite, "tests")->children) {
    if (member(test, "invalid_selector") != nullptr) continue;
    const std::string& selector = member(test, "selector")->text;
    const auto query = jsonpath::Query::parse(selector, jsonpath::Dialect::kStrict);
    ASSERT_TRUE(query.has_value()) << selector;
    const Value& document = *member(test, "document");
    Steps steps(1'000'000);
    std::vector<std::string> paths;
    for (const Value* found : select(query->ast(), document, Reading::kRfc, steps)) {
      paths.push_back("$" + (found == &document ? "" : path_of(document, *found)));
    }
    std::vector<std::vector<std::string>> allowed;
    const auto allow = [&](const Value& list) {
      std::vector<std::string>& one = allowed.emplace_back();
      for (const Value& path : list.children) one.push_back(path.text);
    };
    if (const Value* const only = member(test, "result_paths")) {
      allow(*only);
    } else {
      for (const Value& list : member(test, "results_paths")->children) allow(list);
    }
    EXPECT_NE(std::find(allowed.begin(), allowed.end(), paths), allowed.end())
        << selector << ": " << ::testing::PrintToString(paths);
    ++checked;
  }
  EXPECT_GE(checked, 456);
}

TEST(Reference, ReadsExactlyJson) {
  const std::pair<std::string, Fault> cases[] = {
      {"1", Fault::kNone},
      {" \t\r\n{\"a\":[-0.0e-0,true,false,null,\"\"]} ", Fault::kNone},
      {"\xef\xbb\xbf{}", Fault::kNone},
      {"\"\\u00e9\\ud83d\\ude00\\ud83d\\\"\\\\\\/\\b\\f\\n\\r\\t\"", Fault::kNone},
      {"", Fault::kSyntax},
      {"1 2", Fault::kSyntax},
      {"[1,]", Fault::kSyntax},
      {"{\"a\":1,}", Fault::kSyntax},
      {"{a:1}", Fault::kSyntax},
      {"01", Fault::kSyntax},
      {"1.", Fault::kSyntax},
      {"1e", Fault::kSyntax},
      {"+1", Fault::kSyntax},
      {"-", Fault::kSyntax},
      {"NaN", Fault::kSyntax},
      {"nul", Fault::kSyntax},
      {"\"\n\"", Fault::kSyntax},
      {"\"\\x\"", Fault::kSyntax},
      {"\"\\u12g4\"", Fault::kSyntax},
      {"\"\\\"", Fault::kSyntax},
      {std::string("1\0", 2), Fault::kSyntax},
      {"[\"\xc3\"]", Fault::kUtf8},
      {"[\"\xc0\x80\"]", Fault::kUtf8},
      {"[\"\xed\xa0\x80\"]", Fault::kUtf8},
      {"[\"\xf4\x90\x80\x80\"]", Fault::kUtf8},
      {"]\xff", Fault::kUtf8},
      {std::string(1024, '[') + std::string(1024, ']'), Fault::kNone},
      {std::string(1025, '[') + std::string(1025, ']'), Fault::kTooDeep},
  };
  for (const auto& [text, fault] : cases) {
    Value root;
    EXPECT_EQ(read(text, root), fault) << text;
  }
  Value root;
  ASSERT_EQ(read("\"\\ud83d\\ude00\\ud83dx\\ude00\\ud83d\\ud83d\\ude00\"", root), Fault::kNone);
  EXPECT_EQ(root.text, "\U0001F600\uFFFDx\uFFFD\uFFFD\U0001F600");
}

TEST(Reference, ComparesNumbersAsMathematicsDoes) {
  // In ascending order; what stands in one row is equal.
  const std::vector<std::vector<const char*>> rows = {
      {"-1e9999999999999999999"},
      {"-12345678901234567891", "-1.2345678901234567891e19"},
      {"-1", "-1.0", "-10e-1"},
      {"-1e-9999999999999999999"},
      {"0", "-0", "0.000", "0e99999999999999999999", "-0e-1"},
      {"1e-9999999999999999999", "10e-10000000000000000000"},
      {"0.1", "1e-1", "0.01e1"},
      {"1", "1.0", "1e0", "10e-1", "0.001e+3", "1e-0000000000000000000000"},
      {"1.00000000000000000000001"},
      {"10", "1e1", "0.1e2"},
      {"9007199254740992"},
      {"9007199254740993"},
      {"1e1000000000000000000", "10e999999999999999999"},
      {"1e1000000000000000001", "0.01e1000000000000000003"},
      {"1e9999999999999999999"},
      {"2e9999999999999999999"},
      {"1e10000000000000000000", "10e9999999999999999999"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < rows.size(); ++j) {
      for (const char* a : rows[i]) {
        for (const char* b : rows[j]) {
          EXPECT_EQ(compare_numbers(a, b), i < j ? -1 : i > j ? 1 : 0) << a << " and " << b;
        }
      }
    }
  }
}

TEST(Reference, MatchesIRegexps) {
  struct Case {
    const char* pattern;
    const char* text;
    bool match;
    bool search;
  };
  const Case cases[] = {
      {"a|b", "b", true, true},
      {"ab*c", "xabbbcx", false, true},
      {"(a|ab)(c|bcd)*", "abcd", true, true},
      {"a{2,3}", "aaaa", false, true},
      {"a{2}", "a", false, false},
      {"a{0}", "", true, true},
      {"(a*)*b", "aaaab", true, true},
      {".", "\n", false, false},
      {"[^a]", "\n", true, true},
      {"[a-c-]+", "a-c", true, true},
      {"[\\^x]", "^", true, true},
      {"\\p{Lu}\\P{Lu}", "Éé", true, true},
      {"[\\p{Nd}x]+", "x٣", true, true},
      {"^b", "ab", false, false},
      {"b$", "ab", false, true},
      {"\\.", "a", false, false},
      {"\\d", "1", false, false},
      {"a**", "a", false, false},
      {"(?:a)", "a", false, false},
      {"[z-a]", "b", false, false},
      {"[]", "", false, false},
      {"a)", "a", false, false},
      {"(a", "a", false, false},
      {"a{2,1}", "aa", false, false},
      {"\\p{Cs}", "a", false, false},
      {"", "", true, true},
  };
  for (const Case& c : cases) {
    Steps steps(100'000);
    EXPECT_EQ(matches_iregexp(c.pattern, c.text, true, steps), c.match) << c.pattern;
    EXPECT_EQ(matches_iregexp(c.pattern, c.text, false, steps), c.search) << c.pattern;
    EXPECT_FALSE(steps.exhausted()) << c.pattern;
  }
}

}  // namespace
}  // namespace apitoolkit::redact::reference
