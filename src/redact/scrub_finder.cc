#include "src/redact/scrub_finder.h"

#include <algorithm>
#include <optional>

#include "src/redact/redactor.h"
#include "src/redact/scrub_candidates.h"

namespace apitoolkit::redact {
namespace {

// Joins a span with those that it overlaps. Values are found nearly in order: what begins before an
// earlier one is an email's local part or the first bytes of a number. So only the last few are
// looked at, and as joined spans are gone, the cost is linear.
void add(Span span, std::vector<Span>& spans) {
  auto after = spans.end();
  while (after != spans.begin() && span.end <= (after - 1)->begin) --after;
  auto first = after;
  while (first != spans.begin() && span.begin < (first - 1)->end) {
    --first;
    span.begin = std::min(span.begin, first->begin);
    span.end = std::max(span.end, first->end);
  }
  spans.insert(spans.erase(first, after), span);
}

// What the detector finds at a candidate; at an escape, the escape.
std::optional<Span> match(std::string_view text, const Candidate& candidate, JwtRun& run) {
  const std::size_t at = candidate.at;
  switch (static_cast<Detector>(candidate.kind)) {
    case Detector::kCreditCard:
      return match_card(text, at);
    case Detector::kJwt:
      return match_jwt(text, at, run);
    case Detector::kEmail:
      return match_email(text, at);
    case Detector::kIban:
      return match_iban(text, at);
    case Detector::kSsn:
      return match_ssn(text, at);
    case Detector::kBearer:
      return match_bearer(text, at);
  }
  return Span{at, at + 1};
}

// Asks the detectors at the candidates of a scan, and gives `visit` what they find. Ends early when
// `visit` returns false.
template <class Visit>
void visit_values(std::string_view text, CandidateScan& scan, const Visit& visit) {
  JwtRun run;
  while (scan.next()) {
    for (const Candidate& candidate : scan) {
      if (!visit(match(text, candidate, run))) return;
    }
  }
}

}  // namespace

bool find_values(DetectorSet detectors, std::string_view text, std::vector<Span>& spans,
                 json::SimdLevel level) {
  spans.clear();
  if (text.size() < kValueBytesMin || detectors.empty()) return false;
  CandidateScan scan(text, detectors.bits(), level);
  visit_values(text, scan, [&](const std::optional<Span>& span) {
    if (span) add(*span, spans);
    return true;
  });
  return !spans.empty();
}

bool may_have_values_in_json(DetectorSet detectors, std::string_view json) {
  bool found = false;
  CandidateScan scan(json, detectors.bits() | kEscapeKinds);
  visit_values(json, scan, [&](const std::optional<Span>& span) {
    found = span.has_value();
    return !found;
  });
  return found;
}

void append_masked(std::string_view text, const std::vector<Span>& spans, std::string& out) {
  std::size_t kept = 0;
  for (const Span& span : spans) {
    out.append(text.substr(kept, span.begin - kept)).append(kMarker);
    kept = span.end;
  }
  out.append(text.substr(kept));
}

}  // namespace apitoolkit::redact
