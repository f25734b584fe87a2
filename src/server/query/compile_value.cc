// Values, compiled.
#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/query/evaluate.h"
#include "src/server/query/json_value.h"
#include "src/server/query/scalar.h"

namespace apitoolkit::server::query {
namespace {

class Constant final : public Expression {
 public:
  explicit Constant(Value value) : value_(std::move(value)) {}
  Value evaluate(const Frame&) const override { return value_; }
  const Value* constant() const override { return &value_; }

 private:
  Value value_;
};

class ExchangeField final : public Expression {
 public:
  ExchangeField(FieldId id, std::vector<Step> steps) : id_(id), steps_(std::move(steps)) {}
  Value evaluate(const Frame& frame) const override { return frame.exchange->get(id_, steps_); }

 private:
  FieldId id_;
  std::vector<Step> steps_;
};

class Cell final : public Expression {
 public:
  Cell(std::size_t index, std::vector<Step> steps) : index_(index), steps_(std::move(steps)) {}
  Value evaluate(const Frame& frame) const override {
    return steps_.empty() ? frame.cells[index_] : value_at(frame.cells[index_], steps_);
  }

 private:
  std::size_t index_;
  std::vector<Step> steps_;
};

class Search final : public Expression {
 public:
  explicit Search(const std::string& text) : text_(text) {}
  Value evaluate(const Frame& frame) const override {
    return Value::boolean(frame.exchange->contains(text_));
  }

 private:
  SearchText text_;
};

class Operation final : public Expression {
 public:
  Operation(char op, ExpressionPtr a, ExpressionPtr b)
      : op_(op), a_(std::move(a)), b_(std::move(b)) {}
  Value evaluate(const Frame& frame) const override {
    return arithmetic(op_, a_->evaluate(frame), b_->evaluate(frame));
  }

 private:
  char op_;
  ExpressionPtr a_;
  ExpressionPtr b_;
};

class ListOf final : public Expression {
 public:
  explicit ListOf(std::vector<ExpressionPtr> values) : values_(std::move(values)) {}
  Value evaluate(const Frame& frame) const override {
    Value::List out;
    std::int64_t bytes = 0;
    for (const ExpressionPtr& value : values_) {
      Value one = value->evaluate(frame);
      bytes += one.memory_bytes();
      if (bytes > limits::kQueryValueBytesMax) return {};
      if (one.is_list()) {
        out.insert(out.end(), one.as_list().begin(), one.as_list().end());
      } else {
        out.push_back(std::move(one));
      }
    }
    return list_or_null(std::move(out));
  }

 private:
  std::vector<ExpressionPtr> values_;
};

// Every function whose arguments are values.
class FunctionOf final : public Expression {
 public:
  FunctionOf(Function function, std::vector<ExpressionPtr> values)
      : function_(function), values_(std::move(values)) {}

  Value evaluate(const Frame& frame) const override {
    switch (function_) {
      case Function::kBin:
        return bin(values_[0]->evaluate(frame), values_[1]->evaluate(frame));
      case Function::kCoalesce:
        for (const ExpressionPtr& value : values_) {
          Value one = value->evaluate(frame);
          if (!one.is_null()) return one;
        }
        return {};
      case Function::kStrcat: {
        std::string out;
        for (const ExpressionPtr& value : values_) {
          out += to_text(value->evaluate(frame));
          if (out.size() > limits::kQueryValueBytesMax) return {};
        }
        return Value::text(std::move(out));
      }
      case Function::kRound:
        return round_to(values_[0]->evaluate(frame),
                        values_.size() > 1 ? values_[1]->evaluate(frame).as_int() : 0);
      default:
        return convert(function_, values_[0]->evaluate(frame));
    }
  }

 private:
  Function function_;
  std::vector<ExpressionPtr> values_;
};

// iff and case: the value of the first condition that holds, else the last.
class Choice final : public Expression {
 public:
  Choice(std::vector<ConditionPtr> conditions, std::vector<ExpressionPtr> values)
      : conditions_(std::move(conditions)), values_(std::move(values)) {}
  Value evaluate(const Frame& frame) const override {
    for (std::size_t i = 0; i < conditions_.size(); ++i) {
      if (conditions_[i]->holds(frame)) return values_[i]->evaluate(frame);
    }
    return values_.back()->evaluate(frame);
  }

