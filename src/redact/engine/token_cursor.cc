#include "src/redact/engine/token_cursor.h"

namespace apitoolkit::redact {

std::uint32_t TokenCursor::label_of_escaped(const NameTable& names, std::uint32_t token) const {
  for (std::uint32_t label = 1; label <= names.size(); ++label) {
    if (json::literal_equals(raw(token), names.text(label))) return label;
  }
  return NameTable::kNone;
}

// The last bytes of the source, which has no padding, as load_word would read them.
std::uint64_t TokenCursor::last_word(std::uint32_t begin) const {
  std::uint8_t padded[sizeof(std::uint64_t)] = {};
  std::memcpy(padded, source_ + begin, size_ - begin);
  return load_word(padded);
}

}  // namespace apitoolkit::redact
