#include "src/redact/engine/token_cursor.h"

#include <algorithm>

namespace apitoolkit::redact {

std::uint32_t TokenCursor::label_of_escaped(const NameTable& names, std::uint32_t token) const {
  for (std::uint32_t label = 1; label <= names.size(); ++label) {
    if (json::literal_equals(raw(token), names.text(label))) return label;
  }
  return NameTable::kNone;
}

// As load_word, where the source, which has no padding, may end before.
std::uint64_t TokenCursor::last_word(std::uint32_t begin) const {
  std::uint8_t padded[sizeof(std::uint64_t)] = {};
  std::memcpy(padded, source_ + begin, std::min<std::size_t>(size_ - begin, sizeof padded));
  return load_word(padded);
}

}  // namespace apitoolkit::redact
