// What each detector takes for a value, asked at one place of a text.
//
// A detector is anchored: it is asked only where something stands that every value of its kind has
// (scrub_candidates.h finds those places), and looks around that place. All but the JWT's look at a
// bounded number of bytes, or, for the bearer's, at bytes that no other anchor makes them look at
// again; so that a whole text costs linear time.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "src/redact/splice.h"

namespace apitoolkit::redact {

// The shortest value that any detector finds: "a@b.cc".
inline constexpr std::size_t kValueBytesMin = 6;

// ASCII only, and without regard to the locale. Bytes of other characters are none of these.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}

// Whether a word can begin at `i`: at the start, after what is neither letter nor digit, or after
// an escape sequence that stands in the text as two characters ("\nDE89…" in a printed string).
inline bool begins_word(std::string_view text, std::size_t i) {
  if (i == 0 || !is_alphanumeric(text[i - 1])) return true;
  constexpr std::string_view kEscapes = "bfnrt";
  return i >= 2 && text[i - 2] == '\\' && kEscapes.find(text[i - 1]) != std::string_view::npos;
}

// A card number whose first digit is at `at`.
std::optional<Span> match_card(std::string_view text, std::size_t at);
// An IBAN whose country code is at `at`.
std::optional<Span> match_iban(std::string_view text, std::size_t at);
// A social security number whose first digit is at `at`.
std::optional<Span> match_ssn(std::string_view text, std::size_t at);
// An email address whose "@" is at `at`.
std::optional<Span> match_email(std::string_view text, std::size_t at);
// The token after the word "bearer" that begins at `at`.
std::optional<Span> match_bearer(std::string_view text, std::size_t at);

// What is known of the run of base64url characters that match_jwt was last asked about, so that it
// need not be read again for each place in it.
struct JwtRun {
  std::size_t end = 0;   // where the run ends
  std::size_t done = 0;  // no token begins before
};

// A JWT whose header begins at `at`. To be asked from left to right, with the same `run`.
std::optional<Span> match_jwt(std::string_view text, std::size_t at, JwtRun& run);

}  // namespace apitoolkit::redact
