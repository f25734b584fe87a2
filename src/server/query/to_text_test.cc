#include <gtest/gtest.h>

#include <random>

#include "src/server/query/parse.h"
#include "src/server/query/random_query.h"
#include "src/server/query/run_query.h"

namespace apitoolkit::server::query {
namespace {

TEST(ToText, ReadsBackAsTheSameQuery) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 5000; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    const std::string text = RandomQuery(seed).pipeline();
    const auto query = parse(text);
    ASSERT_TRUE(query) << describe(query.error(), text) << "\n" << point_at(query.error(), text);
    const std::string printed = to_text(*query);
    const auto again = parse(printed);
    ASSERT_TRUE(again) << printed << "\n" << describe(again.error(), printed);
    ASSERT_EQ(*again, *query) << text << "\n" << printed;
    ASSERT_EQ(to_text(*again), printed);
  }
}

// Cuts, doubles and swaps parts of queries: whatever comes of it is read or refused with a place.
TEST(ToText, EveryBrokenQueryHasAPlace) {
  const std::uint64_t first = first_seed();
  for (std::uint64_t seed = first; seed < first + 3000; ++seed) {
    SCOPED_TRACE("APITOOLKIT_TEST_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string text = RandomQuery(seed).pipeline();
    for (int i = 0; i < 3 && !text.empty(); ++i) {
      const std::size_t at = random() % text.size();
      const std::size_t size = random() % 8;
      const std::string piece = text.substr(at, size);
      random() % 2 == 0 ? text.erase(at, size) : text.insert(random() % text.size(), piece);
    }
    const auto query = parse(text);
    if (query) {
      const auto again = parse(to_text(*query));
      ASSERT_TRUE(again) << text << "\n" << to_text(*query);
      ASSERT_EQ(*again, *query) << text;
      continue;
    }
    ASSERT_LE(query.error().at, text.size());
    ASSERT_LE(query.error().at + query.error().width, text.size());
    ASSERT_FALSE(query.error().message.empty());
  }
}

}  // namespace
}  // namespace apitoolkit::server::query
