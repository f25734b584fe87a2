// Values in percent-encoded text, RFC 3986: "user%40example.com", "4111+1111+1111+1111".
#include <algorithm>

#include "src/json/unescape.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_encoded.h"

namespace apitoolkit::redact {
namespace {

// A "%" that two hexadecimal digits do not follow stands for itself.
Unit percent_unit(std::string_view text, std::size_t i, bool plus_is_space) {
  if (text[i] == '+' && plus_is_space) {
    return Unit{.bytes = {' '}, .escaped = true};
  }
  if (text[i] != '%' || i + 2 >= text.size()) return plain_unit(text[i]);
  const char digits[] = {'0', '0', text[i + 1], text[i + 2]};
  const std::int32_t value = json::read_hex4({digits, sizeof digits});
  if (value < 0) return plain_unit('%');
  return Unit{.read = 3, .bytes = {static_cast<char>(value)}, .escaped = true};
}

bool begins_before(const EncodedSpan& a, const EncodedSpan& b) {
  return a.span.begin < b.span.begin;
}

// Joins what overlaps.
std::vector<Span> join(const std::vector<EncodedSpan>& sorted) {
  std::vector<Span> joined;
  for (const EncodedSpan& next : sorted) {
    if (!joined.empty() && next.span.begin < joined.back().end) {
      joined.back().end = std::max(joined.back().end, next.span.end);
    } else {
      joined.push_back(next.span);
    }
  }
  return joined;
}

}  // namespace

bool Scrubber::scrub_url(std::string_view url, std::string& out) const {
  if (empty()) return false;
  const bool has_plus = url.find('+') != std::string_view::npos;
  if (!has_plus && url.find('%') == std::string_view::npos) return scrub_text(url, out);
  // Which of its two meanings a plus has, only the application knows: it is a space in a form, and
  // itself in a path and in "user+tag@example.com".
  std::vector<EncodedSpan> found;
  find_encoded(
      detectors_, url, [](auto text, auto i) { return percent_unit(text, i, false); }, found);
  if (has_plus) {
    std::vector<EncodedSpan> with_spaces;
    find_encoded(
        detectors_, url, [](auto text, auto i) { return percent_unit(text, i, true); },
        with_spaces);
    const auto middle = static_cast<std::ptrdiff_t>(found.size());
    found.insert(found.end(), with_spaces.begin(), with_spaces.end());
    std::inplace_merge(found.begin(), found.begin() + middle, found.end(), begins_before);
  }
  if (found.empty()) return false;
  out.clear();
  append_masked(url, join(found), out);
  return true;
}

}  // namespace apitoolkit::redact
