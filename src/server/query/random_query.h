// For tests: queries at random, over the values that random_exchange.h draws, so that conditions
// hold for some and not for others. Every text parses.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace apitoolkit::server::query {

class RandomQuery {
 public:
  explicit RandomQuery(std::uint64_t seed) : random_(seed) {}

  // One condition, for `where`.
  std::string condition() { return condition(3); }
  // A whole pipeline.
  std::string pipeline();

 private:
  std::string condition(int depth);
  std::string term(int depth);
  std::string value(int depth);
  std::string function(int depth);
  std::string literal();
  std::string text();
  std::string regex();
  std::string list();
  std::string field();
  std::string exchange_field();
  std::string number_field();
  std::string aggregate();
  std::string group();
  std::string summarize();
  std::string sort();
  std::string blank();

  std::int64_t below(std::int64_t bound);
  bool one_in(std::int64_t n) { return below(n) == 0; }
  std::string_view pick(std::initializer_list<std::string_view> from);

  std::mt19937_64 random_;
  bool only_columns_ = false;  // n, k and v are what can be named, the exchange's fields no more
};

}  // namespace apitoolkit::server::query
