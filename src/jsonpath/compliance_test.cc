// The JSONPath Compliance Test Suite, which lies outside the repository: in $APITOOLKIT_SHARED, or
// else beside the source tree. Where it is missing the test is skipped, but fails if CI=true.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "src/json/document.h"
#include "src/jsonpath/compliance_suite.h"
#include "src/jsonpath/query.h"

namespace apitoolkit::jsonpath {
namespace {

// A value with insignificant blanks removed, escapes resolved and members in order of appearance.
void append_canonical(const json::Document& document, std::uint32_t node, std::string& out) {
  const json::Type type = document[node].type;
  if (type == json::Type::kString) {
    out += '"' + document.text(node) + '"';
  } else if (type == json::Type::kArray || type == json::Type::kObject) {
    out += type == json::Type::kArray ? '[' : '{';
    for (std::uint32_t i = node + 1; i < document[node].next; i = document[i].next) {
      append_canonical(document, i, out);
      out += ',';
    }
    out += ']';
  } else {
    out += document.raw(node);
  }
}

std::string canonical(const json::Document& document, std::uint32_t node) {
  std::string out;
  append_canonical(document, node, out);
  return out;
}

// The elements of array `node`.
std::vector<std::uint32_t> elements(const json::Document& document, std::uint32_t node) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = node + 1; i < document[node].next; i = document[i].next) out.push_back(i);
  return out;
}

struct Outcome {
  std::vector<std::string> values;
  std::vector<std::string> paths;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome expected_outcome(const json::Document& suite, std::uint32_t values, std::uint32_t paths) {
  Outcome outcome;
  for (const std::uint32_t i : elements(suite, values))
    outcome.values.push_back(canonical(suite, i));
  for (const std::uint32_t i : elements(suite, paths)) outcome.paths.push_back(suite.text(i));
  return outcome;
}

// One result, or several where the order of an object's members is not determined.
std::vector<Outcome> expected_outcomes(const json::Document& suite, std::uint32_t test) {
  std::vector<Outcome> outcomes;
  if (const auto result = suite.member(test, "result")) {
    outcomes.push_back(
        expected_outcome(suite, *result, suite.member(test, "result_paths").value()));
    return outcomes;
  }
  const auto values = elements(suite, suite.member(test, "results").value());
  const auto paths = elements(suite, suite.member(test, "results_paths").value());
  for (std::size_t i = 0; i < values.size(); ++i) {
    outcomes.push_back(expected_outcome(suite, values[i], paths[i]));
  }
  return outcomes;
}

Outcome select(const Query& query, std::string_view text) {
  Outcome outcome;
  const auto document = json::Document::parse(text);
  EXPECT_TRUE(document.has_value()) << text;
  const auto matches = query.select(*document);
  EXPECT_TRUE(matches.has_value()) << query.text();
  for (const Match& match : *matches) {
    outcome.values.push_back(canonical(*document, match.node));
    outcome.paths.push_back(match.path);
  }
  return outcome;
}

TEST(Compliance, PassesTheWholeSuite) {
  const std::string text = read_compliance_suite();
  if (text.empty()) {
    if (must_have_compliance_suite()) FAIL() << "In CI it must not be missing.";
    GTEST_SKIP();
  }
  const auto suite = json::Document::parse(text);
  ASSERT_TRUE(suite.has_value()) << suite.error().message;
  int passed = 0;
  int total = 0;
  for (const std::uint32_t test : elements(*suite, suite->member(0, "tests").value())) {
    ++total;
    const std::string name = suite->text(suite->member(test, "name").value());
    const std::string selector = suite->text(suite->member(test, "selector").value());
    SCOPED_TRACE(name + ": " + selector);
    const auto strict = Query::parse(selector, Dialect::kStrict);
    if (suite->member(test, "invalid_selector")) {
      EXPECT_FALSE(strict.has_value());
      passed += strict.has_value() ? 0 : 1;
      continue;
    }
    ASSERT_TRUE(strict.has_value()) << strict.error().describe(selector);
    const std::string_view document = suite->raw(suite->member(test, "document").value());
    const Outcome outcome = select(*strict, document);
    const std::vector<Outcome> allowed = expected_outcomes(*suite, test);
    const bool right = std::find(allowed.begin(), allowed.end(), outcome) != allowed.end();
    EXPECT_TRUE(right) << ::testing::PrintToString(outcome.paths);
    const auto compatible = Query::parse(selector, Dialect::kCompatible);
    ASSERT_TRUE(compatible.has_value());
    EXPECT_TRUE(select(*compatible, document) == outcome);
    passed += right ? 1 : 0;
  }
  std::cout << passed << " of " << total << " compliance tests passed\n";
  EXPECT_EQ(passed, total);
  EXPECT_GE(total, 703);
}

}  // namespace
}  // namespace apitoolkit::jsonpath
