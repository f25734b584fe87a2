// Conditions and values, compiled: names resolved to cells, patterns compiled, texts folded,
// constants computed once. Immutable afterwards; threads may share what is compiled, each with a
// Frame of its own.
//
// A condition is true or false. A comparison with null, or across types, is false; `!=`, `!in` and
// the other negated operators are the opposite of theirs, so `x != "a"` is true where x is missing.
// Of a list any element may fulfil a condition; a negated operator asks that none does.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/server/query/ast.h"
#include "src/server/query/source.h"

namespace apitoolkit::server::query {

// What a row offers: the exchange's fields as long as it is at hand, and cells.
struct Frame {
  Source* exchange = nullptr;
  std::span<const Value> cells;
};

// Where a name is found: in a cell, or else in the exchange.
struct Layout {
  std::vector<std::pair<std::string, std::size_t>> columns;
  // What was taken from the exchange before it was let go.
  std::vector<std::pair<FieldRef, std::size_t>> fields;
  std::vector<std::pair<std::string, std::size_t>> searches;  // free texts, as bools
  std::vector<std::pair<Aggregate, std::size_t>> aggregates;  // results
};

struct Moment {
  std::int64_t now_ns = 0;       // of now() and ago(), Unix time
  std::int64_t bin_auto_ns = 0;  // of bin_auto()
};

class Condition {
 public:
  virtual ~Condition() = default;
  virtual bool holds(const Frame& frame) const = 0;
};

class Expression {
 public:
  virtual ~Expression() = default;
  virtual Value evaluate(const Frame& frame) const = 0;
  // The value, if it is the same for every row; else null pointer.
  virtual const Value* constant() const { return nullptr; }
};

using ConditionPtr = std::unique_ptr<const Condition>;
using ExpressionPtr = std::unique_ptr<const Expression>;

// Of what parse() has made.
ConditionPtr compile(const Expr& expr, const Layout& layout, const Moment& moment);
ExpressionPtr compile(const ValueExpr& value, const Layout& layout, const Moment& moment);
ExpressionPtr compile(const FieldRef& field, const Layout& layout);
ExpressionPtr compile_search(const std::string& text, const Layout& layout);

// A filter for exchanges by themselves: live tail, a list, a store's rows. Copies share it;
// thread-safe, with a source for each thread.
class Matcher {
 public:
  Matcher(const Expr& condition, std::int64_t now_ns);
  // Of a query that has no sections but `where`; nullopt of any other. An empty one matches all.
  static std::optional<Matcher> of(const Query& query, std::int64_t now_ns);

  bool matches(Source& exchange) const;

 private:
  explicit Matcher(std::vector<ConditionPtr> conditions);
  // Shared because it cannot change and filters are handed from thread to thread.
  std::shared_ptr<const std::vector<ConditionPtr>> conditions_;
};

}  // namespace apitoolkit::server::query
