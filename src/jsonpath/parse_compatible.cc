// What configuration files in the field hold and RFC 9535 rejects:
//
//   text  = [ piece *( ( "," / "|" ) piece ) ]     trimmed
//   piece = ( "$" / "@" ) steps / [ "." ] step steps / "[" … "]" steps
//   steps = *( "." step / ".." step / "[" … "]" )
//   step  = name / string / "*" / "[" … "]" / "(" piece *( ( "," / "|" ) piece ) ")" / named
//
// A piece without "$" is relative to where the last segment of the piece before it began; the first
// one to the root. A group in parentheses multiplies the paths: each of its pieces continues each
// path so far.
#include "src/base/limits.h"
#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {
namespace {

constexpr std::size_t kAlternativesMax = limits::kJsonpathAlternativesMax;

std::string too_many() {
  return "at most " + std::to_string(kAlternativesMax) + " alternatives";
}

}  // namespace

bool Parser::parse_compatible(Ast& ast) {
  const std::string_view whole = text_;
  text_ = text_.substr(0, text_.find_last_not_of(" \t\n\r") + 1);
  std::vector<Path> siblings{Path{}};
  do {
    skip_blanks();
    std::vector<Path> paths;
    if (!piece(siblings, paths, siblings)) return false;
    for (Path& path : paths) ast.paths.push_back(std::move(path));
    if (ast.paths.size() > kAlternativesMax) return expected(too_many());
    skip_blanks();
  } while (accept(',') || accept('|'));
  const bool complete = at_end();
  text_ = whole;
  return complete || end_expected("'.', '[', ',' or the end");
}

// Reads one piece. `base` is what it continues if it has no root of its own; on return `siblings`
// is what the next one continues. Both may be the same vector.
bool Parser::piece(const std::vector<Path>& base, std::vector<Path>& out,
                   std::vector<Path>& siblings) {
  sorted_ = false;
  const char c = peek();
  const bool current = c == '@' && !at_name();
  if (c == '$' || current) {
    ++at_;
    out.assign(1, Path{});
    return alternatives(out, siblings, false);
  }
  if (at_end() || (std::string_view(".[*('\"`").find(c) == std::string_view::npos && !at_name())) {
    return expected("a path");
  }
  out = base;
  return alternatives(out, siblings, c != '.' && c != '[');
}

// Continues every path of `paths` by the steps that follow; `implied_dot`: the first one stands as
// after a dot. `siblings` become the paths less the last step.
//
// A path may have as many steps as its text has bytes, so a step must not copy what came before it:
// only a group of several pieces does, and of those there can be few.
bool Parser::alternatives(std::vector<Path>& paths, std::vector<Path>& siblings, bool implied_dot) {
  Step last;
  while (true) {
    const std::size_t before = at_;
    skip_blanks();
    if (!implied_dot && peek() != '.' && peek() != '[') {
      at_ = before;
      siblings = last.multiplied ? std::move(last.heads) : paths;
      for (Path& path : siblings) path.segments.resize(path.segments.size() - last.segments);
      return true;
    }
    Step taken;
    Segment next;
    bool done = false;
    if (!implied_dot && peek() == '.') {
      // Looks behind the dots for a parenthesis, which only stands there.
      const std::size_t dots = peek(1) == '.' ? 2 : 1;
      const std::size_t start = at_;
      at_ += dots;
      skip_blanks();
      done = peek() == '(';
      if (!done) at_ = start;
      if (done && !group(paths, dots == 2, taken)) return false;
    } else if (implied_dot && peek() == '(') {
      if (!group(paths, false, taken)) return false;
      done = true;
    }
    if (!done) {
      if (!step(next, implied_dot)) return false;
      done = !next.selectors.empty();
      if (done) taken.segments = 1;
      for (Path& path : paths) path.segments.insert(path.segments.end(), taken.segments, next);
    }
    if (done) last = std::move(taken);
    implied_dot = false;
  }
}

