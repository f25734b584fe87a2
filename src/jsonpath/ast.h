// What a path means, after parsing: plain immutable values. The names are RFC 9535's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/json/document.h"
#include "src/jsonpath/pattern.h"

namespace apitoolkit::jsonpath {

struct Expression;

struct Selector {
  enum class Kind { kName, kWildcard, kIndex, kSlice, kFilter };
  Kind kind = Kind::kWildcard;
  // A wildcard in brackets: "[*]" is what people write for "each element of the list", and the
  // redactor applies what follows also to a value that is no list. "*" after a dot is not that.
  bool bracketed = false;
  std::string name;
  std::int64_t index = 0;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
  std::int64_t step = 1;
  std::shared_ptr<const Expression> filter;  // shared by the alternatives that `a|b` expands to
};

struct Segment {
  bool descendant = false;
  // "$.1": the name 1 and the index 1, as two selectors, of which a value can have one only.
  bool numbered = false;
  std::vector<Selector> selectors;
};

struct Path {
  bool absolute = true;  // begins at `$`; else, in a filter, at `@`
  int memo = -1;         // in a filter: the number under which an absolute path's nodes are kept
  std::vector<Segment> segments;

  // Selects at most one node: only names and indices, one a segment, or a number that is both.
  bool singular() const;
};

enum class Function { kLength, kCount, kMatch, kSearch, kValue };
enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct Expression {
  enum class Kind {
    kOr,       // operands: two or more
    kAnd,      // operands: two or more
    kNot,      // operands: one
    kCompare,  // comparison; operands: two of kLiteral, kQuery, kCall
    kExists,   // path
    kCall,     // function; operands: its arguments
    kRegex,    // pattern (of `=~`); operands: one
    kLiteral,  // literal
    kQuery,    // path: a singular one as a value, or any as an argument of nodes
  };
  Kind kind = Kind::kLiteral;
  std::vector<Expression> operands;
  Comparison comparison = Comparison::kEqual;
  Function function = Function::kLength;
  Path path;
  json::Type literal = json::Type::kNull;
  std::string text;  // a literal string's value, a literal number as written
  // Of kRegex, and of match() and search() whose pattern is a literal that is a valid I-Regexp.
  std::shared_ptr<const Pattern> pattern;
};

// A query: the paths of a union, one for all that RFC 9535 knows.
struct Ast {
  std::vector<Path> paths;
  int memos = 0;  // absolute paths in filters
  // A literal pattern is no I-Regexp, so that its match() or search() is always false.
  bool dead_pattern = false;
};

}  // namespace apitoolkit::jsonpath
