// Conditions, compiled.
#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include "src/server/query/evaluate.h"
#include "src/server/query/regex.h"

namespace apitoolkit::server::query {
namespace {

template <class Holds>
bool any(const Value& value, Holds holds) {
  if (!value.is_list()) return holds(value);
  const Value::List& list = value.as_list();
  return std::any_of(list.begin(), list.end(), holds);
}

bool fulfils(std::strong_ordering order, CompareOp op) {
  switch (op) {
    case CompareOp::kEqual:
    case CompareOp::kNotEqual:  // the opposite of kEqual, see Comparing
      return std::is_eq(order);
    case CompareOp::kLess:
      return std::is_lt(order);
    case CompareOp::kLessEqual:
      return std::is_lteq(order);
    case CompareOp::kGreater:
      return std::is_gt(order);
    default:
      return std::is_gteq(order);
  }
}

bool compares(const Value& a, CompareOp op, const Value& b) {
  return any(a, [&](const Value& left) {
    return any(b, [&](const Value& right) {
      const auto order = compare(left, right);
      return order && fulfils(*order, op);
    });
  });
}

// A value, and how its text is had without a copy where it is a field of the exchange.
class Operand {
 public:
  Operand(const ValueExpr& value, const Layout& layout, const Moment& moment)
      : expression_(compile(value, layout, moment)) {
    const auto* const field = std::get_if<FieldRef>(&value.node);
    if (field == nullptr || !field->id || !field->steps.empty()) return;
    const auto taken = std::any_of(layout.fields.begin(), layout.fields.end(),
                                   [&](const auto& entry) { return entry.first == *field; });
    if (!taken) field_ = field->id;
  }

  // A text field, of which equality may ask for the text, too.
  bool is_text_field() const { return field_ && field_info(*field_).type == ValueType::kText; }

  std::optional<std::string_view> view(const Frame& frame) const {
    return field_ ? frame.exchange->view(*field_) : std::nullopt;
  }

  Value evaluate(const Frame& frame) const { return expression_->evaluate(frame); }
  const Value* constant() const { return expression_->constant(); }

  // Whether any text of it fulfils; containers of JSON are their text.
  template <class Holds>
  bool any_text(const Frame& frame, Holds holds) const {
    if (const auto text = view(frame)) return !text->empty() && holds(*text);
    return any(evaluate(frame), [&](const Value& value) {
      const bool text = value.is_text() || value.type() == ValueType::kJson;
      return text && holds(std::string_view(value.as_text()));
    });
  }

 private:
  ExpressionPtr expression_;
  std::optional<FieldId> field_;
};

class Comparing final : public Condition {
 public:
  Comparing(CompareOp op, Operand left, Operand right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {
    const Value* const constant = right_.constant();
    if (left_.is_text_field() && constant != nullptr && constant->is_text()) text_ = *constant;
  }

  bool holds(const Frame& frame) const override {
    return compares_now(frame) != (op_ == CompareOp::kNotEqual);
  }

 private:
  bool compares_now(const Frame& frame) const {
    if (text_.is_text()) {
      if (const auto view = left_.view(frame)) {
        return !view->empty() && fulfils(*view <=> std::string_view(text_.as_text()), op_);
      }
    }
    if (right_.constant() != nullptr) {
      return compares(left_.evaluate(frame), op_, *right_.constant());
    }
    return compares(left_.evaluate(frame), op_, right_.evaluate(frame));
  }

  CompareOp op_;
  Operand left_;
  Operand right_;
  Value text_;  // of the right side, where texts can be compared without copies
};

class InList final : public Condition {
 public:
  InList(bool negated, Operand left, std::vector<Operand> values)
      : negated_(negated), left_(std::move(left)), values_(std::move(values)) {}

  bool holds(const Frame& frame) const override {
    const Value left = left_.evaluate(frame);
    const bool found = std::any_of(values_.begin(), values_.end(), [&](const Operand& value) {
      const Value* const constant = value.constant();
      return compares(left, CompareOp::kEqual,
                      constant != nullptr ? *constant : value.evaluate(frame));
    });
    return found != negated_;
  }

