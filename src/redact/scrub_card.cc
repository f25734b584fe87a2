// Card numbers: ISO/IEC 7812 prefixes of the large issuers with their lengths, and the Luhn digit.
//
//   card  = 13*19DIGIT / group *(sep group)      ; the groups as they are printed, see kPrinted
//   sep   = " " / "-"
#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "src/redact/ascii.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {
namespace {

constexpr std::size_t kDigitsMin = 13;
constexpr std::size_t kDigitsMax = 19;
constexpr std::size_t kGroupsMax = 5;

// Digits from `at`, group by group. A group is a maximal run of digits; two groups belong together
// if exactly one space or dash stands between them.
struct Groups {
  std::array<char, kDigitsMax> digits{};
  std::array<std::size_t, kGroupsMax> sizes{};
  std::array<std::size_t, kGroupsMax> ends{};  // offsets in the text
  std::size_t count = 0;
};

Groups read_groups(std::string_view text, std::size_t at) {
  Groups groups;
  std::size_t total = 0;
  while (groups.count < kGroupsMax) {
    const std::size_t begin = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (total == kDigitsMax) return groups;  // this group makes it too long
      groups.digits[total++] = text[at];
    }
    if (at == begin) return groups;
    groups.sizes[groups.count] = at - begin;
    groups.ends[groups.count++] = at;
    if (at == text.size() || (text[at] != ' ' && text[at] != '-')) return groups;
    ++at;
  }
  return groups;
}

// Whether the first `count` groups look like a card: digits in one piece, in fours with a rest, or
// as some issuers print them. Lists of numbers, dates and telephone numbers do not.
bool is_printed_like_a_card(const Groups& groups, std::size_t count) {
  static constexpr std::array<std::size_t, 3> kPrinted[] = {
      {4, 6, 5},   // American Express
      {4, 6, 4},   // Diners
      {4, 5, 6},   // Maestro
      {4, 4, 5},   // Maestro, Visa of 13 digits
      {6, 13, 0},  // UnionPay
      {8, 8, 0},   // an eight-digit issuer, and the rest
  };
  const auto* const begin = groups.sizes.begin();
  const auto* const end = begin + count;
  if (count == 1) return true;
  if (groups.sizes[count - 1] <= 4 && std::all_of(begin, end - 1, [](auto n) { return n == 4; })) {
    return true;
  }
  return std::any_of(std::begin(kPrinted), std::end(kPrinted), [&](const auto& printed) {
    const std::size_t parts = printed[2] == 0 ? 2 : 3;
    return parts == count && std::equal(begin, end, printed.begin());
  });
}

// A range of issuer prefixes, all of the same number of digits, and the lengths they have.
struct Issuer {
  std::uint32_t first;
  std::uint32_t last;
  std::uint8_t prefix_digits;
  std::uint32_t lengths;  // bit n: n digits
};

constexpr std::uint32_t lengths(std::size_t from, std::size_t to) {
  std::uint32_t bits = 0;
  for (std::size_t n = from; n <= to; ++n) bits |= 1U << n;
  return bits;
}

constexpr Issuer kIssuers[] = {
    {4, 4, 1, lengths(13, 13) | lengths(16, 16) | lengths(19, 19)},  // Visa
    {51, 55, 2, lengths(16, 16)},                                    // Mastercard
    {2221, 2720, 4, lengths(16, 16)},                                // Mastercard, since 2017
    {34, 34, 2, lengths(15, 15)},                                    // American Express
    {37, 37, 2, lengths(15, 15)},
    {6011, 6011, 4, lengths(16, 19)},  // Discover
    {644, 649, 3, lengths(16, 19)},
    {65, 65, 2, lengths(16, 19)},
    {300, 305, 3, lengths(14, 19)},  // Diners
    {3095, 3095, 4, lengths(14, 19)},
    {36, 36, 2, lengths(14, 19)},
    {38, 39, 2, lengths(14, 19)},
    {3528, 3589, 4, lengths(16, 19)},  // JCB
    {62, 62, 2, lengths(16, 19)},      // UnionPay
    {5018, 5018, 4, lengths(13, 19)},  // Maestro
    {5020, 5020, 4, lengths(13, 19)},
    {5038, 5038, 4, lengths(13, 19)},
    {5893, 5893, 4, lengths(13, 19)},
    {6304, 6304, 4, lengths(13, 19)},
    {6390, 6390, 4, lengths(13, 19)},
    {6759, 6759, 4, lengths(13, 19)},
    {6761, 6763, 4, lengths(13, 19)},
};

