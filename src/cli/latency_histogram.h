// How often which latency occurred: exact below 64 µs, then within 1/32 of its value, up to 12
// days. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

namespace apitoolkit::cli {

class LatencyHistogram {
 public:
  LatencyHistogram();

  // `times`: of a batch, each of whose members took that long.
  void add(std::int64_t us, std::int64_t times = 1);

  std::int64_t count() const { return count_; }
  std::int64_t max_us() const { return max_us_; }  // exact
  // The least value that at least this part (0 to 1) does not exceed, rounded up to the end of its
  // bucket, never more than max_us(); 0 where there is none.
  std::int64_t percentile_us(double part) const;

  // By powers of two, from the first that is not empty to the last: how many took at most
  // `upto_us`, and more than half of it.
  struct Row {
    std::int64_t upto_us;
    std::int64_t count;
  };
  std::vector<Row> rows() const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  std::int64_t max_us_ = 0;
};

}  // namespace apitoolkit::cli
