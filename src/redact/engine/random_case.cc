#include "src/redact/engine/random_case.h"

#include <cstdio>

namespace apitoolkit::redact {
namespace {

class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}

  std::string path() {
    std::string out = "$";
    for (std::uint32_t n = random_.below(5); n > 0; --n) segment(out, 0);
    return out;
  }

  std::string text() {
    std::string out;
    value(out, 0);
    if (random_.below(12) == 0 && out.size() < 256) {
      out.insert(random_.below(static_cast<std::uint32_t>(out.size())), 1,
                 "{\"\\,x"[random_.below(5)]);
    }
    return out;
  }

 private:
  std::string name() {
    static const char* const kNames[] = {
        "a", "b", "c", "x", "long_name", "long_nam2", "another_long_name", ""};
    return kNames[random_.below(random_.below(3) == 0 ? 8 : 4)];
  }

  void selector(std::string& out, int depth) {
    switch (random_.below(7)) {
      case 0:
      case 1:
        out += "'" + name() + "'";
        break;
      case 2:
        out += '*';
        break;
      case 3:
        out += std::to_string(static_cast<int>(random_.below(5)) - 2);
        break;
      case 4: {
        if (random_.below(2) == 0) out += std::to_string(static_cast<int>(random_.below(7)) - 3);
        out += ':';
        if (random_.below(2) == 0) out += std::to_string(static_cast<int>(random_.below(7)) - 3);
        if (random_.below(2) == 0)
          out += ':' + std::to_string(static_cast<int>(random_.below(7)) - 3);
        break;
      }
      default:
        out += '?';
        filter(out, depth);
        break;
    }
  }

  void filter(std::string& out, int depth) {
    static const char* const kLiterals[] = {"1",    "'a'",  "'x'", "true",
                                            "null", "2.50", "''",  "false"};
    static const char* const kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
    if (depth < 3 && random_.below(4) == 0) {
      out += random_.below(2) == 0 ? "!(" : "(";
      filter(out, depth + 1);
      out += random_.below(2) == 0 ? "&&" : "||";
      filter(out, depth + 1);
      out += ')';
      return;
    }
    std::string query = "@";
    for (std::uint32_t n = random_.below(3); n > 0; --n) {
      query += random_.below(4) == 0 ? "[" + std::to_string(random_.below(3)) + "]"
                                     : "['" + name() + "']";
    }
    switch (random_.below(6)) {
      case 0:
        out += query;
        break;
      case 1:
        out += kLiterals[random_.below(8)] + std::string(kOperators[random_.below(6)]) + query;
        break;
      case 2:
        out += depth < 3 && random_.below(2) == 0 ? "count(@.*)>1" : "match(" + query + ",'[ax]*')";
        break;
      case 3:
        if (depth < 3) {
          out += "@";
          segment(out, depth + 2);
          break;
        }
        [[fallthrough]];
      default:
        out += query + kOperators[random_.below(6)] + kLiterals[random_.below(8)];
        break;
    }
  }

  void segment(std::string& out, int depth) {
    if (random_.below(4) == 0) out += "..";
    out += '[';
    selector(out, depth);
    while (random_.below(4) == 0) {
      out += ',';
      selector(out, depth);
    }
    out += ']';
  }

  void blanks(std::string& out) {
    if (random_.below(8) == 0)
      out.append(random_.below(5) == 0 ? random_.below(70) : random_.below(3),
                 " \n\t\r"[random_.below(4)]);
  }

  void string(std::string& out, const std::string& text) {
    out += '"';
    for (const char c : text) {
      if (random_.below(12) == 0) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
        out += escape;
      } else {
        out += c;
      }
    }
    if (random_.below(20) == 0) out += "\\ud800";
    out += '"';
  }

  void value(std::string& out, int depth) {
    static const char* const kScalars[] = {"1", "2.5", "true", "null", "false", "1.0", "-3", "1e0"};
    blanks(out);
    const std::uint32_t kind = random_.exhausted() ? 1
                                                   : random_.below(depth == 0  ? 24
                                                                   : depth > 5 ? 2
                                                                               : 6);
    if (kind == 0) {
      string(out, name());
    } else if (kind == 1) {
      out += kScalars[random_.below(8)];
    } else {
      const bool object = kind % 2 == 0;
      out += object ? '{' : '[';
      blanks(out);
      for (std::uint32_t i = 0, n = random_.below(6); i < n; ++i) {
        if (i > 0) out += ',';
        if (object) {
          blanks(out);
          string(out, name());
          blanks(out);
          out += ':';
        }
        value(out, depth + 1);
      }
      out += object ? '}' : ']';
    }
    blanks(out);
  }

  Random& random_;
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
  return Generator(random).path();
}

std::string random_text(Random& random) {
  return Generator(random).text();
}

}  // namespace apitoolkit::redact
