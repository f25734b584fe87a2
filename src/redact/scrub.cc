#include "src/redact/scrub.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "src/redact/redactor.h"
#include "src/redact/scrub_finder.h"

namespace apitoolkit::redact {
namespace {

constexpr std::array<Detector, 6> kDetectors = {Detector::kCreditCard, Detector::kJwt,
                                                Detector::kEmail,      Detector::kIban,
                                                Detector::kSsn,        Detector::kBearer};

// How many letters must be inserted, deleted, replaced, or swapped with their neighbour to make one
// name the other. Both are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> cost((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& here = cost[i * width + j];
      if (i == 0 || j == 0) {
        here = i + j;
        continue;
      }
      here = std::min({cost[(i - 1) * width + j] + 1, cost[i * width + j - 1] + 1,
                       cost[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        here = std::min(here, cost[(i - 2) * width + j - 2] + 1);
      }
    }
  }
  return cost.back();
}

std::optional<Detector> detector_of(std::string_view name) {
  for (const Detector detector : kDetectors) {
    if (to_string(detector) == name) return detector;
  }
  return std::nullopt;
}

std::string describe_unknown(std::string_view name) {
  std::string text = "expected one of ";
  std::string_view closest;
  std::size_t closest_distance = 3;  // further away it is no misspelling
  for (const Detector detector : kDetectors) {
    const std::string_view known = to_string(detector);
    if (detector != kDetectors.front()) text += ", ";
    text += known;
    if (name.size() > 2 * known.size()) continue;
    const std::size_t distance = edit_distance(name, known);
    if (distance < closest_distance && distance < known.size() - 1) {
      closest = known;
      closest_distance = distance;
    }
  }
  if (!closest.empty()) text.append("; did you mean \"").append(closest).append("\"?");
  return text;
}

}  // namespace

std::string_view to_string(Detector detector) {
  switch (detector) {
    case Detector::kCreditCard:
      return "credit_card";
    case Detector::kJwt:
      return "jwt";
    case Detector::kEmail:
      return "email";
    case Detector::kIban:
      return "iban";
    case Detector::kSsn:
      return "ssn";
    case Detector::kBearer:
      return "bearer";
  }
  return "unknown";
}

Result<Scrubber> Scrubber::compile(std::span<const std::string> names, std::string_view argument) {
  DetectorSet detectors;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::optional<Detector> detector = detector_of(names[i]);
    if (!detector) {
      return fail(ErrorCode::kInvalidArgument, std::string(argument) + "[" + std::to_string(i) +
                                                   "]: \"" + names[i] +
                                                   "\": " + describe_unknown(names[i]));
    }
    detectors.add(*detector);
  }
  return Scrubber(detectors);
}

bool Scrubber::scrub_text(std::string_view text, std::string& out) const {
  std::vector<Span> spans;
  if (!find_values(detectors_, text, spans)) return false;
  out.clear();
  append_masked(text, spans, out);
  return true;
}

std::string Scrubber::scrub_text(std::string_view text) const {
  std::string out;
  return scrub_text(text, out) ? out : std::string(text);
}

std::string Scrubber::scrub_url(std::string_view url) const {
  std::string out;
  return scrub_url(url, out) ? out : std::string(url);
}

std::string Scrubber::scrub_json(std::string_view json) const {
  std::string out;
  return scrub_json(json, out) ? out : std::string(json);
}

}  // namespace apitoolkit::redact
