#include "src/redact/engine/name_table.h"

#include <algorithm>

namespace apitoolkit::redact {

NameTable::NameTable(std::span<const std::string> names) {
  std::size_t used_bytes = sizeof(std::uint64_t);
  for (const std::string& name : names) used_bytes = std::min(used_bytes, name.size() + 1);
  factor_ = kFactor << (64 - 8 * used_bytes);
  for (const std::string& name : names) {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    std::uint8_t bytes[kWord] = {};
    std::copy_n(name.begin(), std::min(name.size(), kWord), bytes);
    Entry entry;
    if (name.size() < kWord) {
      bytes[name.size()] = '"';
      entry.mask = ~std::uint64_t{0} >> (64 - 8 * (name.size() + 1));
    } else {
      entry.mask = ~std::uint64_t{0};
      entry.last_word =
          load_word(reinterpret_cast<const std::uint8_t*>(name.data() + name.size() - kWord));
    }
    entry.word = load_word(bytes);
    entry.text = name;
    entries_.push_back(std::move(entry));
    if (name.find('"') != std::string::npos) continue;
    std::uint16_t& bucket = buckets_[candidate_bucket(entries_.back().word)];
    entries_.back().next = bucket;
    bucket = static_cast<std::uint16_t>(entries_.size());
  }
}

}  // namespace apitoolkit::redact
