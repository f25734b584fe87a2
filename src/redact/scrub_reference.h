// For tests and fuzzing: all values of a text, found by asking every detector at every byte. Slow,
// and obviously complete; find_values must agree with it.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "src/redact/scrub.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {

inline std::vector<Span> find_values_slowly(DetectorSet detectors, std::string_view text) {
  std::vector<Span> found;
  const auto keep = [&](const std::optional<Span>& span) {
    if (span) found.push_back(*span);
  };
  JwtRun run;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (detectors.has(Detector::kCreditCard)) keep(match_card(text, i));
    if (detectors.has(Detector::kIban)) keep(match_iban(text, i));
    if (detectors.has(Detector::kSsn)) keep(match_ssn(text, i));
    if (detectors.has(Detector::kBearer)) keep(match_bearer(text, i));
    if (detectors.has(Detector::kEmail) && text[i] == '@') keep(match_email(text, i));
    if (detectors.has(Detector::kJwt)) keep(match_jwt(text, i, run));
  }
  std::sort(found.begin(), found.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> joined;
  for (const Span& span : found) {
    if (!joined.empty() && span.begin < joined.back().end) {
      joined.back().end = std::max(joined.back().end, span.end);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

inline DetectorSet all_detectors() {
  DetectorSet all;
  for (const Detector detector : {Detector::kCreditCard, Detector::kJwt, Detector::kEmail,
                                  Detector::kIban, Detector::kSsn, Detector::kBearer}) {
    all.add(detector);
  }
  return all;
}

}  // namespace apitoolkit::redact
