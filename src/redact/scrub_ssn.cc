// Social security numbers of the United States, as they are written.
//
//   ssn = 3DIGIT "-" 2DIGIT "-" 4DIGIT     ; area, group, serial
//
// Areas 000, 666 and 900 to 999, group 00 and serial 0000 were never given out.
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {

std::optional<Span> match_ssn(std::string_view text, std::size_t at) {
  constexpr std::string_view kShape = "000-00-0000";
  const std::string_view value = text.substr(at, kShape.size());
  if (value.size() < kShape.size()) return std::nullopt;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == '-' ? value[i] != '-' : !is_digit(value[i])) return std::nullopt;
  }
  const std::string_view area = value.substr(0, 3);
  if (area == "000" || area == "666" || area[0] == '9' || value.substr(4, 2) == "00" ||
      value.substr(7) == "0000") {
    return std::nullopt;
  }
  // Not a piece of a longer number, with dashes or a decimal point or without.
  const Span span{at, at + kShape.size()};
  const auto joins = [](char c) { return c == '-' || c == '.'; };
  if (at > 0) {
    const char before = text[at - 1];
    if (is_digit(before) || (at > 1 && joins(before) && is_digit(text[at - 2]))) {
      return std::nullopt;
    }
  }
  if (span.end < text.size()) {
    const char after = text[span.end];
    if (is_digit(after) ||
        (span.end + 1 < text.size() && joins(after) && is_digit(text[span.end + 1]))) {
      return std::nullopt;
    }
  }
  return span;
}

}  // namespace apitoolkit::redact
