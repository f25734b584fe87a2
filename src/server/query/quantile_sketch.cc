// Serialised: a byte of format (1 exact, 2 buckets, 3 whole). Exact: the numbers, 8 bytes each,
// little-endian. Whole: exact, where all are integers from 0 to 2^53: ascending, each as its
// distance from the one before. Buckets: min, max (8 bytes each), zeros, then for negative and
// positive the number of used buckets and of each the distance from the one before and its count.
// All but the doubles are LEB128 varints.
#include "src/server/query/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>

namespace apitoolkit::server::query {
namespace {

constexpr std::size_t kExactMax = 64;
constexpr int kMantissaBits = 52;
constexpr int kSubBits = 6;  // 64 buckets a power of two
constexpr std::uint32_t kSubBuckets = 1U << kSubBits;
constexpr std::uint32_t kBucketsEnd = 2048U << kSubBits;
constexpr double kSmallest = std::numeric_limits<double>::min();  // below it counts as 0
constexpr char kFormatExact = 1;
constexpr char kFormatBuckets = 2;
constexpr char kFormatWhole = 3;
constexpr double kWholeMax =
    9'007'199'254'740'992.0;  // 2^53: up to here doubles hold every integer

void put_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void put_double(double value, std::string& out) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i, bits >>= 8) out.push_back(static_cast<char>(bits));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  bool at_end() const { return ok_ && bytes_.empty(); }
  bool ok() const { return ok_; }

  std::int64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      if (bytes_.empty()) break;
      const auto byte = static_cast<std::uint8_t>(bytes_[0]);
      bytes_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>(value);
    }
    ok_ = false;
    return 0;
  }

  double real() {
    if (bytes_.size() < 8) {
      ok_ = false;
      return 0;
    }
    std::uint64_t bits = 0;
    for (int i = 7; i >= 0; --i) {
      bits = bits << 8 | static_cast<std::uint8_t>(bytes_[static_cast<std::size_t>(i)]);
    }
    bytes_.remove_prefix(8);
    const auto value = std::bit_cast<double>(bits);
    ok_ = ok_ && !std::isnan(value);
    return value;
  }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

std::int64_t rank_of(double percentile, std::int64_t count) {
  // A little less, so that 99.9 % of 1000, which is 999.0000000000001 in doubles, is 999.
  const double exact = percentile / 100 * static_cast<double>(count);
  const double rank = std::ceil(exact - std::min(exact * 1e-12, 1e-6));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(rank), 1, count);
}

}  // namespace

std::uint32_t QuantileSketch::Buckets::bucket_of(double magnitude) {
  return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(magnitude) >>
                                    (kMantissaBits - kSubBits));
}

// The harmonic middle, which is equally far from both ends in relation to them.
double QuantileSketch::Buckets::middle(std::uint32_t bucket) {
  const auto low =
      std::bit_cast<double>(static_cast<std::uint64_t>(bucket) << (kMantissaBits - kSubBits));
  const double position = kSubBuckets + bucket % kSubBuckets;
  return low * (1 + 1 / (2 * position + 1));
}

void QuantileSketch::Buckets::add(std::uint32_t bucket, std::int64_t count) {
  const std::uint32_t exponent = bucket / kSubBuckets;
  if (pages_.empty()) first_exponent_ = exponent;
  if (exponent < first_exponent_) {
    pages_.insert(pages_.begin(), first_exponent_ - exponent, 0);
    first_exponent_ = exponent;
  }
  const std::uint32_t place = exponent - first_exponent_;
  if (place >= pages_.size()) pages_.resize(place + 1, 0);
  if (pages_[place] == 0) {
    counts_.resize(counts_.size() + kSubBuckets, 0);
    pages_[place] = static_cast<std::uint16_t>(counts_.size() / kSubBuckets);
  }
  counts_[(pages_[place] - 1U) * kSubBuckets + bucket % kSubBuckets] += count;
}

