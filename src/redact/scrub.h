// Finds secrets by what they look like rather than by where they stand, and masks them.
//
//   auto scrubber = redact::Scrubber::compile(std::vector<std::string>{"email", "jwt"}, "scrub");
//   std::string out;
//   if (scrubber->scrub_text("mail bob@example.com", out)) send(out);  // mail [CLIENT_REDACTED]
//
// Every detector reads the text as it came, independently of the others; values that overlap are
// masked by one marker. What each detector takes for a value is in docs/scrubbing.md. All three
// functions take time linear in the text and never recurse. Where nothing is found they allocate
// nothing, but for the decoded form of a text of more than 4 KB that has escapes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::redact {

enum class Detector : std::uint8_t { kCreditCard, kJwt, kEmail, kIban, kSsn, kBearer };

// The name in configuration: credit_card, jwt, email, iban, ssn, bearer.
std::string_view to_string(Detector detector);

// A set of detectors.
class DetectorSet {
 public:
  constexpr void add(Detector detector) { bits_ |= bit(detector); }
  constexpr bool has(Detector detector) const { return (bits_ & bit(detector)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint8_t bits() const { return bits_; }

 private:
  static constexpr std::uint8_t bit(Detector detector) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(detector));
  }
  std::uint8_t bits_ = 0;
};

// A set of detectors, ready to run. Immutable; threads may share it.
//
// The functions that take `out` return whether anything was masked. If so they replace `out`, which
// must not be what `text` points into; if not they leave it alone.
class Scrubber {
 public:
  // `argument` names the setting in errors: `scrub[1]: "emial": expected one of credit_card, jwt,
  // email, iban, ssn, bearer; did you mean "email"?`. A name may be given twice.
  static Result<Scrubber> compile(std::span<const std::string> names, std::string_view argument);

  // A scrubber that finds nothing.
  Scrubber() = default;
  explicit Scrubber(DetectorSet detectors) : detectors_(detectors) {}
  bool empty() const { return detectors_.empty(); }

  // Plain text, such as an error message or a stack trace: each value becomes kMarker, every other
  // byte is kept. Any bytes will do; what is not ASCII delimits.
  bool scrub_text(std::string_view text, std::string& out) const;
  std::string scrub_text(std::string_view text) const;

  // Text in which values may be percent-encoded: a URL, a form, a header's value. It is searched
  // decoded once, with "+" both as itself and as a space, and what encodes a value is replaced.
  bool scrub_url(std::string_view url, std::string& out) const;
  std::string scrub_url(std::string_view url) const;

  // A JSON text: string values are searched unescaped, so that no escape hides a value, and only
  // the value found is replaced, or the whole string where an escape is part of it. A number that
  // is a card number becomes the marker as a string. Member names stay: masking them could make two
  // members one. A valid text stays valid. One that is not (truncated, say) is read as far as its
  // quotes go, and what stands outside them is searched as text.
  bool scrub_json(std::string_view json, std::string& out) const;
  std::string scrub_json(std::string_view json) const;

 private:
  DetectorSet detectors_;
};

}  // namespace apitoolkit::redact
