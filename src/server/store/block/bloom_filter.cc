#include "src/server/store/block/bloom_filter.h"

#include <algorithm>
#include <cstring>

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kLineBytes = 64;
constexpr std::size_t kBitsPerKey = 10;
constexpr int kProbes = 6;
constexpr int kBitOfLineBits = 9;  // 512 bits a line

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 32;
  return x;
}

// The line that a hash belongs to, by its upper half; the bits within it come from the lower one.
std::size_t line_of(std::uint64_t hash, std::size_t lines) {
  return static_cast<std::size_t>(((hash >> 32) * lines) >> 32);
}

template <class Visit>
bool for_each_bit(std::uint64_t hash, Visit visit) {
  std::uint64_t bits = mix(hash);
  for (int i = 0; i < kProbes; ++i, bits >>= kBitOfLineBits) {
    if (!visit(bits & ((1 << kBitOfLineBits) - 1))) return false;
  }
  return true;
}

}  // namespace

std::uint64_t identity_hash(const Uuid& identity) {
  std::uint64_t halves[2];
  std::memcpy(halves, identity.data(), sizeof halves);
  return mix(halves[0] + 0x9e3779b97f4a7c15 * mix(halves[1]));
}

std::uint64_t number_hash(std::int64_t number) {
  return mix(static_cast<std::uint64_t>(number) + 0x9e3779b97f4a7c15);
}

BloomFilter::BloomFilter(std::size_t keys)
    : bits_(std::max<std::size_t>((keys * kBitsPerKey + 8 * kLineBytes - 1) / (8 * kLineBytes), 1) *
                kLineBytes,
            '\0') {}

void BloomFilter::add(std::uint64_t hash) {
  char* const line = bits_.data() + line_of(hash, bits_.size() / kLineBytes) * kLineBytes;
  for_each_bit(hash, [line](std::uint64_t bit) {
    line[bit / 8] = static_cast<char>(line[bit / 8] | (1 << (bit % 8)));
    return true;
  });
}

bool BloomFilter::may_hold(std::string_view bytes, std::uint64_t hash) {
  const std::size_t lines = bytes.size() / kLineBytes;
  if (lines == 0) return true;
  const char* const line = bytes.data() + line_of(hash, lines) * kLineBytes;
  return for_each_bit(
      hash, [line](std::uint64_t bit) { return ((line[bit / 8] >> (bit % 8)) & 1) != 0; });
}

}  // namespace apitoolkit::server::store