 private:
  bool negated_;
  Operand left_;
  std::vector<Operand> values_;
};

bool text_fulfils(std::string_view text, TextOp op, const SearchText& needle) {
  switch (op) {
    case TextOp::kContains:
      return needle.is_in(text);
    case TextOp::kStartsWith:
      return needle.begins(text);
    case TextOp::kEndsWith:
      return needle.ends(text);
    default:
      return needle.is_word_in(text);
  }
}

class MatchingText final : public Condition {
 public:
  MatchingText(TextOp op, bool negated, Operand left, std::vector<Operand> values)
      : op_(op), negated_(negated), left_(std::move(left)) {
    for (Operand& value : values) {
      const Value* const constant = value.constant();
      std::optional<SearchText> folded;
      if (constant != nullptr && constant->is_text()) folded.emplace(constant->as_text());
      needles_.push_back({std::move(value), std::move(folded)});
    }
  }

  bool holds(const Frame& frame) const override {
    const auto found = [&](const Needle& needle) { return is_there(frame, needle); };
    const bool all = op_ == TextOp::kHasAll;
    return negated_ != (all ? std::all_of(needles_.begin(), needles_.end(), found)
                            : std::any_of(needles_.begin(), needles_.end(), found));
  }

 private:
  struct Needle {
    Operand value;
    std::optional<SearchText> folded;  // if it is a constant
  };

  bool is_there(const Frame& frame, const Needle& needle) const {
    if (needle.folded) {
      return left_.any_text(
          frame, [&](std::string_view text) { return text_fulfils(text, op_, *needle.folded); });
    }
    return any(needle.value.evaluate(frame), [&](const Value& value) {
      if (!value.is_text()) return false;
      const SearchText folded(value.as_text());
      return left_.any_text(frame,
                            [&](std::string_view text) { return text_fulfils(text, op_, folded); });
    });
  }

  TextOp op_;
  bool negated_;
  Operand left_;
  std::vector<Needle> needles_;
};

class MatchingRegex final : public Condition {
 public:
  MatchingRegex(Operand left, const RegexMatch& match)
      : left_(std::move(left)), regex_(compile_regex(match.pattern, match.flags)) {}

  bool holds(const Frame& frame) const override {
    return left_.any_text(frame, [this](std::string_view text) {
      return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
    });
  }

 private:
  Operand left_;
  std::shared_ptr<const re2::RE2> regex_;
};

bool is_empty(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
      return true;
    case ValueType::kText:
      return value.as_text().empty();
    case ValueType::kJson: {
      const std::size_t first = value.as_text().find_first_not_of(" \t\r\n", 1);
      return first == value.as_text().size() - 1;
    }
    default:
      return false;
  }
}

class Testing final : public Condition {
 public:
  Testing(TestKind kind, Operand value) : kind_(kind), value_(std::move(value)) {}

  bool holds(const Frame& frame) const override {
    const Value value = value_.evaluate(frame);
    switch (kind_) {
      case TestKind::kIsNull:
        return value.is_null();
      case TestKind::kIsNotNull:
        return !value.is_null();
      case TestKind::kIsEmpty:
        return is_empty(value);
      default:
        return !is_empty(value);
    }
  }

 private:
  TestKind kind_;
  Operand value_;
};

class Searching final : public Condition {
 public:
  explicit Searching(ExpressionPtr search) : search_(std::move(search)) {}
  bool holds(const Frame& frame) const override { return search_->evaluate(frame).as_bool(); }

 private:
  ExpressionPtr search_;
};

class Joined final : public Condition {
 public:
  Joined(bool all, std::vector<ConditionPtr> operands)
      : all_(all), operands_(std::move(operands)) {}
  bool holds(const Frame& frame) const override {
    for (const ConditionPtr& operand : operands_) {
      if (operand->holds(frame) != all_) return !all_;
    }
    return all_;
  }

