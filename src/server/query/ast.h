// A query as a tree. Plain values: copied, moved and compared freely. Equality ignores where in the
// text a part stood.
//
// A Query is made by parse.h, which guarantees what a comment here demands; whoever builds one by
// hand must see to that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/server/query/fields.h"
#include "src/server/query/value.h"

namespace apitoolkit::server::query {

// Bytes of the query's text. All are equal, so that trees compare by what they say.
struct Span {
  std::uint32_t at = 0;
  std::uint32_t width = 0;
  friend bool operator==(const Span&, const Span&) { return true; }
};

struct Expr;
struct ValueExpr;

// --- Values ---

// One step of a path: `.name` or `["any name"]`, `[3]`, `[*]`.
struct Step {
  enum class Kind : std::uint8_t { kName, kIndex, kEach };
  Kind kind = Kind::kName;
  std::string name;
  std::int64_t index = 0;  // from 0
  friend bool operator==(const Step&, const Step&) = default;
};

// A field of the exchange if `id` is set, else a column that a section before made.
struct FieldRef {
  std::optional<FieldId> id;
  std::string name;  // the field's, or the column's
  std::vector<Step> steps;
  Span span;
  friend bool operator==(const FieldRef&, const FieldRef&) = default;
};

struct Literal {
  Value value;  // null, bool, integer, double, duration or text
  Span span;
  friend bool operator==(const Literal&, const Literal&) = default;
};

// `[1, "a", null]`: of literals and values.
struct ListExpr {
  std::vector<ValueExpr> values;
  Span span;
  friend bool operator==(const ListExpr&, const ListExpr&);
};

enum class Function : std::uint8_t {
  kNow,        // ()
  kAgo,        // (duration)
  kBin,        // (value, size)
  kBinAuto,    // (value): the size follows from the query's time span
  kCoalesce,   // (value, value…)
  kStrcat,     // (value, value…)
  kIff,        // (condition, value, value)
  kCase,       // (condition, value, … , value)
  kRound,      // (value) or (value, digits)
  kToFloat,    // (value)
  kToInt,      // (value)
  kToString,   // (value)
  kToBool,     // (value)
  kLower,      // (value)
  kUpper,      // (value)
  kHour,       // (value): 0 to 23, UTC
  kDayOfWeek,  // (value): 0 for Sunday to 6, UTC
};

// `conditions` are those of iff (one) and case (one for each value but the last).
struct Call {
  Function function = Function::kNow;
  std::vector<Expr> conditions;
  std::vector<ValueExpr> values;
  Span span;
  friend bool operator==(const Call&, const Call&);
};

// Of numbers; null where an operand is none, or where the divisor is 0.
struct Arithmetic {
  char op = '+';                    // + - * / %
  std::vector<ValueExpr> operands;  // two
  Span span;
  friend bool operator==(const Arithmetic&, const Arithmetic&);
};

enum class AggregateKind : std::uint8_t {
  kCount,       // (): rows
  kSum,         // (value)
  kAvg,         // (value)
  kMin,         // (value): of any type
  kMax,         // (value)
  kStdev,       // (value): of the sample, n - 1
  kRange,       // (value): max - min
  kPercentile,  // (value, N); p50, p75, p90, p95 and p99 are spellings of it
  kMedian,      // (value): the 50th percentile
  kCountIf,     // (condition)
  kDcount,      // (value): different values, null not counted
};

// Stands only in a summarize's `aggregates`, and not within another.
struct Aggregate {
  AggregateKind kind = AggregateKind::kCount;
  double percentile = 0;         // 0 to 100
  std::vector<ValueExpr> value;  // none or one
  std::vector<Expr> condition;   // one for countif
  Span span;
  friend bool operator==(const Aggregate&, const Aggregate&);
};

struct ValueExpr {
  std::variant<Literal, FieldRef, ListExpr, Call, Arithmetic, Aggregate> node;
  friend bool operator==(const ValueExpr&, const ValueExpr&);
};
Span span_of(const ValueExpr& value);

// --- Conditions: true or false, never unknown ---

// `a and b and c` is one And of three.
struct And {
  std::vector<Expr> operands;  // at least two
  friend bool operator==(const And&, const And&);
};
struct Or {
  std::vector<Expr> operands;  // at least two
  friend bool operator==(const Or&, const Or&);
};
struct Not {
  std::vector<Expr> operand;  // one
  friend bool operator==(const Not&, const Not&);
};

enum class CompareOp : std::uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual
};
struct Comparison {
  CompareOp op = CompareOp::kEqual;
  ValueExpr left;
  ValueExpr right;
  friend bool operator==(const Comparison&, const Comparison&) = default;
};

// `left in [..]`, `left !in [..]`.
struct Membership {
  bool negated = false;
  ValueExpr left;
  std::vector<ValueExpr> values;
  friend bool operator==(const Membership&, const Membership&);
};

