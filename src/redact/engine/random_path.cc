#include <string>
#include <string_view>

#include "src/redact/engine/random_case.h"
#include "src/redact/engine/random_pieces.h"

namespace apitoolkit::redact {
namespace {

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
    pieces::add_string(random_, pieces::name(random_), random_.below(2) == 0 ? '\'' : '"', 12,
                       out_);
  }

  void small_number(std::uint32_t bound, int shift) {
    out_ += std::to_string(static_cast<int>(random_.below(bound)) - shift);
  }

  void segment(int depth) {
    const bool descendant = random_.below(4) == 0;
    if (random_.below(6) == 0) {
      out_ += descendant ? ".." : ".";
      out_ += random_.below(4) == 0 ? std::string_view("*") : pieces::plain_name(random_);
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
        out_ += pieces::number(random_);
        break;
      case 1:
        out_ += pieces::one_of(random_, kWords);
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
    out_ += pieces::one_of(random_, kOperators);
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
      pieces::add_string(random_, pieces::good_pattern(random_), '\'', 12, out_);
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

}  // namespace

std::string random_path(Random& random) {
  return PathWriter(random).path();
}

}  // namespace apitoolkit::redact
