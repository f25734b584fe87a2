#include "src/redact/splice.h"

#include <algorithm>
#include <cstring>

#include "src/base/limits.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

constexpr std::size_t kStride = 64;  // bytes that are copied at once between two spans

}  // namespace

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
  if (!is_growth_allowed(text.size(), size)) {
    out.clear();
    return false;
  }
  // Only what the string grows by is filled in vain; one that is used again does not grow.
  out.resize(size + kStride);
  const char* from = text.data();
  const char* const text_end = from + text.size();
  char* to = out.data();
  for (const Span& span : spans) {
    const char* const end = text.data() + span.begin;
    const auto length = static_cast<std::size_t>(end - from);
    if (length <= kStride && static_cast<std::size_t>(text_end - from) >= kStride) {
      std::memcpy(to, from, kStride);  // of a known size: a few instructions in place of a call
    } else {
      std::memcpy(to, from, length);
    }
    to += length;
    std::memcpy(to, kMarkerJson.data(), kMarkerJson.size());
    to += kMarkerJson.size();
    from = text.data() + span.end;
  }
  std::memcpy(to, from, static_cast<std::size_t>(text_end - from));
  out.resize(size);
  return true;
}

}  // namespace apitoolkit::redact
