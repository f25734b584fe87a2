// Buckets as HdrHistogram has them: 64 of width 1, then 32 for each further power of two.
#include "src/cli/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace apitoolkit::cli {
namespace {

constexpr int kSubBits = 5;
constexpr std::int64_t kSub = 1 << kSubBits;
constexpr int kPowersMax = 40;
constexpr std::size_t kBuckets = static_cast<std::size_t>(kSub) * (kPowersMax - kSubBits + 1);

std::size_t bucket_of(std::int64_t us) {
  const auto value = static_cast<std::uint64_t>(us);
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kSubBits - 1);
  return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(value >> shift);
}

// The largest value that is in it.
std::int64_t end_of(std::size_t bucket) {
  const std::int64_t index = static_cast<std::int64_t>(bucket);
  const std::int64_t shift = std::max<std::int64_t>(0, (index >> kSubBits) - 1);
  return ((index - (shift << kSubBits) + 1) << shift) - 1;
}

}  // namespace

LatencyHistogram::LatencyHistogram() : buckets_(kBuckets) {}

void LatencyHistogram::add(std::int64_t us, std::int64_t times) {
  us = std::max<std::int64_t>(us, 0);
  buckets_[std::min(bucket_of(us), kBuckets - 1)] += times;
  count_ += times;
  max_us_ = std::max(max_us_, us);
}

std::int64_t LatencyHistogram::percentile_us(double part) const {
  const auto wanted = static_cast<std::int64_t>(std::ceil(part * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (buckets_[i] > 0 && seen >= wanted) return std::min(end_of(i), max_us_);
  }
  return max_us_;
}

std::vector<LatencyHistogram::Row> LatencyHistogram::rows() const {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (rows.empty() && buckets_[i] == 0) continue;
    const auto upto_us =
        static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(end_of(i))));
    if (rows.empty() || rows.back().upto_us < upto_us) rows.push_back({upto_us, 0});
    rows.back().count += buckets_[i];
  }
  while (!rows.empty() && rows.back().count == 0) rows.pop_back();
  return rows;
}

}  // namespace apitoolkit::cli
