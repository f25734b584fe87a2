// Finds a member's name among those that a state knows, comparing the source's bytes.
//
// Most names of a document are none of them, so the table is made to say no quickly, by a load, a
// multiplication and a look-up: the first bytes choose one of 256 buckets, and nearly all are
// empty. As many bytes are used as the shortest of the names has with its closing quote, eight at
// most: those bytes are the same wherever that name, or a longer one, stands.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apitoolkit::redact {

// Eight bytes as a number whose lowest byte is the first.
inline std::uint64_t load_word(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

class NameTable {
 public:
  static constexpr std::uint32_t kNone = 0;

  NameTable() : NameTable(std::span<const std::string>()) {}
  // Name i has the label i + 1; they must differ.
  explicit NameTable(std::span<const std::string> names);

  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  // Of a label but kNone.
  const std::string& text(std::uint32_t label) const { return entries_[label - 1].text; }

  // The first label to try for a name that begins with this word (what follows its closing quote
  // does not matter); kNone if it is none of the names.
  std::uint32_t candidate(std::uint64_t word) const { return buckets_[candidate_bucket(word)]; }
  // The label to try after this one.
  std::uint32_t next(std::uint32_t label) const { return entries_[label - 1].next; }

  // Whether the name that begins at `bytes`, after its quote, with this word and without escapes,
  // is the label's; its colon stands at `colon`. Names shorter than a word are compared with their
  // closing quote, in one step. Between that quote and the colon are only blanks, so that a quote
  // in the right place is the closing one. A name that holds a quote itself can only be written
  // with an escape, and is in no bucket.
  bool is(std::uint32_t label, std::uint64_t word, const std::uint8_t* bytes,
          const std::uint8_t* colon) const {
    const Entry& entry = entries_[label - 1];
    if (((word ^ entry.word) & entry.mask) != 0) return false;
    const std::size_t length = entry.text.size();
    if (length < sizeof word) return true;
    if (bytes + length >= colon || bytes[length] != '"') return false;
    if (length <= 2 * sizeof word)
      return load_word(bytes + length - sizeof word) == entry.last_word;
    return std::memcmp(bytes, entry.text.data(), length) == 0;
  }

 private:
  struct Entry {
    std::uint64_t word = 0;       // the name's first bytes and its closing quote
    std::uint64_t mask = 0;       // those of the word that are
    std::uint64_t last_word = 0;  // the name's last bytes, where it has as many
    std::uint32_t next = kNone;   // in the same bucket
    std::string text;
  };

  std::size_t candidate_bucket(std::uint64_t word) const {
    return word * factor_ >> (64 - kBucketBits);
  }

  static constexpr std::uint64_t kFactor = 0x9e3779b97f4a7c15;
  static constexpr int kBucketBits = 8;

  // kFactor, moved left by as many bits as the word has behind the shortest name's closing quote:
  // the product is the one of a word without them.
  std::uint64_t factor_ = kFactor;
  std::uint16_t buckets_[1 << kBucketBits] = {};
  std::vector<Entry> entries_;
};

}  // namespace apitoolkit::redact
