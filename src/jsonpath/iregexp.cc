#include "src/jsonpath/iregexp.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "src/base/limits.h"
#include "src/json/utf8.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::string_view kTooMany = "9999";  // repetitions; RE2 allows 1000

constexpr std::string_view kCategories[] = {
    "L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",  "Mc", "Me", "Mn", "N",  "Nd",
    "Nl", "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "Z",  "Zl",
    "Zp", "Zs", "S",  "Sc", "Sk", "Sm", "So", "C",  "Cc", "Cf", "Cn", "Co",
};

// Every code point that Unicode assigns, as members of a character class.
constexpr std::string_view kAssigned = R"(\pL\pM\pN\pP\pS\pZ\p{Cc}\p{Cf}\p{Co}\p{Cs})";

void append_range(char32_t first, char32_t last, std::string& out) {
  std::array<char, 40> text{};
  const int length = std::snprintf(text.data(), text.size(), "\\x{%X}-\\x{%X}",
                                   static_cast<unsigned>(first), static_cast<unsigned>(last));
  out.append(text.data(), static_cast<std::size_t>(length));
}

// RE2 knows no \p{Cn}, and a class cannot hold the complement of several categories. So the
// unassigned code points are listed, by asking RE2's own tables once.
std::string list_unassigned() {
  std::string text;
  text.reserve(std::size_t{4} << 20);
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c < 0xD800 || c > 0xDFFF) json::append_utf8(c, text);
  }
  const RE2 run("([^" + std::string(kAssigned) + "]+)");
  re2::StringPiece rest(text);
  re2::StringPiece found;
  std::string ranges;
  while (RE2::FindAndConsume(&rest, run, &found)) {
    std::size_t last = found.size() - 1;
    while ((static_cast<unsigned char>(found[last]) & 0xC0) == 0x80) --last;
    const std::string_view bytes(found.data(), found.size());
    append_range(json::decode_utf8(bytes), json::decode_utf8(bytes.substr(last)), ranges);
  }
  return ranges;
}

const std::string& unassigned() {
  static const auto* const ranges = new std::string(list_unassigned());  // never destroyed
  return *ranges;
}

// As members of a character class.
void append_category(std::string_view category, bool complement, std::string& out) {
  if (category == "Cn") {
    out += complement ? kAssigned : std::string_view(unassigned());
  } else if (category == "C") {
    // All that is no other category; RE2's own \pC leaves out what is unassigned.
    if (complement) {
      out += R"(\pL\pM\pN\pP\pS\pZ)";
    } else {
      out += R"(\p{Cc}\p{Cf}\p{Co}\p{Cs})";
      out += unassigned();
    }
  } else {
    out += complement ? "\\P{" : "\\p{";
    out += category;
    out += '}';
  }
}

class Translator {
 public:
  // `spell_out`: what RE2 has no name for; else it only stays within the grammar, in a text that is
  // about as long as the pattern.
  Translator(std::string_view pattern, bool spell_out) : rest_(pattern), spell_out_(spell_out) {}

  tl::expected<std::string, PatternError> translate() {
    if (alternatives() && rest_.empty()) return std::move(out_);
    return tl::unexpected(too_large_ ? PatternError::kTooLarge : PatternError::kSyntax);
  }

 private:
  bool too_large() {
    too_large_ = true;
    return false;
  }

  bool accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take(std::size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  bool alternatives() {
    if (++depth_ > 1 + limits::kJsonpathDepthMax) return too_large();
    do {
      while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
        if (!atom() || !quantifier()) return false;
      }
      if (!rest_.empty() && rest_.front() == '|') out_ += '|';
    } while (accept('|'));
    --depth_;
    return true;
  }

  bool atom() {
    const char c = rest_.front();
    if (c == '(') {
      take(1);
      out_ += "(?:";
      if (!alternatives() || !accept(')')) return false;
      out_ += ')';
      return true;
    }
    if (c == '[') return char_class();
    if (c == '\\') return escape(false);
    if (c == '.') {
      take(1);
      out_ += R"([^\n\r])";
      return true;
    }
    if (std::string_view("*+?{}]").find(c) != std::string_view::npos) return false;
    literal();
    return true;
  }

