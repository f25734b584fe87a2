// Values in a JSON text.
//
// In JSON a quote outside a string begins one, so strings are found by their quotes; one that a
// colon follows is a name. That needs no tree and no memory, and it works as far as it can in a
// text that is not valid, or was cut.
#include <algorithm>
#include <vector>

#include "src/json/number.h"
#include "src/json/unescape.h"
#include "src/json/utf8.h"
#include "src/redact/redactor.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_candidates.h"
#include "src/redact/scrub_encoded.h"

namespace apitoolkit::redact {
namespace {

// An escape that JSON does not have, or that was cut, stands for itself.
Unit json_unit(std::string_view text, std::size_t i) {
  if (text[i] != '\\' || i + 1 == text.size()) return plain_unit(text[i]);
  const std::string_view rest = text.substr(i);
  if (rest[1] == 'u' && json::read_hex4(rest.substr(2)) < 0) return plain_unit('\\');
  Unit unit;
  std::string utf8;  // four bytes at most: never allocates
  json::append_utf8(json::read_escape(rest, unit.read), utf8);
  unit.count = utf8.size();
  std::copy(utf8.begin(), utf8.end(), unit.bytes.begin());
  unit.escaped = true;
  return unit;
}

constexpr bool is_number_character(char c) {
  return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Writes a text with its values masked, reading it once.
class JsonScrub {
 public:
  JsonScrub(DetectorSet detectors, std::string_view json, std::string& out)
      : detectors_(detectors),
        json_(json),
        out_(out),
        scan_(json, detectors.bits() | kEscapeKinds) {}

  bool run() {
    std::size_t i = 0;
    while (i < json_.size()) {
      const std::size_t quote = std::min(json_.find('"', i), json_.size());
      scrub_outside(i, quote);
      if (quote == json_.size()) break;
      i = scrub_string(quote + 1);
    }
    if (!masked_) return false;
    out_.append(json_.substr(kept_));
    return true;
  }

 private:
  // From inside a string's opening quote; returns what follows its closing quote.
  std::size_t scrub_string(std::size_t begin) {
    bool escapes = false;
    std::size_t end = begin;
    while (end < json_.size() && json_[end] != '"') {
      const bool escape = json_[end] == '\\' && end + 1 < json_.size();
      escapes = escapes || escape;
      end += escape ? 2 : 1;
    }
    if (!has_candidate(begin, end) || is_name(end + 1)) return end + 1;
    const std::string_view text = json_.substr(begin, end - begin);
    if (!escapes) {
      if (!find_values(detectors_, text, spans_)) return end + 1;
      for (const Span& span : spans_) mask({begin + span.begin, begin + span.end}, kMarker);
      return end + 1;
    }
    if (!find_encoded(detectors_, text, json_unit, encoded_)) return end + 1;
    const bool whole = std::any_of(encoded_.begin(), encoded_.end(),
                                   [](const EncodedSpan& found) { return found.escaped; });
    if (whole) {
      mask({begin, end}, kMarker);
    } else {
      for (const EncodedSpan& found : encoded_) {
        mask({begin + found.span.begin, begin + found.span.end}, kMarker);
      }
    }
    return end + 1;
  }

  // Whether a detector would look at, or an escape stands in, these bytes: most strings have
  // neither. To be asked from left to right.
  bool has_candidate(std::size_t begin, std::size_t end) {
    for (;;) {
      for (; next_ < scan_.end(); ++next_) {
        if (next_->at >= begin) return next_->at < end;
      }
      if (!scan_.next()) return false;
      next_ = scan_.begin();
    }
  }

  bool is_name(std::size_t after) const {
    while (after < json_.size() && is_blank(json_[after])) ++after;
    return after < json_.size() && json_[after] == ':';
  }

  // What stands between two strings: numbers, and in a text that is not JSON anything.
  void scrub_outside(std::size_t begin, std::size_t end) {
    if (!has_candidate(begin, end)) return;
    const std::string_view text = json_.substr(begin, end - begin);
    if (!find_values(detectors_, text, spans_)) return;
    std::size_t done = 0;  // no number begins before it that is still of interest
    for (const Span& span : spans_) {
      if (span.begin < done) continue;
      std::size_t first = span.begin;
      while (first > done && is_number_character(text[first - 1])) --first;
      const std::size_t number_end = first + json::number_length(text, first);
      done = std::max(span.end, number_end);
      // -4111111111111111 and 4111111111111111e2 are numbers, but no card's.
      const bool other_number =
          number_end > span.end || (number_end == span.end && first < span.begin);
      if (!other_number) mask({begin + span.begin, begin + span.end}, kMarkerJson);
    }
  }

  void mask(Span span, std::string_view marker) {
    if (!masked_) out_.clear();
    masked_ = true;
    out_.append(json_.substr(kept_, span.begin - kept_)).append(marker);
    kept_ = span.end;
  }

  DetectorSet detectors_;
  std::string_view json_;
  std::string& out_;
  CandidateScan scan_;
  const Candidate* next_ = scan_.begin();
  std::size_t kept_ = 0;  // up to here the text is in `out_`
  bool masked_ = false;
  std::vector<Span> spans_;
  std::vector<EncodedSpan> encoded_;
};

}  // namespace

bool Scrubber::scrub_json(std::string_view json, std::string& out) const {
  if (empty() || !may_have_values_in_json(detectors_, json)) return false;
  return JsonScrub(detectors_, json, out).run();
}

}  // namespace apitoolkit::redact
