#include <algorithm>
#include <charconv>

#include "src/base/limits.h"
#include "src/json/document.h"
#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {
namespace {

Selector name_selector(std::string name) {
  Selector selector;
  selector.kind = Selector::Kind::kName;
  selector.name = std::move(name);
  return selector;
}

// "$.1": upstream's parser reads the index 1, people mean the name "1".
void add_name(std::string name, Segment& out) {
  Selector index;
  index.kind = Selector::Kind::kIndex;
  const char* const end = name.data() + name.size();
  const bool whole = name == "0" || (name.front() >= '1' && name.front() <= '9');
  const auto result = std::from_chars(name.data(), end, index.index);
  const bool is_index = whole && result.ptr == end && result.ec == std::errc();
  out.selectors.push_back(name_selector(std::move(name)));
  if (is_index) out.selectors.push_back(std::move(index));
  out.numbered = is_index;
}

}  // namespace

bool Path::singular() const {
  return std::all_of(segments.begin(), segments.end(), [](const Segment& segment) {
    if (segment.descendant) return false;
    if (segment.numbered) return true;
    if (segment.selectors.size() != 1) return false;
    const Selector::Kind kind = segment.selectors.front().kind;
    return kind == Selector::Kind::kName || kind == Selector::Kind::kIndex;
  });
}

Parser::Parser(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

tl::expected<Ast, PathError> Parser::parse() {
  Ast ast;
  const std::size_t length_max = limits::kJsonpathBytesMax;
  std::size_t valid = 0;
  while (valid < text_.size()) {
    const std::size_t length = json::utf8_sequence(text_.substr(valid));
    if (length == 0) break;
    valid += length;
  }
  if (valid < text_.size()) {
    expected("valid UTF-8", valid);
  } else if (text_.size() > length_max) {
    expected("at most " + std::to_string(length_max) + " bytes", 0);
  } else if (compatible() ? parse_compatible(ast) : parse_strict(ast)) {
    ast.memos = memos_;
    ast.dead_pattern = dead_pattern_;
    return ast;
  }
  return tl::unexpected(std::move(error_));
}

// jsonpath-query = "$" segments
bool Parser::parse_strict(Ast& ast) {
  if (!accept('$')) return expected("'$'");
  Path path;
  if (!segments(path)) return false;
  ast.paths.push_back(std::move(path));
  return at_end() || expected("'.', '[' or the end");
}

// segments = *( S segment ); blanks that no segment follows belong to whoever comes next.
bool Parser::segments(Path& path) {
  while (true) {
    const std::size_t before = at_;
    skip_blanks();
    if (peek() != '.' && peek() != '[') {
      at_ = before;
      return true;
    }
    Segment next;
    if (!step(next, false)) return false;
    if (!next.selectors.empty()) path.segments.push_back(std::move(next));
  }
}

// segment = "[" … "]" / "." name / "." "*" / ".." ( name / "*" / "[" … "]" )
bool Parser::segment(Segment& out) {
  if (accept('[')) return bracketed(out);
  accept('.');
  if (accept('.')) {
    out.descendant = true;
    if (accept('[')) return bracketed(out);
  }
  return after_dot(out);
}

bool Parser::after_dot(Segment& out) {
  if (compatible()) {
    skip_blanks();
    if (accept('[')) return bracketed(out);
    if (peek() == '\'' || peek() == '"') {
      std::string name;
      if (!string_literal(name)) return false;
      out.selectors.push_back(name_selector(std::move(name)));
      return true;
    }
    if (peek() == '`') return named_step(out.descendant);
  }
  if (accept('*')) {
    out.selectors.emplace_back();
    return true;
  }
  if (!at_name()) return expected(out.descendant ? "a name, '*' or '['" : "a name or '*'");
  add_name(name(), out);
  return true;
}

// After "[": S selector *( S "," S selector ) S "]"
bool Parser::bracketed(Segment& out) {
  Nesting nesting(*this);
  if (!nesting.check()) return false;
  skip_blanks();
  if (compatible() && (peek() == '/' || peek() == '\\')) {
    return out.descendant ? expected("a selector") : sort();
  }
  do {
    skip_blanks();
    if (!selector(out)) return false;
    skip_blanks();
  } while (accept(','));
  return accept(']') || expected("',' or ']'");
}

bool Parser::selector(Segment& out) {
  Selector selector;
  const char c = peek();
  if (c == '\'' || c == '"') {
    selector.kind = Selector::Kind::kName;
    if (!string_literal(selector.name)) return false;
  } else if (c == '*') {
    ++at_;
    selector.bracketed = true;
  } else if (c == '?') {
    ++at_;
    skip_blanks();
    selector.kind = Selector::Kind::kFilter;
    auto filter = std::make_shared<Expression>();
    if (!logical_or(*filter)) return false;
    selector.filter = std::move(filter);
  } else if (c == '-' || c == ':' || (c >= '0' && c <= '9')) {
    if (!index_or_slice(selector)) return false;
  } else if (compatible() && c == '(') {
    if (!length_minus(selector)) return false;
  } else if (compatible() && at_name()) {
    selector.kind = Selector::Kind::kName;
    selector.name = name();
  } else {
    return expected("a selector");
  }
  out.selectors.push_back(std::move(selector));
  return true;
}

// index = int;  slice = [ int S ] ":" S [ int S ] [ ":" [ S int ] ]
bool Parser::index_or_slice(Selector& out) {
  const auto optional_integer = [&](std::optional<std::int64_t>& value) {
    if (peek() != '-' && (peek() < '0' || peek() > '9')) return true;
    return integer(value.emplace());
  };
  if (!optional_integer(out.start)) return false;
  const std::size_t before = at_;
  skip_blanks();
  if (!accept(':')) {
    at_ = before;
    out.kind = Selector::Kind::kIndex;
    out.index = *out.start;
    return true;
  }
  out.kind = Selector::Kind::kSlice;
  skip_blanks();
  if (!optional_integer(out.end)) return false;
  skip_blanks();
  if (!accept(':')) return true;
  skip_blanks();
  std::optional<std::int64_t> step;
  if (!optional_integer(step)) return false;
  out.step = step.value_or(1);
  return true;
}

}  // namespace apitoolkit::jsonpath
