// Quantiles of a stream of numbers, mergeable, within 1 % of the true value.
//
// Up to 64 numbers are kept as they are. More are counted in buckets of a relative width of 1/64 of
// their power of two, as DDSketch does with its linearly interpolated mapping (Masson, Rim, Lee:
// "DDSketch", VLDB 2019): a number's bucket is the top 17 bits of its magnitude, so adding one
// costs a shift, and the middle of a bucket is at most 0.78 % off. No bucket is ever given up,
// whatever the range. The result depends on the numbers alone, not on their order or on how they
// were merged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::server::query {

class QuantileSketch {
 public:
  // `count` times the number, which may be infinite and must not be NaN.
  void add(double number, std::int64_t count = 1);
  void merge(const QuantileSketch& other);

  std::int64_t count() const { return count_; }
  double min() const { return min_; }  // of count() > 0, exact
  double max() const { return max_; }
  // The number of rank ceil(percentile / 100 * count()), from 0 (the smallest) to 100 (the
  // largest), both of which are exact. count() must not be 0.
  double percentile(double percentile) const;
  // How many numbers are at most `number`. One within 1 % of it may count or not.
  std::int64_t count_up_to(double number) const;

  // Beyond its own size.
  std::int64_t memory_bytes() const;

  // A few bytes for each number or bucket. Appends.
  void serialize(std::string& out) const;
  // kCorrupt if `bytes` are not exactly one sketch.
  static Result<QuantileSketch> parse(std::string_view bytes);

 private:
  // Counts of magnitudes, by pages of the 64 buckets of one power of two.
  class Buckets {
   public:
    void add(double magnitude, std::int64_t count) { add(bucket_of(magnitude), count); }
    void add(std::uint32_t bucket, std::int64_t count);
    void merge(const Buckets& other);
    std::int64_t memory_bytes() const;
    // Calls visit(bucket, count) for what is not 0, upwards.
    template <class Visit>
    void for_each(Visit visit) const;
    static std::uint32_t bucket_of(double magnitude);
    static double middle(std::uint32_t bucket);

   private:
    std::uint32_t first_exponent_ = 0;
    std::vector<std::uint16_t> pages_;  // by exponent: the page's number from 1, 0 if there is none
    std::vector<std::int64_t> counts_;  // 64 for each page
  };

  bool is_exact() const { return !exact_.empty() || count_ == 0; }
  void count_one(double number, std::int64_t count);
  void give_up_exactness();
  bool append_whole(std::string& out) const;

  std::int64_t count_ = 0;
  double min_ = 0;
  double max_ = 0;
  std::vector<double> exact_;
  std::int64_t zeros_ = 0;
  Buckets positive_;
  Buckets negative_;
};

}  // namespace apitoolkit::server::query
