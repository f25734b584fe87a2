#include "src/server/query/conformance.h"

#include <gtest/gtest.h>

namespace apitoolkit::server::query {
namespace {

TEST(Conformance, HoldsInMemory) {
  const auto suite = read_conformance_suite(APITOOLKIT_SOURCE_DIR "/tests/queries");
  EXPECT_GE(suite.size(), 250U);
  const Answerer in_memory = [](const Query& query, const std::vector<TestExchange>& exchanges) {
    return run_query(query, exchanges);
  };
  for (const ConformanceCase& one : suite) {
    EXPECT_EQ(outcome_of(one, in_memory), one.expected) << one.place << "\n" << one.query;
  }
}

// Each of them, printed and read again, is the same query.
TEST(Conformance, IsPrintedAndReadAgain) {
  for (const ConformanceCase& one :
       read_conformance_suite(APITOOLKIT_SOURCE_DIR "/tests/queries")) {
    const auto query = parse(one.query);
    if (!query) continue;
    const auto again = parse(to_text(*query));
    ASSERT_TRUE(again) << one.place << "\n" << to_text(*query);
    EXPECT_EQ(*again, *query) << one.place;
  }
}

}  // namespace
}  // namespace apitoolkit::server::query
