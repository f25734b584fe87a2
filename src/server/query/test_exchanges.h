// For tests: exchanges to query. A fixed set that the conformance suite speaks of, and random ones
// over the values that RandomQuery draws.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "src/server/query/source.h"

namespace apitoolkit::server::query {

// An exchange as it is stored, with what it owns.
struct TestExchange {
  Exchange exchange;
  Uuid identity{};
  std::int64_t received_ns = 0;
  bool timestamp_corrected = false;

  StoredExchange view() const { return {&exchange, identity, received_ns, timestamp_corrected}; }
};

// "now" of every query in the suite: 2026-01-02T01:00:00Z.
inline constexpr std::int64_t kTestNowNs = 1'767'315'600'000'000'000;

// The data sets of tests/queries, by name: "shop" (a dozen exchanges that are described in
// tests/queries/README.md), "hours" (one every 30 minutes of a week), "empty". Oldest first.
std::vector<TestExchange> test_data_set(std::string_view name);

class RandomExchanges {
 public:
  explicit RandomExchanges(std::uint64_t seed) : random_(seed) {}
  // Of the two hours before kTestNowNs; no two are equal in time and id.
  TestExchange next();

 private:
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  std::string pick(std::initializer_list<std::string_view> from);
  std::string body();
  void fill_optional(Exchange& exchange);

  std::mt19937_64 random_;
  std::uint64_t count_ = 0;
};

}  // namespace apitoolkit::server::query