template <class Visit>
void QuantileSketch::Buckets::for_each(Visit visit) const {
  for (std::uint32_t place = 0; place < pages_.size(); ++place) {
    if (pages_[place] == 0) continue;
    const std::int64_t* const counts = counts_.data() + (pages_[place] - 1U) * kSubBuckets;
    for (std::uint32_t i = 0; i < kSubBuckets; ++i) {
      if (counts[i] != 0) visit((first_exponent_ + place) * kSubBuckets + i, counts[i]);
    }
  }
}

void QuantileSketch::Buckets::merge(const Buckets& other) {
  other.for_each([this](std::uint32_t bucket, std::int64_t count) { add(bucket, count); });
}

std::int64_t QuantileSketch::Buckets::memory_bytes() const {
  return static_cast<std::int64_t>(pages_.capacity() * sizeof(pages_[0]) +
                                   counts_.capacity() * sizeof(counts_[0]));
}

void QuantileSketch::add(double number, std::int64_t count) {
  if (count <= 0) return;
  min_ = count_ == 0 ? number : std::min(min_, number);
  max_ = count_ == 0 ? number : std::max(max_, number);
  const bool exact = is_exact();
  count_ += count;
  if (exact && count_ <= static_cast<std::int64_t>(kExactMax)) {
    exact_.insert(exact_.end(), static_cast<std::size_t>(count), number);
    return;
  }
  give_up_exactness();
  count_one(number, count);
}

void QuantileSketch::count_one(double number, std::int64_t count) {
  if (number >= kSmallest) {
    positive_.add(number, count);
  } else if (number <= -kSmallest) {
    negative_.add(-number, count);
  } else {
    zeros_ += count;
  }
}

void QuantileSketch::give_up_exactness() {
  for (const double number : exact_) count_one(number, 1);
  std::vector<double>().swap(exact_);
}

void QuantileSketch::merge(const QuantileSketch& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  if (other.is_exact()) {
    const std::vector<double> numbers = other.exact_;  // which may be our own
    for (const double number : numbers) add(number);
    return;
  }
  give_up_exactness();
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  zeros_ += other.zeros_;
  positive_.merge(other.positive_);
  negative_.merge(other.negative_);
}

double QuantileSketch::percentile(double percentile) const {
  const std::int64_t rank = rank_of(percentile, count_);
  if (rank == 1) return min_;
  if (rank == count_) return max_;
  if (is_exact()) {
    std::vector<double> sorted = exact_;
    const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(sorted.begin(), nth, sorted.end());
    return *nth;
  }
  std::int64_t negatives = 0;
  negative_.for_each([&](std::uint32_t, std::int64_t count) { negatives += count; });
  std::optional<double> found;
  if (rank <= negatives) {
    std::int64_t left = negatives - rank + 1;  // from the smallest magnitude
    negative_.for_each([&](std::uint32_t bucket, std::int64_t count) {
      left -= count;
      if (left <= 0 && !found) found = -Buckets::middle(bucket);
    });
  } else if (rank <= negatives + zeros_) {
    found = 0;
  } else {
    std::int64_t left = rank - negatives - zeros_;
    positive_.for_each([&](std::uint32_t bucket, std::int64_t count) {
      left -= count;
      if (left <= 0 && !found) found = Buckets::middle(bucket);
    });
  }
  return std::clamp(found.value_or(max_), min_, max_);
}

std::int64_t QuantileSketch::count_up_to(double number) const {
  if (count_ == 0 || number < min_) return 0;
  if (number >= max_) return count_;
  if (is_exact()) {
    return std::count_if(exact_.begin(), exact_.end(), [&](double one) { return one <= number; });
  }
  std::int64_t found = number >= 0 ? zeros_ : 0;
  negative_.for_each([&](std::uint32_t bucket, std::int64_t count) {
    if (-Buckets::middle(bucket) <= number) found += count;
  });
  positive_.for_each([&](std::uint32_t bucket, std::int64_t count) {
    if (Buckets::middle(bucket) <= number) found += count;
  });
  return found;
}

