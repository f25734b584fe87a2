#include "src/redact/engine/random_case.h"

#include <array>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "src/redact/engine/reference_json.h"

namespace apitoolkit::redact {
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

template <std::size_t size>
std::string_view one_of(Random& random, const std::string_view (&list)[size]) {
  static_assert(size <= 256);
  return list[random.below(size)];
}

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

std::string digits(Random& random, std::uint32_t count_bound) {
  std::string out(1, static_cast<char>('1' + random.below(9)));
  for (std::uint32_t n = random.below(count_bound); n > 0; --n) {
    out += static_cast<char>('0' + random.below(10));
  }
  return out;
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

class PathWriter {
 public:
  explicit PathWriter(Random& random) : random_(random) {}

  std::string path() {
    out_ = "$";
    for (std::uint32_t n = random_.below(5); n > 0; --n) segment(0);
    return std::move(out_);
  }

 private:
  // Paths are cut short at some size: filters may nest.
  bool long_enough() const { return out_.size() > 600; }

  void quoted_name() {
    add_string(random_, name(random_), random_.below(2) == 0 ? '\'' : '"', 12, out_);
  }

  void small_number(std::uint32_t bound, int shift) {
    out_ += std::to_string(static_cast<int>(random_.below(bound)) - shift);
  }

  void segment(int depth) {
    const bool descendant = random_.below(4) == 0;
    if (random_.below(6) == 0) {
      out_ += descendant ? ".." : ".";
      out_ += random_.below(4) == 0 ? std::string_view("*") : kNames[random_.below(7)];
      return;
    }
    if (descendant) out_ += "..";
    out_ += '[';
    selector(depth);
    while (random_.below(4) == 0) {
      out_ += ',';
      selector(depth);
    }
    out_ += ']';
  }

  void selector(int depth) {
    switch (long_enough() ? 0 : random_.below(7)) {
      case 0:
      case 1:
        quoted_name();
        break;
      case 2:
        out_ += '*';
        break;
      case 3:
        small_number(5, 2);
        break;
      case 4:
        if (random_.below(2) == 0) small_number(7, 3);
        out_ += ':';
        if (random_.below(2) == 0) small_number(7, 3);
        if (random_.below(2) == 0) {
          out_ += ':';
          small_number(7, 3);
        }
        break;
      default:
        out_ += '?';
        filter(depth);
        break;
    }
  }

  void literal() {
    constexpr std::string_view kWords[] = {"true", "false", "null", "''"};
    switch (random_.below(4)) {
      case 0:
        out_ += number(random_);
        break;
      case 1:
        out_ += one_of(random_, kWords);
        break;
      default:
        quoted_name();
        break;
    }
  }

  void singular(bool may_be_absolute) {
    out_ += may_be_absolute && random_.below(6) == 0 ? '$' : '@';
    for (std::uint32_t n = random_.below(3); n > 0; --n) {
      out_ += '[';
      if (random_.below(4) == 0) {
        small_number(4, random_.below(6) == 0 ? 2 : 0);
      } else {
        quoted_name();
      }
      out_ += ']';
    }
  }

  void comparison() {
    constexpr std::string_view kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
    out_ += one_of(random_, kOperators);
  }

  void filter(int depth) {
    if (depth < 3 && random_.below(4) == 0 && !long_enough()) {
      out_ += random_.below(2) == 0 ? "!(" : "(";
      filter(depth + 1);
      out_ += random_.below(2) == 0 ? "&&" : "||";
      filter(depth + 1);
      out_ += ')';
      return;
    }
    switch (random_.below(9)) {
      case 0:
        if (random_.below(4) == 0) out_ += '!';
        singular(true);
        break;
      case 1:
        literal();
        comparison();
        singular(false);
        break;
      case 2:
        pattern();
        break;
      case 3:
        singular(true);
        comparison();
        singular(true);
        break;
      case 4:
        call(depth);
        break;
      case 5:
        if (depth < 3 && !long_enough()) {
          out_ += random_.below(4) == 0 ? "!@" : "@";
          segment(depth + 2);
          break;
        }
        [[fallthrough]];
      default:
        singular(false);
        comparison();
        literal();
        break;
    }
  }

  // A pattern may stand in the path or in the text. One that is no I-Regexp never matches, and is
  // refused in a path; so the path then keeps to those that are.
  void pattern() {
    out_ += random_.below(2) == 0 ? "match(" : "search(";
    singular(false);
    out_ += ',';
    if (random_.below(3) == 0) {
      singular(true);
    } else {
      add_string(random_, kPatterns[random_.below(kGoodPatterns)], '\'', 12, out_);
    }
    out_ += ')';
  }

  void call(int depth) {
    if (random_.below(3) == 0) {
      out_ += "length(";
      singular(true);
    } else {
      out_ += random_.below(2) == 0 ? "count(@" : "value(@";
      if (depth < 3 && !long_enough()) segment(depth + 2);
    }
    out_ += ')';
    comparison();
    if (random_.below(4) == 0) {
      literal();
    } else {
      small_number(4, 0);
    }
  }

  Random& random_;
  std::string out_;
};

class TextWriter {
 public:
  explicit TextWriter(Random& random) : random_(random) {}

  std::string text() {
    if (random_.below(250) == 0) out_.append((1 + random_.below(160)) * 256, ' ');
    const std::uint32_t chain = chain_length();
    std::string closing;
    for (std::uint32_t i = 0; i < chain; ++i) open(closing);
    value(0);
    out_.append(closing.rbegin(), closing.rend());
    if (random_.below(12) == 0) damage();
    return std::move(out_);
  }

 private:
  // Containers around what is written otherwise; seldom as many as the engine allows, or more.
  std::uint32_t chain_length() {
    if (random_.below(24) != 0) return 0;
    if (random_.below(40) != 0) return random_.below(40);
    return 1000 + random_.below(30);
  }

  void open(std::string& closing) {
    if (random_.below(2) == 0) {
      out_ += '[';
      if (random_.below(8) == 0) out_ += "1,";
      closing += ']';
      return;
    }
    out_ += '{';
    string(name(random_));
    out_ += ':';
    closing += '}';
  }

  void blanks() {
    if (random_.below(8) != 0) return;
    out_.append(random_.below(5) == 0 ? random_.below(70) : random_.below(3),
                " \n\t\r"[random_.below(4)]);
  }

  void string(std::string_view text) {
    constexpr std::string_view kLone[] = {"\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\ud83d\\u0061"};
    add_string(random_, text, '"', 12, out_);
    if (random_.below(20) != 0) return;
    out_.pop_back();
    out_ += one_of(random_, kLone);
    if (random_.below(2) == 0) out_ += text.substr(0, text.find_first_of("\"\\\n\b\x01"));
    out_ += '"';
  }

  // Runs of backslashes and quotes, and what looks like structure, over the borders of blocks.
  void long_string() {
    constexpr std::string_view kPieces[] = {
        "a",       "\\\\",           "\\\"",   "\\\\\\\\\\\"", "[1,{",         "}],:",
        "\\u0022", "\\ud83d\\ude00", "\\/\\b", " \\n\\t",      "\xe2\x82\xac", "\xf0\x9f\x98\x80",
        "\\u000a", "\xc3\xa9"};
    out_ += '"';
    out_.append(random_.below(70), 'a');
    for (std::uint32_t n = random_.below(40); n > 0; --n) out_ += one_of(random_, kPieces);
    out_ += '"';
  }

  void scalar() {
    constexpr std::string_view kWords[] = {"true", "false", "null"};
    switch (random_.below(8)) {
      case 0:
        out_ += one_of(random_, kWords);
        break;
      case 1:
      case 2:
      case 3:
        out_ += number(random_);
        break;
      case 4:
        if (random_.below(4) == 0) {
          long_string();
          break;
        }
        string(one_of(random_, kPatterns));
        break;
      default:
        string(name(random_));
        break;
    }
  }

  void value(int depth) {
    blanks();
    const std::uint32_t kind = random_.exhausted() ? 0
                                                   : random_.below(depth == 0  ? 24
                                                                   : depth > 5 ? 2
                                                                               : 6);
    if (kind < 2) {
      scalar();
    } else {
      const bool object = kind % 2 == 0;
      out_ += object ? '{' : '[';
      blanks();
      for (std::uint32_t i = 0, n = random_.below(6); i < n; ++i) {
        if (i > 0) out_ += ',';
        if (object) {
          blanks();
          string(name(random_));
          blanks();
          out_ += ':';
        }
        value(depth + 1);
      }
      out_ += object ? '}' : ']';
    }
    blanks();
  }

  // One byte more, less or another somewhere in what was written.
  void damage() {
    constexpr std::string_view kBytes("{}[]\"\\,:x0-.e \t\n\x01\x80\xc3\xff\0", 21);
    const std::size_t at =
        (std::size_t{random_.below(256)} * 256 + random_.below(256)) % out_.size();
    const char byte = kBytes[random_.below(static_cast<std::uint32_t>(kBytes.size()))];
    switch (random_.below(3)) {
      case 0:
        out_.insert(at, 1, byte);
        break;
      case 1:
        out_[at] = byte;
        break;
      default:
        out_.erase(at, 1);
        break;
    }
  }

  Random& random_;
  std::string out_;
};

}  // namespace

std::uint32_t Random::below(std::uint32_t bound) {
  if (!from_bytes_) return static_cast<std::uint32_t>(engine_()) % bound;
  if (bytes_.empty()) return bound - 1;  // which ends the loops above
  const std::uint32_t byte = bytes_.front();
  bytes_ = bytes_.subspan(1);
  return byte % bound;
}

std::string random_path(Random& random) {
  return PathWriter(random).path();
}

std::string random_text(Random& random) {
  return TextWriter(random).text();
}

std::string random_string(Random& random, std::string_view value) {
  std::string out;
  add_string(random, value, '"', 12, out);
  return out;
}

}  // namespace apitoolkit::redact
