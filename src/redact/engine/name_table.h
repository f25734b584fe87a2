// Finds a member's name among those that a state knows, comparing the source's bytes.
//
// Most names of a document are none of them, so the table is made to say no quickly: one word of the
// name and its length choose a bucket, and nearly all buckets are empty.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apitoolkit::redact {

// The first eight bytes of a name as a number; shorter ones are padded with zeros. Two names that
// are equal have equal words.
inline std::uint64_t name_word(std::string_view name) {
  std::uint64_t word = 0;
  std::memcpy(&word, name.data(), name.size() < sizeof word ? name.size() : sizeof word);
  return word;
}

// As name_word, for eight readable bytes of which `length` belong to the name.
inline std::uint64_t name_word(const std::uint8_t* bytes, std::uint32_t length) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) {
    return length >= 8 ? word : length == 0 ? 0 : word & ~(~std::uint64_t{0} >> (8 * length));
  }
  const std::uint32_t unused_bits = length >= 8 ? 0 : 64 - 8 * length;
  return length == 0 ? 0 : word << unused_bits >> unused_bits;
}

class NameTable {
 public:
  NameTable() = default;
  // Label i is names[i]; they must differ.
  explicit NameTable(std::span<const std::string> names);

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  bool empty() const { return entries_.empty(); }

  // The label of the name that has these bytes, whose word is `word`; size() if there is none.
  std::uint32_t find(const std::uint8_t* bytes, std::uint32_t length, std::uint64_t word) const {
    std::uint32_t label = buckets_[hash(word, length) >> shift_];
    for (; label < entries_.size(); label = entries_[label].next) {
      const Entry& entry = entries_[label];
      if (entry.word == word && entry.text.size() == length &&
          (length <= 8 || std::memcmp(entry.text.data() + 8, bytes + 8, length - 8) == 0)) {
        return label;
      }
    }
    return size();
  }

  const std::string& text(std::uint32_t label) const { return entries_[label].text; }

 private:
  struct Entry {
    std::uint64_t word = 0;
    std::uint32_t next = 0;  // in the same bucket; size() ends the chain
    std::string text;
  };

  static std::uint32_t hash(std::uint64_t word, std::uint32_t length) {
    const std::uint64_t mixed = (word ^ (std::uint64_t{length} << 56)) * 0x9e3779b97f4a7c15;
    return static_cast<std::uint32_t>(mixed >> 32);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> buckets_{0};
  std::uint32_t shift_ = 31;
};

}  // namespace apitoolkit::redact