std::int64_t QuantileSketch::memory_bytes() const {
  return static_cast<std::int64_t>(exact_.capacity() * sizeof(double)) + positive_.memory_bytes() +
         negative_.memory_bytes();
}

// False, having appended nothing, where a number is not whole.
bool QuantileSketch::append_whole(std::string& out) const {
  const auto is_whole = [](double number) {
    return number >= 0 && number <= kWholeMax && number == std::floor(number) &&
           !std::signbit(number);
  };
  if (exact_.empty() || !std::all_of(exact_.begin(), exact_.end(), is_whole)) return false;
  std::vector<double> sorted = exact_;
  std::sort(sorted.begin(), sorted.end());
  out.push_back(kFormatWhole);
  double before = 0;
  for (const double number : sorted) {
    put_varint(static_cast<std::uint64_t>(number - before), out);
    before = number;
  }
  return true;
}

void QuantileSketch::serialize(std::string& out) const {
  if (is_exact()) {
    if (append_whole(out)) return;
    out.push_back(kFormatExact);
    for (const double number : exact_) put_double(number, out);
    return;
  }
  out.push_back(kFormatBuckets);
  put_double(min_, out);
  put_double(max_, out);
  put_varint(static_cast<std::uint64_t>(zeros_), out);
  for (const Buckets* const buckets : {&negative_, &positive_}) {
    std::uint64_t used = 0;
    buckets->for_each([&](std::uint32_t, std::int64_t) { ++used; });
    put_varint(used, out);
    std::uint32_t before = 0;
    buckets->for_each([&](std::uint32_t bucket, std::int64_t count) {
      put_varint(bucket - before, out);
      put_varint(static_cast<std::uint64_t>(count), out);
      before = bucket;
    });
  }
}

Result<QuantileSketch> QuantileSketch::parse(std::string_view bytes) {
  const auto corrupt = [] { return fail(ErrorCode::kCorrupt, "not a quantile sketch"); };
  QuantileSketch out;
  if (bytes.empty()) return corrupt();
  const char format = bytes[0];
  Reader reader(bytes.substr(1));
  if (format == kFormatExact) {
    if ((bytes.size() - 1) % sizeof(double) != 0 || bytes.size() > 1 + kExactMax * sizeof(double)) {
      return corrupt();
    }
    while (reader.ok() && !reader.at_end()) {
      const double number = reader.real();
      if (reader.ok()) out.add(number);
    }
    if (!reader.ok()) return corrupt();
    return out;
  }
  if (format == kFormatWhole) {
    std::int64_t number = 0;
    while (reader.ok() && !reader.at_end() && out.count_ < static_cast<std::int64_t>(kExactMax)) {
      const std::int64_t step = reader.varint();
      if (!reader.ok() || step > static_cast<std::int64_t>(kWholeMax) - number) return corrupt();
      number += step;
      out.add(static_cast<double>(number));
    }
    if (!reader.at_end() || out.count_ == 0) return corrupt();
    return out;
  }
  if (format != kFormatBuckets) return corrupt();
  out.min_ = reader.real();
  out.max_ = reader.real();
  out.zeros_ = reader.varint();
  if (!reader.ok() || out.min_ > out.max_) return corrupt();
  std::int64_t total = out.zeros_;
  for (Buckets* const buckets : {&out.negative_, &out.positive_}) {
    std::int64_t bucket = 0;
    for (std::int64_t left = reader.varint(); left > 0; --left) {
      const std::int64_t step = reader.varint();
      const std::int64_t count = reader.varint();
      const bool sane = reader.ok() && count > 0 && step < kBucketsEnd &&
                        bucket + step < kBucketsEnd &&
                        !__builtin_add_overflow(total, count, &total);
      if (!sane) return corrupt();
      bucket += step;
      buckets->add(static_cast<std::uint32_t>(bucket), count);
    }
  }
  if (!reader.ok() || !reader.at_end() || total <= 0) return corrupt();
  out.count_ = total;
  return out;
}

}  // namespace apitoolkit::server::query