 private:
  bool all_;
  std::vector<ConditionPtr> operands_;
};

class Opposite final : public Condition {
 public:
  explicit Opposite(ConditionPtr operand) : operand_(std::move(operand)) {}
  bool holds(const Frame& frame) const override { return !operand_->holds(frame); }

 private:
  ConditionPtr operand_;
};

class Compiler {
 public:
  Compiler(const Layout& layout, const Moment& moment) : layout_(layout), moment_(moment) {}

  ConditionPtr operator()(const Comparison& c) const {
    return std::make_unique<Comparing>(c.op, operand(c.left), operand(c.right));
  }
  ConditionPtr operator()(const Membership& m) const {
    return std::make_unique<InList>(m.negated, operand(m.left), operands(m.values));
  }
  ConditionPtr operator()(const TextMatch& m) const {
    return std::make_unique<MatchingText>(m.op, m.negated, operand(m.left), operands(m.values));
  }
  ConditionPtr operator()(const RegexMatch& m) const {
    return std::make_unique<MatchingRegex>(operand(m.left), m);
  }
  ConditionPtr operator()(const Test& t) const {
    return std::make_unique<Testing>(t.kind, operand(t.value));
  }
  ConditionPtr operator()(const FreeText& t) const {
    return std::make_unique<Searching>(compile_search(t.text, layout_));
  }
  ConditionPtr operator()(const And& a) const {
    return std::make_unique<Joined>(true, conditions(a.operands));
  }
  ConditionPtr operator()(const Or& o) const {
    return std::make_unique<Joined>(false, conditions(o.operands));
  }
  ConditionPtr operator()(const Not& n) const {
    return std::make_unique<Opposite>(compile(n.operand[0], layout_, moment_));
  }

 private:
  Operand operand(const ValueExpr& value) const { return {value, layout_, moment_}; }

  std::vector<Operand> operands(const std::vector<ValueExpr>& values) const {
    std::vector<Operand> out;
    out.reserve(values.size());
    for (const ValueExpr& value : values) out.push_back(operand(value));
    return out;
  }

  std::vector<ConditionPtr> conditions(const std::vector<Expr>& exprs) const {
    std::vector<ConditionPtr> out;
    out.reserve(exprs.size());
    for (const Expr& expr : exprs) out.push_back(compile(expr, layout_, moment_));
    return out;
  }

  const Layout& layout_;
  const Moment& moment_;
};

}  // namespace

ConditionPtr compile(const Expr& expr, const Layout& layout, const Moment& moment) {
  return std::visit(Compiler(layout, moment), expr.node);
}

namespace {

// Without bin_auto's table: a filter has no span of time, and an hour is as good as any.
constexpr std::int64_t kHourNs = 3'600'000'000'000;

std::vector<ConditionPtr> just_one(ConditionPtr condition) {
  std::vector<ConditionPtr> out;
  out.push_back(std::move(condition));
  return out;
}

}  // namespace

Matcher::Matcher(std::vector<ConditionPtr> conditions)
    : conditions_(std::make_shared<const std::vector<ConditionPtr>>(std::move(conditions))) {}

Matcher::Matcher(const Expr& condition, std::int64_t now_ns)
    : Matcher(just_one(compile(condition, {}, {now_ns, kHourNs}))) {}

std::optional<Matcher> Matcher::of(const Query& query, std::int64_t now_ns) {
  std::vector<ConditionPtr> conditions;
  for (const Section& section : query.sections) {
    const auto* const where = std::get_if<Where>(&section.node);
    if (where == nullptr) return std::nullopt;
    conditions.push_back(compile(where->condition, {}, {now_ns, kHourNs}));
  }
  return Matcher(std::move(conditions));
}

bool Matcher::matches(Source& exchange) const {
  const Frame frame{&exchange, {}};
  return std::all_of(conditions_->begin(), conditions_->end(),
                     [&](const ConditionPtr& condition) { return condition->holds(frame); });
}

}  // namespace apitoolkit::server::query
