#include "src/cli/terminal_text.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "src/json/utf8.h"

namespace apitoolkit::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// C1 controls; soft hyphen; Arabic letter mark; fillers; zero-width and directions; separators;
// invisible operators and isolates; byte order mark, specials; musical and tag controls.
constexpr std::array kHidden{Range{0x80, 0x9F},       Range{0xAD, 0xAD},      Range{0x61C, 0x61C},
                             Range{0x115F, 0x1160},   Range{0x180B, 0x180F},  Range{0x200B, 0x200F},
                             Range{0x2028, 0x202E},   Range{0x2060, 0x206F},  Range{0x3164, 0x3164},
                             Range{0xFEFF, 0xFEFF},   Range{0xFFA0, 0xFFA0},  Range{0xFFF0, 0xFFFB},
                             Range{0x1D173, 0x1D17A}, Range{0xE0000, 0xE0FFF}};

constexpr std::array kWide{
    Range{0x1100, 0x115E},   Range{0x2E80, 0x303E},   Range{0x3041, 0xA4CF},
    Range{0xA960, 0xA97C},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1FAFF},
    Range{0x20000, 0x3FFFD}};

constexpr std::array kCombining{Range{0x300, 0x36F},   Range{0x483, 0x489},   Range{0x591, 0x5BD},
                                Range{0x610, 0x61A},   Range{0x64B, 0x65F},   Range{0x1AB0, 0x1AFF},
                                Range{0x1DC0, 0x1DFF}, Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
                                Range{0xFE20, 0xFE2F}};

// Bytes of the UTF-8 sequence at the beginning of `text`, and what it stands for; 0 if there is
// none.
std::size_t read_character(std::string_view text, char32_t& out) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < size || !json::is_valid_utf8(text.substr(0, size))) return 0;
  out = size == 1 ? first : first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    out = out << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return size;
}

void append_hex(std::string& out, const char* prefix, std::uint32_t value, int digits) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%s%0*x", prefix, digits, value);
  out += buffer.data();
}

std::size_t columns_of_character(char32_t c) {
  if (is_in(kCombining, c)) return 0;
  return is_in(kWide, c) ? 2 : 1;
}

}  // namespace

std::string shown(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    char32_t c = 0;
    const std::size_t size = read_character(text, c);
    if (size == 0) {
      append_hex(out, "\\x", static_cast<unsigned char>(text[0]), 2);
      text.remove_prefix(1);
      continue;
    }
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7F) {
      append_hex(out, "\\x", c, 2);
    } else if (is_in(kHidden, c)) {
      append_hex(out, c > 0xFFFF ? "\\U" : "\\u", c, c > 0xFFFF ? 8 : 4);
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    char32_t c = 0;
    const std::size_t size = std::max<std::size_t>(read_character(text, c), 1);
    columns += columns_of_character(c);
    text.remove_prefix(size);
  }
  return columns;
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t end = 0;
  while (end < text.size()) {
    char32_t c = 0;
    const std::size_t size = std::max<std::size_t>(read_character(text.substr(end), c), 1);
    const std::size_t more = columns_of_character(c);
    if (used + more > columns - 1) break;
    used += more;
    end += size;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string in_colour(const std::string& text, const char* code, bool coloured) {
  if (!coloured) return text;
  return "\x1b[" + std::string(code) + "m" + text + "\x1b[0m";
}

bool stdout_has_colours() {
  // There are no other threads yet.
  const char* none = std::getenv("NO_COLOR");  // NOLINT(concurrency-mt-unsafe)
  const char* terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe)
  return isatty(STDOUT_FILENO) != 0 && (none == nullptr || *none == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace apitoolkit::cli