bool is_issued(std::string_view digits) {
  std::array<std::uint32_t, 5> prefix{};  // prefix[n]: the first n digits
  for (std::size_t n = 1; n < prefix.size(); ++n) {
    prefix[n] = prefix[n - 1] * 10 + static_cast<std::uint32_t>(digits[n - 1] - '0');
  }
  return std::any_of(std::begin(kIssuers), std::end(kIssuers), [&](const Issuer& issuer) {
    const std::uint32_t value = prefix[issuer.prefix_digits];
    return value >= issuer.first && value <= issuer.last &&
           (issuer.lengths >> digits.size() & 1U) != 0;
  });
}

// Every second digit from the right, but one, counts twice; the digits of the sum of all add up to
// a multiple of ten.
bool passes_luhn(std::string_view digits) {
  std::uint32_t sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const auto value = static_cast<std::uint32_t>(*digit - '0') * (twice ? 2U : 1U);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

bool is_card_number(std::string_view digits) {
  return is_issued(digits) && digits.find_first_not_of(digits.front()) != std::string_view::npos &&
         passes_luhn(digits);
}

// "3.4111111111111111" and "4111111111111111.5" are numbers with a fraction.
bool is_part_of_a_decimal(std::string_view text, const Span& span) {
  if (span.begin >= 2 && text[span.begin - 1] == '.' && is_digit(text[span.begin - 2])) return true;
  return span.end + 1 < text.size() && text[span.end] == '.' && is_digit(text[span.end + 1]);
}

bool is_hex_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'f';
}

// Whether the span is the inside of a digest, a trace id or a UUID: a hexadecimal letter touches
// it, and with what is around it makes a word of 24 or more hexadecimal digits and dashes.
// Otherwise a letter beside a card number does not hide it ("PAN4111…").
bool is_part_of_a_digest(std::string_view text, const Span& span) {
  constexpr std::size_t kDigestMin = 24;
  const bool touched = (span.begin > 0 && is_hex_letter(text[span.begin - 1])) ||
                       (span.end < text.size() && is_hex_letter(text[span.end]));
  if (!touched) return false;
  const auto belongs = [](char c) { return is_digit(c) || is_hex_letter(c) || c == '-'; };
  std::size_t begin = span.begin;
  while (begin > 0 && span.begin - begin < kDigestMin && belongs(text[begin - 1])) --begin;
  std::size_t end = span.end;
  while (end < text.size() && end - span.end < kDigestMin && belongs(text[end])) ++end;
  const bool other_word = (begin > 0 && is_letter(text[begin - 1]) && !belongs(text[begin - 1])) ||
                          (end < text.size() && is_letter(text[end]) && !belongs(text[end]));
  return !other_word && end - begin >= kDigestMin;
}

}  // namespace

std::optional<Span> match_card(std::string_view text, std::size_t at) {
  if (at > 0 && is_digit(text[at - 1])) return std::nullopt;
  const Groups groups = read_groups(text, at);
  std::array<std::size_t, kGroupsMax + 1> totals{};
  for (std::size_t i = 0; i < groups.count; ++i) totals[i + 1] = totals[i] + groups.sizes[i];
  // The longest first: what follows a number may belong to it or not ("4111 1111 1111 1111 123").
  for (std::size_t count = groups.count; count > 0 && totals[count] >= kDigitsMin; --count) {
    const Span span{at, groups.ends[count - 1]};
    if (is_printed_like_a_card(groups, count) &&
        is_card_number({groups.digits.data(), totals[count]}) &&
        !is_part_of_a_decimal(text, span) && !is_part_of_a_digest(text, span)) {
      return span;
    }
  }
  return std::nullopt;
}

}  // namespace apitoolkit::redact
