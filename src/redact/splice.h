// Replaces spans of a text by the marker.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apitoolkit::redact {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// Sorts the spans, which may nest but not overlap otherwise, and keeps the outermost ones.
void keep_outermost(std::vector<Span>& spans);

// `text` with each of the spans, as keep_outermost leaves them, replaced by kMarkerJson. nullopt
// where the result would be larger than limits.h allows.
std::optional<std::string> splice(std::string_view text, const std::vector<Span>& spans);

// As splice, into `out`, whose memory is reused; it must not be the text. False in place of
// nullopt.
bool splice_into(std::string_view text, const std::vector<Span>& spans, std::string& out);

// Whether a body of `before` bytes may become one of `after`.
bool is_growth_allowed(std::size_t before, std::size_t after);

}  // namespace apitoolkit::redact