  // One character that stands for itself; RE2's other special characters cannot come here, but for
  // the anchors.
  void literal() { out_ += take(json::utf8_sequence(rest_)); }

  bool quantifier() {
    if (rest_.empty()) return true;
    const char c = rest_.front();
    if (c == '*' || c == '+' || c == '?') {
      out_ += take(1);
      return true;
    }
    if (c != '{') return true;
    take(1);
    const std::optional<std::string_view> least = count();
    if (!least) return false;
    out_ += '{';
    out_ += *least;
    if (accept(',')) {
      out_ += ',';
      if (!rest_.empty() && rest_.front() != '}') {
        const std::optional<std::string_view> most = count();
        if (!most || less(*most, *least)) return false;
        out_ += *most;
      }
    }
    out_ += '}';
    return accept('}');
  }

  // RE2 takes what it cannot read as a count for characters that stand for themselves: "{007}", and
  // counts of nine digits. So leading zeros go, and what is over RE2's limit stays just over it.
  std::optional<std::string_view> count() {
    std::size_t length = 0;
    while (length < rest_.size() && rest_[length] >= '0' && rest_[length] <= '9') ++length;
    if (length == 0) return std::nullopt;
    std::string_view digits = take(length);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return digits.size() > kTooMany.size() ? kTooMany : digits;
  }

  static bool less(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }

  // `inside` a character class or not.
  bool escape(bool inside) {
    if (rest_.size() < 2) return false;
    const char c = rest_[1];
    if (c == 'p' || c == 'P') {
      take(2);
      if (!accept('{')) return false;
      const std::string_view category = take(std::min(rest_.find('}'), rest_.size()));
      if (!accept('}')) return false;
      if (std::find(std::begin(kCategories), std::end(kCategories), category) ==
          std::end(kCategories)) {
        return false;
      }
      if (!inside) out_ += '[';
      if (spell_out_) append_category(category, c == 'P', out_);
      if (!inside) out_ += ']';
      return out_.size() <= static_cast<std::size_t>(limits::kRegexBytesMax) || too_large();
    }
    if (std::string_view("()*+-.?[\\]^nrt{|}").find(c) == std::string_view::npos) return false;
    out_ += take(2);
    return true;
  }

  bool char_class() {
    take(1);
    out_ += accept('^') ? "[^" : "[";
    bool first = true;
    while (!accept(']')) {
      if (accept('-')) {  // itself, but only at either end
        if (!first && (rest_.empty() || rest_.front() != ']')) return false;
        out_ += "\\-";
      } else if (!class_item()) {
        return false;
      }
      first = false;
    }
    out_ += ']';
    return !first;
  }

  bool class_item() {
    if (rest_.size() > 1 && rest_[0] == '\\' && (rest_[1] == 'p' || rest_[1] == 'P')) {
      return escape(true);
    }
    const std::optional<char32_t> first = class_char();
    if (!first) return false;
    if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
      take(1);
      out_ += '-';
      const std::optional<char32_t> last = class_char();
      return last && *first <= *last;
    }
    return true;
  }

  // The character that it stands for.
  std::optional<char32_t> class_char() {
    if (rest_.empty()) return std::nullopt;
    char c = rest_.front();
    if (c == '\\') {
      if (rest_.size() < 2 || rest_[1] == 'p' || rest_[1] == 'P') return std::nullopt;
      c = rest_[1];
      if (!escape(true)) return std::nullopt;
      return c == 'n' ? U'\n' : c == 'r' ? U'\r' : c == 't' ? U'\t' : static_cast<char32_t>(c);
    }
    if (c == '-' || c == '[' || c == ']') return std::nullopt;
    if (c == '^') out_ += '\\';  // "[\^" is never a negation
    const char32_t character = json::decode_utf8(rest_);
    literal();
    return character;
  }

  std::string_view rest_;
  bool spell_out_;
  bool too_large_ = false;
  std::string out_;
  int depth_ = 0;
};

}  // namespace

tl::expected<std::string, PatternError> translate_iregexp(std::string_view pattern) {
  // First the grammar alone: what is no I-Regexp costs no more than its length.
  auto checked = Translator(pattern, false).translate();
  return checked ? Translator(pattern, true).translate() : checked;
}

}  // namespace apitoolkit::jsonpath
