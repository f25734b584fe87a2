#include "src/redact/scrub_finder.h"

#include <algorithm>
#include <optional>

#include "src/redact/redactor.h"
#include "src/redact/scrub_candidates.h"

namespace apitoolkit::redact {
namespace {

// Candidates come in order, and a value reaches from its candidate on, or from at most an email's
// local part before it. So each new span ends after all before it begin, and joining looks only at
// the last ones; as joined spans are gone, the cost is linear.
void add(Span span, std::vector<Span>& spans) {
  while (!spans.empty() && span.begin < spans.back().end) {
    span.begin = std::min(span.begin, spans.back().begin);
    span.end = std::max(span.end, spans.back().end);
    spans.pop_back();
  }
  spans.push_back(span);
}

}  // namespace

bool find_values(DetectorSet detectors, std::string_view text, std::vector<Span>& spans,
                 json::SimdLevel level) {
  spans.clear();
  if (text.size() < kValueBytesMin || detectors.empty()) return false;
  JwtRun run;
  CandidateScan scan(text, detectors.bits(), level);
  while (scan.next()) {
    for (const Candidate& candidate : scan) {
      const auto asks = [&](Detector detector) {
        return (candidate.kinds >> static_cast<unsigned>(detector) & 1U) != 0;
      };
      const auto keep = [&](const std::optional<Span>& span) {
        if (span) add(*span, spans);
      };
      if (asks(Detector::kCreditCard)) keep(match_card(text, candidate.at));
      if (asks(Detector::kEmail)) keep(match_email(text, candidate.at));
      if (asks(Detector::kIban)) keep(match_iban(text, candidate.at));
      if (asks(Detector::kSsn)) keep(match_ssn(text, candidate.at));
      if (asks(Detector::kBearer)) keep(match_bearer(text, candidate.at));
      if (asks(Detector::kJwt)) keep(match_jwt(text, candidate.at, run));
    }
  }
  return !spans.empty();
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
