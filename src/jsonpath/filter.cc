// Filter expressions: RFC 9535, sections 2.3.5 and 2.4.
//
// When redacting, every part of an expression is evaluated, also where the result is known already:
// which repeated names a filter reads must not depend on the order in which it was written.
#include "src/jsonpath/evaluator.h"

namespace apitoolkit::jsonpath {
namespace {

using json::Type;
using Kind = Expression::Kind;

// Comparing or copying a long text costs more than a node; in the budget's unit. compare() charges
// for numbers.
std::int64_t text_cost(std::string_view text) {
  return 1 + static_cast<std::int64_t>(text.size() / 64);
}

// As text_cost, of what is looked at a byte at a time.
std::int64_t byte_cost(std::string_view text) {
  return 1 + static_cast<std::int64_t>(text.size());
}

}  // namespace

bool Evaluator::matches(const Expression& filter, std::uint32_t current) {
  const bool outer = ambiguous_;
  ambiguous_ = false;
  ++filters_;
  const bool result = test(filter, current);
  --filters_;
  const bool matched = result || (redacting_ && ambiguous_);
  ambiguous_ = ambiguous_ || outer;
  return matched;
}

bool Evaluator::test(const Expression& expression, std::uint32_t current) {
  if (!budget_.spend(1)) return false;
  switch (expression.kind) {
    case Kind::kOr:
      return test_all(expression, current, true);
    case Kind::kAnd:
      return !test_all(expression, current, false);
    case Kind::kNot:
      return !test(expression.operands.front(), current);
    case Kind::kCompare: {
      const Value left = value(expression.operands[0], current);
      const Value right = value(expression.operands[1], current);
      return compare(document_, left, expression.comparison, right, budget_, ambiguous_);
    }
    case Kind::kExists: {
      NodeList local;
      return !query(expression.path, current, true, local).empty();
    }
    case Kind::kCall:
      return test_call(expression, current);
    case Kind::kRegex:
      return test_pattern(*expression.pattern, value(expression.operands.front(), current));
    case Kind::kLiteral:
    case Kind::kQuery:
      break;  // values, which the parser puts into comparisons and calls only
  }
  return false;
}

// Whether one of the operands is `stop_at`.
bool Evaluator::test_all(const Expression& expression, std::uint32_t current, bool stop_at) {
  bool found = false;
  for (const Expression& operand : expression.operands) {
    if (test(operand, current) == stop_at) found = true;
    if (found && !redacting_) break;
  }
  return found;
}

bool Evaluator::test_call(const Expression& call, std::uint32_t current) {
  const Value text = value(call.operands[0], current);
  if (call.pattern) return test_pattern(*call.pattern, text);
  const Value pattern = value(call.operands[1], current);
  if (!text.is_string() || !pattern.is_string()) return false;
  if (!budget_.spend(text_cost(pattern.text()))) return false;
  bool built = false;
  const bool whole = call.function == Function::kMatch;
  const Pattern::Compiled& compiled = patterns_.get(pattern.text(), whole, built);
  if (built && !budget_.spend(static_cast<std::int64_t>(pattern.text().size()))) return false;
  if (compiled) {
    if (built && !budget_.spend((*compiled)->compile_cost())) return false;
    return test_pattern(**compiled, text);
  }
  // What is no I-Regexp never matches; what may be one, but is too large, is a question left open.
  if (compiled.error() == PatternError::kTooLarge) budget_.exhaust();
  return false;
}

bool Evaluator::test_pattern(const Pattern& pattern, const Value& text) {
  if (!text.is_string() || !budget_.spend(pattern.match_cost(text.text()))) return false;
  return pattern.matches(text.text());
}

Value Evaluator::value(const Expression& expression, std::uint32_t current) {
  switch (expression.kind) {
    case Kind::kLiteral:
      return Value::of_literal(expression);
    case Kind::kQuery: {
      const std::optional<std::uint32_t> node = singular_node(expression.path, current);
      return node ? value_of(*node) : Value();
    }
    case Kind::kCall:
      return call(expression, current);
    default:
      return {};  // logical; the parser lets none stand for a value
  }
}

Value Evaluator::value_of(std::uint32_t node) {
  if (document_[node].type == Type::kString) {
    const std::string_view raw = document_.raw(node);
    if (!budget_.spend(document_[node].escaped ? byte_cost(raw) : text_cost(raw))) return {};
  }
  return Value::of_node(document_, node);
}

Value Evaluator::call(const Expression& call, std::uint32_t current) {
  const Expression& argument = call.operands.front();
  switch (call.function) {
    case Function::kLength: {
      const Value of = value(argument, current);
      if (of.is_string()) {
        if (!budget_.spend(byte_cost(of.text()))) return {};
        return Value::of_count(json::count_code_points(of.text()));
      }
      if (of.nothing() || of.type() < Type::kArray) return {};
      read_names(of.node());
      return Value::of_count(document_[of.node()].count);
    }
    case Function::kCount: {
      NodeList local;
      return Value::of_count(query(argument.path, current, false, local).size());
    }
    case Function::kValue: {
      NodeList local;
      const NodeList& nodes = query(argument.path, current, false, local);
      return nodes.size() == 1 ? value_of(nodes.front()) : Value();
    }
    case Function::kMatch:
    case Function::kSearch:
      break;  // logical
  }
  return {};
}

// The nodes of a query in a filter: kept where they cannot change, else put into `local`.
const NodeList& Evaluator::query(const Path& path, std::uint32_t current, bool as_set,
                                 NodeList& local) {
  if (path.absolute) {
    std::optional<Memo>& memo = memos_[static_cast<std::size_t>(path.memo)];
    if (!memo) {
      const bool outer = ambiguous_;
      ambiguous_ = false;
      NodeList found = nodes(path, document_.root(), as_set, false);
      memo = Memo{std::move(found), ambiguous_};
      ambiguous_ = outer;
    }
    ambiguous_ = ambiguous_ || memo->ambiguous;
    return memo->nodes;
  }
  if (path.singular()) {
    if (const auto node = singular_node(path, current)) local.push_back(*node);
    return local;
  }
  local = nodes(path, current, as_set, false);
  return local;
}

// The one node of a singular query; of members with one name the last, as most readers have it.
std::optional<std::uint32_t> Evaluator::singular_node(const Path& path, std::uint32_t current) {
  if (path.absolute) {
    NodeList unused;
    const NodeList& kept = query(path, current, false, unused);
    if (kept.empty()) return std::nullopt;
    return kept.back();
  }
  NodeList found;
  for (const Segment& segment : path.segments) {
    found.clear();
    select({&segment, false, false, false}, current, found);
    if (found.empty()) return std::nullopt;
    current = found.back();
  }
  return current;
}

// A filter looks at all of an object's members at once.
void Evaluator::read_names(std::uint32_t object) {
  if (!redacting_ || filters_ == 0 || document_[object].type != Type::kObject) return;
  if (has_repeated_name(document_, object, budget_)) ambiguous_ = true;
}

}  // namespace apitoolkit::jsonpath
