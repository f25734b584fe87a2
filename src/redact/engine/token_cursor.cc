#include "src/redact/engine/token_cursor.h"

#include <algorithm>

namespace apitoolkit::redact {
namespace {

[[gnu::always_inline]] inline std::uint64_t find_candidates(const NameTable& names,
                                                            const std::uint8_t* source,
                                                            const std::uint32_t* positions,
                                                            std::uint64_t bits) {
  std::uint64_t found = 0;
  for (std::uint64_t rest = bits; rest != 0; rest &= rest - 1) {
    const std::uint64_t word = load_word(source + positions[__builtin_ctzll(rest)]);
    const std::uint64_t bit = rest & (0 - rest);
    found |= names.candidate(word) != NameTable::kNone ? bit : 0;
  }
  return found;
}

}  // namespace

std::uint32_t TokenCursor::label_of_escaped(const NameTable& names, std::uint32_t token) const {
  const std::string_view name = raw(token);
  for (std::uint32_t label = 1; label <= names.size(); ++label) {
    if (json::literal_equals(name, names.text(label))) return label;
  }
  return NameTable::kNone;
}

std::uint64_t TokenCursor::plain_candidates(const NameTable& names, const std::uint8_t* source,
                                            const std::uint32_t* positions, std::uint64_t bits) {
  return find_candidates(names, source, positions, bits);
}

#if defined(__x86_64__)
[[gnu::target("bmi,bmi2")]]
#endif
std::uint64_t
TokenCursor::plain_candidates_bmi2(const NameTable& names, const std::uint8_t* source,
                                   const std::uint32_t* positions, std::uint64_t bits) {
  return find_candidates(names, source, positions, bits);
}

// As load_word, where the source, which has no padding, may end before.
std::uint64_t TokenCursor::last_word(std::uint32_t begin) const {
  std::uint8_t padded[sizeof(std::uint64_t)] = {};
  std::memcpy(padded, source_ + begin, std::min<std::size_t>(size_ - begin, sizeof padded));
  return load_word(padded);
}

}  // namespace apitoolkit::redact
