#include "src/redact/engine/reference_json.h"

#include <set>

#include "src/base/limits.h"

namespace apitoolkit::redact::reference {
namespace {

using json::Type;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Fault read(Value& root) {
    if (text_.substr(0, 3) == "\xef\xbb\xbf") at_ = 3;
    blanks();
    if (!value(root, 0)) return fault_;
    blanks();
    return at_ == text_.size() ? Fault::kNone : Fault::kSyntax;
  }

 private:
  // '\0' is the end, and stands nowhere in JSON either.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  bool value(Value& out, int depth) {
    out.begin = at_;
    bool good = false;
    switch (peek()) {
      case 'n':
        out.type = Type::kNull;
        good = word("null");
        break;
      case 't':
        out.type = Type::kTrue;
        good = word("true");
        break;
      case 'f':
        out.type = Type::kFalse;
        good = word("false");
        break;
      case '"':
        out.type = Type::kString;
        good = string(out.text);
        break;
      case '[':
      case '{':
        if (depth == limits::kJsonDepthMax) {
          fault_ = Fault::kTooDeep;
          return false;
        }
        good = peek() == '[' ? array(out, depth + 1) : object(out, depth + 1);
        break;
      default:
        out.type = Type::kNumber;
        good = number();
        out.text = text_.substr(out.begin, at_ - out.begin);
        break;
    }
    out.end = at_;
    return good;
  }

  bool array(Value& out, int depth) {
    out.type = Type::kArray;
    accept('[');
    blanks();
    if (accept(']')) return true;
    while (true) {
      blanks();
      if (!value(out.children.emplace_back(), depth)) return false;
      blanks();
      if (accept(']')) return true;
      if (!accept(',')) return false;
    }
  }

  bool object(Value& out, int depth) {
    out.type = Type::kObject;
    accept('{');
    blanks();
    if (accept('}')) return true;
    while (true) {
      blanks();
      if (!string(out.names.emplace_back())) return false;
      blanks();
      if (!accept(':')) return false;
      blanks();
      if (!value(out.children.emplace_back(), depth)) return false;
      blanks();
      if (accept('}')) break;
      if (!accept(',')) return false;
    }
    const std::set<std::string> distinct(out.names.begin(), out.names.end());
    out.has_name_twice = distinct.size() < out.names.size();
    return true;
  }

  bool digits() {
    const std::size_t before = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > before;
  }

  bool number() {
    accept('-');
    if (!accept('0') && !digits()) return false;
    if (accept('.') && !digits()) return false;
    if (!accept('e') && !accept('E')) return true;
    if (!accept('+')) accept('-');
    return digits();
  }

  // Code units as UTF-16 has them, since an escaped surrogate pairs only with an escaped one: what
  // is not escaped is never a surrogate.
  bool string(std::string& out) {
    if (!accept('"')) return false;
    char32_t high = 0;  // a high surrogate that waits for its low one
    while (at_ < text_.size()) {
      char32_t unit = 0;
      const bool escaped = peek() == '\\';
      if (escaped) {
        if (!escape(unit)) return false;
      }
      const bool low = unit >= 0xDC00 && unit <= 0xDFFF;
      if (high != 0 && low) {
        out += utf8(0x10000 + (high - 0xD800) * 0x400 + (unit - 0xDC00));
        high = 0;
        continue;
      }
      if (high != 0) out += utf8(0xFFFD);
      high = 0;
      if (!escaped) {
        if (accept('"')) return true;
        if (static_cast<unsigned char>(peek()) < 0x20) return false;
        out += text_[at_++];
      } else if (unit >= 0xD800 && unit <= 0xDBFF) {
        high = unit;
      } else {
        out += utf8(low ? 0xFFFD : unit);
      }
    }
    return false;
  }

  bool escape(char32_t& unit) {
    accept('\\');
    const std::string_view short_forms = "\"\\/bfnrt";
    const std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    if (c == 'u') return four_hex_digits(unit);
    const std::size_t which = short_forms.find(c);
    if (which == std::string_view::npos) return false;
    unit = static_cast<unsigned char>(meanings[which]);
    return true;
  }

  bool four_hex_digits(char32_t& unit) {
    const std::string_view lower = "0123456789abcdef";
    const std::string_view upper = "0123456789ABCDEF";
    unit = 0;
    for (int i = 0; i < 4; ++i) {
      if (at_ >= text_.size()) return false;
      std::size_t digit = lower.find(text_[at_]);
      if (digit == std::string_view::npos) digit = upper.find(text_[at_]);
      if (digit == std::string_view::npos) return false;
      unit = unit * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Fault fault_ = Fault::kSyntax;
};

}  // namespace

std::optional<std::u32string> characters(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) {
      out += lead;
      continue;
    }
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    const char32_t least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
    if (lead < 0xC0 || lead > 0xF7) return std::nullopt;
    char32_t character = lead & (0x3F >> more);
    for (int k = 0; k < more; ++k) {
      if (i == text.size()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(text[i++]);
      if (byte < 0x80 || byte > 0xBF) return std::nullopt;
      character = character * 64 + (byte - 0x80);
    }
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < least || character > 0x10FFFF || surrogate) return std::nullopt;
    out += character;
  }
  return out;
}

std::string utf8(char32_t character) {
  const int more = character >= 0x10000 ? 3 : character >= 0x800 ? 2 : character >= 0x80 ? 1 : 0;
  if (more == 0) return std::string(1, static_cast<char>(character));
  std::string out;
  for (int k = 0; k < more; ++k) {
    out.insert(out.begin(), static_cast<char>(0x80 + character % 64));
    character /= 64;
  }
  const unsigned lead = more == 3 ? 0xF0 : more == 2 ? 0xE0 : 0xC0;
  out.insert(out.begin(), static_cast<char>(lead + character));
  return out;
}

Fault read(std::string_view text, Value& root) {
  if (!characters(text)) return Fault::kUtf8;
  return Reader(text).read(root);
}

}  // namespace apitoolkit::redact::reference
