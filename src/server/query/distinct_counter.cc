#include "src/server/query/distinct_counter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace apitoolkit::server::query {
namespace {

constexpr std::int64_t kExactMax = 4096;
constexpr std::size_t kSlotsMin = 16;
constexpr int kIndexBits = 14;
constexpr int kRankMax = 64 - kIndexBits + 1;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;

std::uint64_t mix(std::uint64_t x) {  // the finaliser of SplitMix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

double sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double sum = x;
  double before = -1;
  for (double weight = 1; sum != before; weight += weight) {
    x *= x;
    before = sum;
    sum += x * weight;
  }
  return sum;
}

double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double before = -1;
  for (double weight = 0.5; sum != before; weight *= 0.5) {
    x = std::sqrt(x);
    before = sum;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = 0x9E3779B97F4A7C15U ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(bytes.size(), sizeof(word));
    for (std::size_t i = 0; i < size; ++i) {
      word |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
    }
    hash = mix(hash ^ word) + 0x9E3779B97F4A7C15U;
    bytes.remove_prefix(size);
  }
  return mix(hash);
}

void DistinctCounter::add(std::uint64_t hash) {
  if (!registers_.empty()) return raise(hash);
  insert(hash == 0 ? 1 : hash);
  if (used_ <= kExactMax) return;
  const std::vector<std::uint64_t> all = std::exchange(slots_, {});
  registers_.assign(kRegisters, 0);
  for (const std::uint64_t one : all) {
    if (one != 0) raise(one);
  }
}

void DistinctCounter::insert(std::uint64_t hash) {
  if (slots_.size() < static_cast<std::size_t>(used_ + 1) * 2) grow();
  std::size_t i = hash & (slots_.size() - 1);
  while (slots_[i] != 0 && slots_[i] != hash) i = (i + 1) & (slots_.size() - 1);
  used_ += slots_[i] == 0 ? 1 : 0;
  slots_[i] = hash;
}

void DistinctCounter::grow() {
  const std::vector<std::uint64_t> all = std::exchange(slots_, {});
  slots_.assign(std::max(kSlotsMin, all.size() * 2), 0);
  used_ = 0;
  for (const std::uint64_t one : all) {
    if (one != 0) insert(one);
  }
}

void DistinctCounter::raise(std::uint64_t hash) {
  const std::size_t i = hash >> (64 - kIndexBits);
  const std::uint64_t rest = hash << kIndexBits;
  const int rank = std::min(std::countl_zero(rest) + 1, kRankMax);
  registers_[i] = std::max(registers_[i], static_cast<std::uint8_t>(rank));
}

void DistinctCounter::merge(const DistinctCounter& other) {
  for (const std::uint64_t hash : other.slots_) {
    if (hash != 0) add(hash);
  }
  if (other.registers_.empty()) return;
  if (registers_.empty()) {
    const std::vector<std::uint64_t> all = std::exchange(slots_, {});
    registers_.assign(kRegisters, 0);
    for (const std::uint64_t hash : all) {
      if (hash != 0) raise(hash);
    }
  }
  for (std::size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

std::int64_t DistinctCounter::estimate() const {
  if (registers_.empty()) return used_;
  std::array<double, kRankMax + 1> counts{};
  for (const std::uint8_t rank : registers_) counts.at(rank) += 1;
  constexpr auto m = static_cast<double>(kRegisters);
  double z = m * tau(1 - counts[kRankMax] / m);
  for (int k = kRankMax - 1; k >= 1; --k) z = 0.5 * (z + counts.at(static_cast<std::size_t>(k)));
  z += m * sigma(counts[0] / m);
  return std::llround(m * m / (2 * std::log(2.0) * z));
}

std::int64_t DistinctCounter::memory_bytes() const {
  return static_cast<std::int64_t>(slots_.capacity() * sizeof(std::uint64_t) +
                                   registers_.capacity());
}

}  // namespace apitoolkit::server::query
