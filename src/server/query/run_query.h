// For tests: a query over exchanges in memory.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/query/execution.h"
#include "src/server/query/parse.h"
#include "src/server/query/test_exchanges.h"

namespace apitoolkit::server::query {

inline PlanOptions test_options() {
  PlanOptions options;
  options.now_ns = kTestNowNs;
  return options;
}

// Parses and runs; the answer, or the error as one sentence.
tl::expected<Answer, std::string> run_query(std::string_view text,
                                            const std::vector<TestExchange>& exchanges,
                                            const PlanOptions& options = test_options());

tl::expected<Answer, std::string> run_query(const Query& query,
                                            const std::vector<TestExchange>& exchanges,
                                            const PlanOptions& options = test_options());

// A line for the names, and one for each row; values as JSON (durations as the language writes
// them), separated by " | ".
std::string describe(const Answer& answer);

// Why the two differ, or empty. Doubles may differ in their last bits.
std::string difference(const Answer& a, const Answer& b);

// APITOOLKIT_TEST_SEED repeats a failed run.
std::uint64_t first_seed();

}  // namespace apitoolkit::server::query
