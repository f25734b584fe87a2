#include "src/redact/engine/name_table.h"

#include <algorithm>

namespace apitoolkit::redact {

NameTable::NameTable(std::span<const std::string> names) {
  std::size_t used_bytes = sizeof(std::uint64_t);
  for (const std::string& name : names) used_bytes = std::min(used_bytes, name.size() + 1);
  unused_bits_ = static_cast<std::uint8_t>(64 - 8 * used_bytes);
  std::fill(std::begin(buckets_), std::end(buckets_), std::uint16_t{kNone});
  for (const std::string& name : names) {
    std::uint8_t bytes[sizeof(std::uint64_t)] = {};
    std::memcpy(bytes, name.data(), std::min(name.size(), sizeof bytes));
    if (name.size() < sizeof bytes) bytes[name.size()] = '"';
    std::uint16_t& bucket = buckets_[(load_word(bytes) << unused_bits_) * kFactor >> (64 - kBucketBits)];
    entries_.push_back({.text = name, .next = bucket});
    bucket = static_cast<std::uint16_t>(entries_.size());
  }
}

}  // namespace apitoolkit::redact