// On texts, without regard to the case of ASCII letters.
enum class TextOp : std::uint8_t { kHas, kHasAny, kHasAll, kContains, kStartsWith, kEndsWith };
struct TextMatch {
  TextOp op = TextOp::kHas;
  bool negated = false;  // never with kHasAny and kHasAll
  ValueExpr left;
  std::vector<ValueExpr> values;  // one, but for kHasAny and kHasAll
  friend bool operator==(const TextMatch&, const TextMatch&);
};

// `left matches /pattern/flags`: found anywhere in the text. Compiles as RE2.
struct RegexMatch {
  ValueExpr left;
  std::string pattern;
  std::string flags;  // of "ims", each at most once, in this order
  Span span;          // of the literal
  friend bool operator==(const RegexMatch&, const RegexMatch&) = default;
};

enum class TestKind : std::uint8_t { kIsNull, kIsNotNull, kIsEmpty, kIsNotEmpty };
struct Test {
  TestKind kind = TestKind::kIsNull;
  ValueExpr value;
  friend bool operator==(const Test&, const Test&) = default;
};

// "word" by itself: in the URL, a header, a body or an error's message, without regard to the case
// of ASCII letters.
struct FreeText {
  std::string text;  // not empty
  Span span;
  friend bool operator==(const FreeText&, const FreeText&) = default;
};

struct Expr {
  std::variant<Comparison, Membership, TextMatch, RegexMatch, Test, FreeText, And, Or, Not> node;
  friend bool operator==(const Expr&, const Expr&) = default;
};

// --- Sections ---

// A column that a section makes. Names within one section differ.
struct NamedValue {
  std::string name;
  bool explicit_name = false;  // `name = value`, rather than the value's own name
  ValueExpr value;
  friend bool operator==(const NamedValue&, const NamedValue&) = default;
};

struct Where {
  Expr condition;
  friend bool operator==(const Where&, const Where&) = default;
};
// Makes columns: groups, then aggregates.
struct Summarize {
  std::vector<NamedValue> aggregates;  // at least one; values of aggregates, literals, arithmetic
  std::vector<NamedValue> groups;      // none: one row, of everything, even of nothing
  friend bool operator==(const Summarize&, const Summarize&) = default;
};
struct SortKey {
  FieldRef field;
  bool descending = false;  // ascending unless it says otherwise; null is the smallest
  friend bool operator==(const SortKey&, const SortKey&) = default;
};
struct Sort {
  std::vector<SortKey> keys;  // at least one
  friend bool operator==(const Sort&, const Sort&) = default;
};
struct Take {
  std::int64_t rows = 0;  // 0 or more
  friend bool operator==(const Take&, const Take&) = default;
};
// Adds columns, or replaces those of the same names, all from the row as it was before.
struct Extend {
  std::vector<NamedValue> columns;
  friend bool operator==(const Extend&, const Extend&) = default;
};
// Leaves these columns and no other.
struct Project {
  std::vector<NamedValue> columns;
  friend bool operator==(const Project&, const Project&) = default;
};
// Each combination of these values once.
struct Distinct {
  std::vector<FieldRef> fields;
  friend bool operator==(const Distinct&, const Distinct&) = default;
};

struct Section {
  std::variant<Where, Summarize, Sort, Take, Extend, Project, Distinct> node;
  Span span;
  friend bool operator==(const Section&, const Section&) = default;
};

// Applied in this order. None: every exchange, newest first.
struct Query {
  std::vector<Section> sections;
  friend bool operator==(const Query&, const Query&) = default;
};

inline bool operator==(const ListExpr& a, const ListExpr& b) {
  return a.values == b.values;
}
inline bool operator==(const Call& a, const Call& b) {
  return a.function == b.function && a.conditions == b.conditions && a.values == b.values;
}
inline bool operator==(const Arithmetic& a, const Arithmetic& b) {
  return a.op == b.op && a.operands == b.operands;
}
inline bool operator==(const Aggregate& a, const Aggregate& b) {
  return a.kind == b.kind && a.percentile == b.percentile && a.value == b.value &&
         a.condition == b.condition;
}
inline bool operator==(const ValueExpr& a, const ValueExpr& b) {
  return a.node == b.node;
}
inline bool operator==(const And& a, const And& b) {
  return a.operands == b.operands;
}
inline bool operator==(const Or& a, const Or& b) {
  return a.operands == b.operands;
}
inline bool operator==(const Not& a, const Not& b) {
  return a.operand == b.operand;
}
inline bool operator==(const Membership& a, const Membership& b) {
  return a.negated == b.negated && a.left == b.left && a.values == b.values;
}
inline bool operator==(const TextMatch& a, const TextMatch& b) {
  return a.op == b.op && a.negated == b.negated && a.left == b.left && a.values == b.values;
}

}  // namespace apitoolkit::server::query
