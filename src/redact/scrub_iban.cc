// International bank account numbers, ISO 13616.
//
//   iban = 2ALPHA 2DIGIT *ALPHANUM     ; as long as the country says; after each four characters a
//                                      ; single space may stand; any case
//
// The letters count as 10 to 35; with the first four characters moved to the end, the number leaves
// a remainder of 1 when divided by 97.
#include <algorithm>
#include <cstdint>
#include <iterator>

#include "src/redact/ascii.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {
namespace {

struct Country {
  char code[3];
  std::uint8_t length;
};

// The registry of SWIFT, by code.
constexpr Country kCountries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26},
    {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20},
    {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20},
    {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
    {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25},
    {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
    {"YE", 30},
};

// How many characters an IBAN of that country has; 0 if the country has none.
std::size_t iban_length(char first, char second) {
  const auto key = [](char a, char b) { return (to_lower(a) << 8) | to_lower(b); };
  const auto* const found =
      std::lower_bound(std::begin(kCountries), std::end(kCountries), key(first, second),
                       [&](const Country& country, int wanted) {
                         return key(country.code[0], country.code[1]) < wanted;
                       });
  if (found == std::end(kCountries)) return 0;
  return key(found->code[0], found->code[1]) == key(first, second) ? found->length : 0;
}

std::uint32_t append_mod_97(std::uint32_t remainder, char c) {
  if (is_digit(c)) return (remainder * 10 + static_cast<std::uint32_t>(c - '0')) % 97;
  return (remainder * 100 + static_cast<std::uint32_t>(to_lower(c) - 'a') + 10) % 97;
}

}  // namespace

std::optional<Span> match_iban(std::string_view text, std::size_t at) {
  if (text.size() - at < 4 || !is_letter(text[at]) || !is_letter(text[at + 1]) ||
      !is_digit(text[at + 2]) || !is_digit(text[at + 3]) || !begins_word(text, at)) {
    return std::nullopt;
  }
  const std::size_t length = iban_length(text[at], text[at + 1]);
  if (length == 0) return std::nullopt;
  std::uint32_t remainder = 0;
  std::size_t i = at + 4;
  for (std::size_t read = 4; read < length; ++read, ++i) {
    if (read % 4 == 0 && i < text.size() && text[i] == ' ') ++i;
    if (i == text.size() || !is_alphanumeric(text[i])) return std::nullopt;
    remainder = append_mod_97(remainder, text[i]);
  }
  if (i < text.size() && is_alphanumeric(text[i])) return std::nullopt;
  for (const char c : text.substr(at, 4)) remainder = append_mod_97(remainder, c);
  if (remainder != 1) return std::nullopt;
  return Span{at, i};
}

}  // namespace apitoolkit::redact
