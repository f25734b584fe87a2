// What only jsonpath-ng writes, and what it writes that no path can mean:
//
//   named = "`this`"      the value itself, so it adds no segment
//         / "`sorted`"    a list, sorted
//   sort  = "[" direction key *( S "," S direction key ) S "]"     a list, sorted by keys
//   direction = "/" / "\"
//
// A sort selects the list it stands behind, and a path cannot tell its order: so what follows must
// not depend on one. The rest of jsonpath-ng's additions compute values or go upwards, and the
// error names them.
#include <algorithm>
#include <utility>

#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {
namespace {

std::string selects_not(std::string_view what, std::string_view construct) {
  return std::string("a step that selects values; ").append(construct).append(what);
}

// Whether a segment selects the same below a list, whatever its order.
bool is_order_free(const Segment& segment) {
  return std::all_of(segment.selectors.begin(), segment.selectors.end(), [&](const Selector& s) {
    switch (s.kind) {
      case Selector::Kind::kName:
        return segment.descendant && !segment.numbered;
      case Selector::Kind::kWildcard:
      case Selector::Kind::kFilter:
        return true;
      default:
        return false;
    }
  });
}

}  // namespace

// One step of a path. It leaves `out` without selectors where it stays at the value itself.
bool Parser::step(Segment& out, bool implied_dot) {
  const std::size_t begin = at_;
  const bool sorted = std::exchange(sorted_, false);
  if (!(implied_dot ? after_dot(out) : segment(out))) return false;
  if (!sorted) return true;
  if (out.selectors.empty()) {
    sorted_ = true;
    return true;
  }
  return is_order_free(out) || order_expected(begin);
}

bool Parser::order_expected(std::size_t at) {
  return expected("'[*]', a filter, '..' with a name or the end after a sort", at);
}

// At a backtick, after a dot.
bool Parser::named_step(bool descendant) {
  const std::size_t begin = at_;
  const std::size_t end = text_.find('`', begin + 1);
  if (descendant) return expected("a name, '*' or '['");
  if (end == std::string_view::npos) return expected("a closing '`'", text_.size());
  const std::string_view construct = text_.substr(begin, end + 1 - begin);
  const std::string_view name = construct.substr(1, construct.find_first_of("(`", 1) - 1);
  at_ = end + 1;
  if (construct == "`this`") return true;
  if (construct == "`sorted`") {
    sorted_ = true;
    return true;
  }
  if (name == "parent") return expected(selects_not(" goes upwards", construct), begin);
  for (const std::string_view computed : {"len", "keys", "str", "sub", "split"}) {
    if (name == computed) return expected(selects_not(" computes one", construct), begin);
  }
  return expected("'`this`' or '`sorted`'", begin);
}

// After "[", at the first direction.
bool Parser::sort() {
  const std::vector<Path> here{Path{}};
  do {
    skip_blanks();
    if (!accept('/') && !accept('\\')) return expected("'/' or '\\' before each key of a sort");
    skip_blanks();
    std::vector<Path> key;
    std::vector<Path> unused;
    if (!piece(here, key, unused)) return false;
    skip_blanks();
  } while (accept(','));
  sorted_ = true;
  return accept(']') || expected("',' or ']'");
}

// Where a path ends and something follows: names it if it is one of jsonpath-ng's operators.
bool Parser::end_expected(std::string_view what) {
  const char c = peek();
  if (c != '\0' && std::string_view("+-*/").find(c) != std::string_view::npos) {
    return expected(selects_not(" computes one", std::string{'\'', c, '\''}));
  }
  if (text_.substr(at_, 5) == "where") return expected("a filter in place of 'where'");
  return expected(what);
}

}  // namespace apitoolkit::jsonpath
