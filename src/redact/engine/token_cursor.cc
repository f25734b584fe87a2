#include "src/redact/engine/token_cursor.h"

namespace apitoolkit::redact {

std::uint32_t TokenCursor::label_of_escaped(const NameTable& names, const RawName& name) {
  std::uint32_t label = 0;
  while (label < names.size() && !json::literal_equals(with_quotes(name), names.text(label))) {
    ++label;
  }
  return label;
}

}  // namespace apitoolkit::redact