 private:
  std::vector<ConditionPtr> conditions_;
  std::vector<ExpressionPtr> values_;
};

template <class Key>
const std::size_t* find(const std::vector<std::pair<Key, std::size_t>>& entries, const Key& key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  return found == entries.end() ? nullptr : &found->second;
}

class Compiler {
 public:
  Compiler(const Layout& layout, const Moment& moment) : layout_(layout), moment_(moment) {}

  ExpressionPtr operator()(const Literal& literal) const {
    return std::make_unique<Constant>(literal.value);
  }
  ExpressionPtr operator()(const FieldRef& field) const { return compile(field, layout_); }
  ExpressionPtr operator()(const ListExpr& list) const {
    std::vector<ExpressionPtr> values = all(list.values);
    const bool constant = are_constant(values);
    return folded(std::make_unique<ListOf>(std::move(values)), constant);
  }
  ExpressionPtr operator()(const Arithmetic& arithmetic) const {
    std::vector<ExpressionPtr> values = all(arithmetic.operands);
    const bool constant = are_constant(values);
    return folded(
        std::make_unique<Operation>(arithmetic.op, std::move(values[0]), std::move(values[1])),
        constant);
  }
  ExpressionPtr operator()(const Aggregate& aggregate) const {
    return std::make_unique<Cell>(*find(layout_.aggregates, aggregate), std::vector<Step>{});
  }
  ExpressionPtr operator()(const Call& call) const {
    std::vector<ExpressionPtr> values = all(call.values);
    switch (call.function) {
      case Function::kNow:
        return std::make_unique<Constant>(Value::time(moment_.now_ns));
      case Function::kAgo:
        return std::make_unique<Constant>(
            arithmetic('-', Value::time(moment_.now_ns), *values[0]->constant()));
      case Function::kBinAuto:
        values.push_back(std::make_unique<Constant>(Value::duration(moment_.bin_auto_ns)));
        return std::make_unique<FunctionOf>(Function::kBin, std::move(values));
      case Function::kIff:
      case Function::kCase: {
        std::vector<ConditionPtr> conditions;
        for (const Expr& when : call.conditions) {
          conditions.push_back(compile(when, layout_, moment_));
        }
        return std::make_unique<Choice>(std::move(conditions), std::move(values));
      }
      default: {
        const bool constant = are_constant(values);
        return folded(std::make_unique<FunctionOf>(call.function, std::move(values)), constant);
      }
    }
  }

 private:
  std::vector<ExpressionPtr> all(const std::vector<ValueExpr>& values) const {
    std::vector<ExpressionPtr> out;
    out.reserve(values.size());
    for (const ValueExpr& value : values) out.push_back(compile(value, layout_, moment_));
    return out;
  }

  static bool are_constant(const std::vector<ExpressionPtr>& values) {
    return std::all_of(values.begin(), values.end(),
                       [](const ExpressionPtr& value) { return value->constant() != nullptr; });
  }

  // Computed now, if all that it is made of is constant.
  static ExpressionPtr folded(ExpressionPtr expression, bool constant) {
    if (!constant) return expression;
    return std::make_unique<Constant>(expression->evaluate(Frame{}));
  }

  const Layout& layout_;
  const Moment& moment_;
};

}  // namespace

ExpressionPtr compile(const ValueExpr& value, const Layout& layout, const Moment& moment) {
  return std::visit(Compiler(layout, moment), value.node);
}

ExpressionPtr compile(const FieldRef& field, const Layout& layout) {
  if (const std::size_t* const cell = find(layout.fields, field)) {
    return std::make_unique<Cell>(*cell, std::vector<Step>{});
  }
  if (field.id) return std::make_unique<ExchangeField>(*field.id, field.steps);
  return std::make_unique<Cell>(*find(layout.columns, field.name), field.steps);
}

ExpressionPtr compile_search(const std::string& text, const Layout& layout) {
  if (const std::size_t* const cell = find(layout.searches, text)) {
    return std::make_unique<Cell>(*cell, std::vector<Step>{});
  }
  return std::make_unique<Search>(text);
}

}  // namespace apitoolkit::server::query
