#include "src/redact/splice.h"

#include <algorithm>

#include "src/base/limits.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {

void keep_outermost(std::vector<Span>& spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t kept = 0;
  for (const Span& span : spans) {
    if (kept > 0 && span.begin < spans[kept - 1].end) continue;
    spans[kept++] = span;
  }
  spans.resize(kept);
}

bool is_growth_allowed(std::size_t before, std::size_t after) {
  constexpr std::size_t kFactor = limits::kRedactedGrowthFactorMax;
  constexpr std::size_t kFloor = limits::kRedactedGrowthBytesMin;
  return after <= kFactor * before + kFloor;
}

std::optional<std::string> splice(std::string_view text, const std::vector<Span>& spans) {
  std::string out;
  if (!splice_into(text, spans, out)) return std::nullopt;
  return out;
}

bool splice_into(std::string_view text, const std::vector<Span>& spans, std::string& out) {
  std::size_t size = text.size();
  for (const Span& span : spans) size = size - (span.end - span.begin) + kMarkerJson.size();
  out.clear();
  if (!is_growth_allowed(text.size(), size)) return false;
  out.reserve(size);
  std::size_t at = 0;
  for (const Span& span : spans) {
    out.append(text, at, span.begin - at);
    out += kMarkerJson;
    at = span.end;
  }
  out.append(text, at);
  return true;
}

}  // namespace apitoolkit::redact
