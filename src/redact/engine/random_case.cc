#include "src/redact/engine/random_case.h"

#include <string>
#include <string_view>

#include "src/redact/engine/random_pieces.h"

namespace apitoolkit::redact {
namespace {

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
    string(pieces::name(random_));
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
    pieces::add_string(random_, text, '"', 12, out_);
    if (random_.below(20) != 0) return;
    out_.pop_back();
    out_ += pieces::one_of(random_, kLone);
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
    for (std::uint32_t n = random_.below(40); n > 0; --n) out_ += pieces::one_of(random_, kPieces);
    out_ += '"';
  }

  void scalar() {
    constexpr std::string_view kWords[] = {"true", "false", "null"};
    switch (random_.below(8)) {
      case 0:
        out_ += pieces::one_of(random_, kWords);
        break;
      case 1:
      case 2:
      case 3:
        out_ += pieces::number(random_);
        break;
      case 4:
        if (random_.below(4) == 0) {
          long_string();
          break;
        }
        string(pieces::pattern(random_));
        break;
      default:
        string(pieces::name(random_));
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
          string(pieces::name(random_));
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

std::string random_text(Random& random) {
  return TextWriter(random).text();
}

std::string random_string(Random& random, std::string_view value) {
  std::string out;
  pieces::add_string(random, value, '"', 12, out);
  return out;
}

}  // namespace apitoolkit::redact
