#include "src/redact/engine/name_table.h"

namespace apitoolkit::redact {

// Eight buckets a name: seven of eight foreign names meet an empty one.
NameTable::NameTable(std::span<const std::string> names) {
  std::uint32_t bits = 3;
  while ((std::size_t{1} << bits) < names.size() * 8) ++bits;
  shift_ = 32 - bits;
  const auto none = static_cast<std::uint32_t>(names.size());
  buckets_.assign(std::size_t{1} << bits, none);
  for (const std::string& name : names) {
    const std::uint64_t word = name_word(name);
    std::uint32_t& bucket = buckets_[hash(word, static_cast<std::uint32_t>(name.size())) >> shift_];
    entries_.push_back({.word = word, .next = bucket, .text = name});
    bucket = static_cast<std::uint32_t>(entries_.size() - 1);
  }
}

}  // namespace apitoolkit::redact