bool Parser::group(std::vector<Path>& paths, bool descendant, Step& step) {
  Nesting nesting(*this);
  if (!nesting.check()) return false;
  if (sorted_) return order_expected(at_);
  ++at_;
  const std::vector<Path> here{Path{}};
  std::vector<Path> tails;
  bool sorted = false;
  do {
    skip_blanks();
    if (peek() == '$') return expected("a path without '$'");
    std::vector<Path> inner;
    std::vector<Path> unused;
    if (!piece(here, inner, unused)) return false;
    sorted = sorted || sorted_;
    for (Path& tail : inner) {
      if (descendant && !tail.segments.empty()) tail.segments.front().descendant = true;
      tails.push_back(std::move(tail));
      if (paths.size() * tails.size() > kAlternativesMax) return expected(too_many());
    }
    skip_blanks();
  } while (accept('|') || accept(','));
  sorted_ = sorted;
  const auto append = [](const Path& tail, Path& path) {
    path.segments.insert(path.segments.end(), tail.segments.begin(), tail.segments.end());
  };
  if (tails.size() == 1) {
    for (Path& path : paths) append(tails.front(), path);
    step.segments = tails.front().segments.size();
  } else {
    step.multiplied = true;
    step.heads = std::move(paths);
    paths.clear();
    for (const Path& head : step.heads) {
      for (const Path& tail : tails) append(tail, paths.emplace_back(head));
    }
  }
  return accept(')') || end_expected("'|' or ')'");
}

// "(@.length-N)": the only script expression in use, and what negative indices are for.
bool Parser::length_minus(Selector& out) {
  const std::size_t begin = at_++;
  skip_blanks();
  if (!accept("@.length")) return expected("'(@.length-N)'", begin);
  skip_blanks();
  if (!accept('-')) return expected("'-'");
  skip_blanks();
  const std::size_t digits = at_;
  if (peek() == '-' || !integer(out.index) || out.index == 0) {
    return expected("an integer from 1 on", digits);
  }
  skip_blanks();
  if (!accept(')')) return expected("')'");
  out.kind = Selector::Kind::kIndex;
  out.index = -out.index;
  return true;
}

// After "=~": "/pattern/flags" must match the whole value, a string in quotes any part of it.
bool Parser::regex_match(Expression& left, std::size_t left_at, Expression& out) {
  if (!check_value(left, left_at)) return false;
  skip_blanks();
  const std::size_t begin = at_;
  std::string pattern;
  std::string flags;
  const bool whole = peek() == '/';
  if (whole) {
    if (!regex_body(pattern, flags)) return false;
  } else if (peek() == '\'' || peek() == '"') {
    if (!string_literal(pattern)) return false;
  } else {
    return expected("'/' or a string");
  }
  Pattern::Compiled compiled = Pattern::re2(pattern, flags, whole);
  if (!compiled) {
    const bool too_large = compiled.error() == PatternError::kTooLarge;
    return expected(
        too_large ? "a regular expression with at most 1000 repetitions" : "a regular expression",
        begin);
  }
  out.kind = Expression::Kind::kRegex;
  out.pattern = std::move(*compiled);
  out.operands.push_back(std::move(left));
  return true;
}

bool Parser::regex_body(std::string& pattern, std::string& flags) {
  ++at_;
  bool in_class = false;
  while (in_class || peek() != '/') {
    if (at_end()) return expected("'/' at the end of the regular expression");
    const char c = text_[at_++];
    if (c == '\\' && !at_end()) {
      if (peek() != '/') pattern += c;
      pattern += text_[at_++];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    pattern += c;
  }
  ++at_;
  while (peek() == 'i' || peek() == 'm' || peek() == 's') flags += text_[at_++];
  if (at_name()) return expected("the flags i, m or s, or the end of the regular expression");
  return true;
}

// A member's name in a filter without "@.". The words that Python and others write for JSON's three
// would silently be members, and never match.
bool Parser::at_bare_name() const {
  const char c = peek();
  if (!at_name() || c == '-' || (c >= '0' && c <= '9') || c == '@' || c == '$') return false;
  for (const std::string_view word : {"True", "False", "None", "Null", "TRUE", "FALSE", "NULL"}) {
    if (text_.substr(at_, word.size()) != word) continue;
    const char after = peek(word.size());
    if ((after < 'a' || after > 'z') && (after < 'A' || after > 'Z') && after != '_') return false;
  }
  return true;
}

}  // namespace apitoolkit::jsonpath
