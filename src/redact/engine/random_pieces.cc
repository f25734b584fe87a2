#include "src/redact/engine/random_pieces.h"

#include <array>
#include <cstdio>

#include "src/redact/engine/reference_json.h"

namespace apitoolkit::redact::pieces {
namespace {

// The first four are chosen most often, so that paths and texts meet.
constexpr std::string_view kNames[] = {
    "a",
    "b",
    "c",
    "x",
    "long_name",
    "long_nam2",
    "another_long_name",
    "",
    // As long as a word less one, a word, a word and one; a beginning of each other.
    "abcdefg",
    "abcdefgh",
    "abcdefghi",
    "abcdefghijklmno",
    "abcdefghijklmnop",
    "abcdefghijklmnopq",
    "a_name_that_is_longer_than_the_sixty_four_bytes_of_one_block_is_x",
    // What a reader of bytes could take for the end of a name, or for structure.
    "\"",
    "a\"",
    "\"a",
    "a\":\"b",
    "a\":",
    "\\",
    "a\\",
    "a\\\"b",
    "\\u0061",
    ":",
    "a:b",
    "},{",
    "'",
    "/",
    " ",
    "\n",
    "\b\f\r\t",
    "\x01\x1f\x7f",
    // UTF-8 of two, three and four bytes; what a lone surrogate is read as.
    "é",
    "\xe2\x82\xac",
    "\U0001F600",
    "\xef\xbf\xbd",
    "a\xef\xbf\xbd",
};

constexpr std::string_view kNumbers[] = {
    "1",
    "2",
    "2.5",
    "1.0",
    "-3",
    "1e0",
    "0",
    "-0",
    "0.0e7",
    "10e-1",
    "0.1E+1",
    "100e-2",
    "250e-2",
    "123456789012345678901",
    "123456789012345678902",
    "12345678901234567890.1e1",
    "-123456789012345678901.000",
    "9007199254740992",
    "9007199254740993",
    "0.1",
    "1e400",
    "1e-400",
    "1e9223372036854775807",
    "1e9223372036854775808",
    "10e9223372036854775807",
    "-1e18446744073709551616",
    "1e9999999999999999999",
    "1e-9999999999999999999",
    "1e10000000000000000000",
    "10e9999999999999999999",
    "1e000000000000000000000001",
};

// The last ones are no I-Regexps: those never match, and a path that holds one is refused.
constexpr std::string_view kPatterns[] = {
    "[ax]*",  "a|b",     ".*",       "a.",     "[^a]+",      "(a|b|long_)+.*",
    "x{1,2}", "\\p{Ll}", "\\P{L}*",  "",       "[a-f\\-]+",  "[\\p{Lu}_a]",
    "^a",     "e$",      "(a*)*b?",  "\\.",    "a{0,3}b{0}", "[0-9:\"]",
    "\\\\",   "a\"?.*",  "[\\n-~]+", "\\p{C}", "[]",         "a**",
    "(?:a)",  "[z-a]",   "\\d",      "a{2,1}",
};
constexpr std::uint32_t kGoodPatterns = 22;

std::string escaped_unit(char32_t unit, bool upper) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), upper ? "\\u%04X" : "\\u%04x",
                static_cast<unsigned>(unit));
  return text.data();
}

// One character of a string, in one of the ways in which JSON and JSONPath write it.
void add_character(Random& random, char32_t c, char quote, std::uint32_t escape_of,
                   std::string& out) {
  constexpr std::string_view kShortForms = "bfnrt\\/";
  constexpr std::string_view kMeanings = "\b\f\n\r\t\\/";
  const bool must = c < 0x20 || c == U'\\' || c == static_cast<char32_t>(quote);
  if (!must && random.below(escape_of) != 0) {
    out += reference::utf8(c);
    return;
  }
  const std::size_t which = c < 0x80 ? kMeanings.find(static_cast<char>(c)) : std::string::npos;
  if (random.below(2) == 0 && which != std::string::npos) {
    out += '\\';
    out += kShortForms[which];
  } else if (random.below(2) == 0 && c == static_cast<char32_t>(quote)) {
    out += '\\';
    out += quote;
  } else if (c < 0x10000) {
    out += escaped_unit(c, random.below(2) == 0);
  } else {
    out += escaped_unit(0xD800 + (c - 0x10000) / 0x400, random.below(2) == 0);
    out += escaped_unit(0xDC00 + (c - 0x10000) % 0x400, random.below(2) == 0);
  }
}

std::string digits(Random& random, std::uint32_t count_bound) {
  std::string out(1, static_cast<char>('1' + random.below(9)));
  for (std::uint32_t n = random.below(count_bound); n > 0; --n) {
    out += static_cast<char>('0' + random.below(10));
  }
  return out;
}

}  // namespace

void add_string(Random& random, std::string_view text, char quote, std::uint32_t escape_of,
                std::string& out) {
  const std::u32string characters = reference::characters(text).value_or(std::u32string());
  out += quote;
  for (const char32_t c : characters) {
    add_character(random, c, quote, escape_of, out);
  }
  out += quote;
}

std::string_view name(Random& random) {
  if (random.below(3) != 0) return kNames[random.below(4)];
  return one_of(random, kNames);
}

std::string_view plain_name(Random& random) {
  return kNames[random.below(7)];
}

std::string_view good_pattern(Random& random) {
  return kPatterns[random.below(kGoodPatterns)];
}

std::string_view pattern(Random& random) {
  return one_of(random, kPatterns);
}

std::string number(Random& random) {
  if (random.below(8) != 0) return std::string(one_of(random, kNumbers));
  std::string out = random.below(2) == 0 ? "-" : "";
  out += digits(random, random.below(4) == 0 ? 60 : 3);
  if (random.below(2) == 0) out += '.' + digits(random, 30);
  if (random.below(2) == 0) {
    constexpr std::string_view kExponents[] = {"e", "E", "e+", "e-"};
    out += one_of(random, kExponents);
    out += digits(random, 25);
  }
  return out;
}

}  // namespace apitoolkit::redact::pieces
