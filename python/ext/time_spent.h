// How long recording keeps the request's threads: mean and 99th percentile.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace apitoolkit::python {

// One count a request, in buckets an eighth of a power of two wide: the percentile is right to 12
// %. Used with the GIL held.
class TimeSpent {
 public:
  void add(std::int64_t ns) {
    if (ns < 0) ns = 0;
    ++count_;
    sum_ns_ += ns;
    ++buckets_[bucket_of(static_cast<std::uint64_t>(ns))];
  }

  // In microseconds; 0 before the first.
  double mean_us() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_ns_) / static_cast<double>(count_) / 1e3;
  }
  double p99_us() const {
    std::int64_t above = count_ / 100;
    for (std::size_t i = buckets_.size(); i-- > 0;) {
      above -= buckets_[i];
      if (above < 0) return static_cast<double>(end_of(i)) / 1e3;
    }
    return 0;
  }

 private:
  static constexpr int kFractionBits = 3;
  static constexpr std::size_t kBuckets = (64 - kFractionBits + 1) << kFractionBits;

  static std::size_t bucket_of(std::uint64_t ns) {
    const int shift = std::bit_width(ns) - 1 - kFractionBits;
    if (shift <= 0) return static_cast<std::size_t>(ns);  // each value has its own
    return (static_cast<std::size_t>(shift) << kFractionBits) +
           static_cast<std::size_t>(ns >> shift);
  }
  static std::uint64_t end_of(std::size_t bucket) {
    constexpr std::size_t kExact = std::size_t{2} << kFractionBits;
    if (bucket < kExact) return bucket;
    const std::size_t shift = (bucket >> kFractionBits) - 1;
    return ((bucket - (shift << kFractionBits) + 1) << shift) - 1;
  }

  std::int64_t count_ = 0;
  std::int64_t sum_ns_ = 0;
  std::array<std::int64_t, kBuckets> buckets_{};
};

}  // namespace apitoolkit::python
