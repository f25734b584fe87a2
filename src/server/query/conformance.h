// For tests: the suite in tests/queries, whose README.md describes the files, over any store.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/query/run_query.h"

namespace apitoolkit::server::query {

// Answers a query that parses over those exchanges, at kTestNowNs; or says why not.
using Answerer = std::function<tl::expected<Answer, std::string>(
    const Query& query, const std::vector<TestExchange>& exchanges)>;

struct ConformanceCase {
  std::string place;  // "null.test:12"
  std::string data_set;
  std::string query;
  std::string expected;  // as describe_outcome says it
};

// Every case of every file in the folder, in the order of names and lines.
std::vector<ConformanceCase> read_conformance_suite(const std::string& folder);

// The answer as `expected` has it: its table, or "error: " and, of a text that does not parse, the
// sentence, the line and its carets.
std::string outcome_of(const ConformanceCase& one, const Answerer& answer);

}  // namespace apitoolkit::server::query
