// Values in a text that encodes characters: the text is searched decoded, and what is found there
// is traced back to the bytes that encode it.
#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "src/redact/scrub_finder.h"

namespace apitoolkit::redact {

// One step of a decoder: so many bytes of the encoded text stand for these.
struct Unit {
  std::size_t read = 1;
  std::array<char, 4> bytes{};
  std::size_t count = 1;
  bool escaped = false;  // they stand for something other than themselves

  std::string_view decoded() const { return {bytes.data(), count}; }
};

// A byte that stands for itself.
inline Unit plain_unit(char c) {
  return Unit{.bytes = {c}};
}

// A value found: its bytes in the encoded text, and whether any of them is part of an escape.
struct EncodedSpan {
  Span span;
  bool escaped = false;
};

// Replaces `found` by the values in `text`, in order. `decode(text, i)` gives the unit at `i`.
// Texts of some kilobytes are decoded on the stack.
template <class Decode>
bool find_encoded(DetectorSet detectors, std::string_view text, const Decode& decode,
                  std::vector<EncodedSpan>& found) {
  found.clear();
  // Not worth filling: only what was decoded is read.
  std::array<char, 4096> stack;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::pmr::monotonic_buffer_resource memory(stack.data(), stack.size());
  std::pmr::string decoded(&memory);
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const Unit unit = decode(text, i);
    decoded.append(unit.decoded());
    i += unit.read;
  }
  std::vector<Span> spans;
  if (!find_values(detectors, decoded, spans)) return false;

  found.reserve(spans.size());
  std::size_t at = 0;  // in the decoded text, of the unit at i
  auto span = spans.begin();
  for (std::size_t i = 0; i < text.size() && span != spans.end();) {
    const Unit unit = decode(text, i);
    const std::size_t end = at + unit.count;
    if (end > span->begin) {
      const bool first = at <= span->begin;
      if (first) found.push_back({{i, i}, false});
      found.back().span.end = i + unit.read;
      found.back().escaped = found.back().escaped || unit.escaped;
    }
    at = end;
    i += unit.read;
    if (end >= span->end) ++span;
  }
  return true;
}

}  // namespace apitoolkit::redact
