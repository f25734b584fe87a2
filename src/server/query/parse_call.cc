// Parser: functions, aggregates and tests.
#include "src/base/limits.h"
#include "src/server/query/parser.h"

namespace apitoolkit::server::query {
namespace {

std::optional<Value> literal_of(const ValueExpr& value) {
  const auto* const literal = std::get_if<Literal>(&value.node);
  if (literal == nullptr) return std::nullopt;
  return literal->value;
}

}  // namespace

// token_ is a name in front of a bracket.
std::optional<Parser::Node> Parser::call() {
  const Token name = token_;
  if (!advance() || !advance()) return std::nullopt;
  if (++depth_ > limits::kQueryDepthMax) return fail("nested too deeply", name.span);
  std::optional<Node> out;
  if (const auto test = find_test(name.text)) {
    out = test_call(*test);
  } else if (const auto* function = find_function(name.text)) {
    out = function_call(*function, name.span);
  } else if (const auto* aggregate = find_aggregate(name.text)) {
    out = aggregate_call(*aggregate, name.span);
  } else {
    const auto known = callable_names();
    return fail("there is no function '" + std::string(name.text) + "'", name.span,
                suggest(name.text, known));
  }
  --depth_;
  return out;
}

std::optional<Parser::Node> Parser::test_call(TestKind kind) {
  auto of = value();
  if (!of || !expect_symbol(")")) return std::nullopt;
  return Node(Expr{Test{kind, std::move(*of)}});
}

std::optional<Parser::Node> Parser::function_call(const FunctionInfo& info, Span span) {
  Call out;
  out.function = info.function;
  if (info.function == Function::kCase) {
    if (!case_arguments(out)) return std::nullopt;
  } else if (info.function == Function::kIff) {
    auto when = condition();
    if (!when || !expect_symbol(",")) return std::nullopt;
    out.conditions.push_back(std::move(*when));
  }
  if (info.function != Function::kCase && !is_symbol(")")) {
    do {
      auto argument = value();
      if (!argument) return std::nullopt;
      if (out.values.size() == static_cast<std::size_t>(limits::kQueryListMax)) {
        return fail("too many arguments", span_of(*argument));
      }
      out.values.push_back(std::move(*argument));
    } while (take_symbol(","));
  }
  if (error_ || !expect_symbol(")")) return std::nullopt;
  out.span = {span.at, last_end_ - span.at};
  if (!check_call(out, info)) return std::nullopt;
  return Node(ValueExpr{std::move(out)});
}

// condition, value, … , value: whether an argument is a condition shows in whether a comma follows.
bool Parser::case_arguments(Call& call) {
  while (true) {
    auto node = disjunction();
    if (!node) return false;
    if (!is_symbol(",")) {
      auto otherwise = as_value(std::move(*node));
      if (otherwise) call.values.push_back(std::move(*otherwise));
      return otherwise.has_value();
    }
    auto when = as_condition(std::move(*node));
    if (!when || !advance()) return false;
    call.conditions.push_back(std::move(*when));
    auto then = value();
    if (!then || !expect_symbol(",")) return false;
    call.values.push_back(std::move(*then));
  }
}

bool Parser::check_call(const Call& call, const FunctionInfo& info) {
  const auto bad = [&](std::string_view what, Span span) {
    fail(std::string(what) + ", as in " + std::string(info.usage), span);
    return false;
  };
  const auto count = static_cast<int>(call.values.size());
  if (count < info.values_min || (info.values_max != kAnyCount && count > info.values_max)) {
    return bad("'" + std::string(info.name) + "' takes other arguments", call.span);
  }
  if (call.function == Function::kAgo) {
    const auto ago = literal_of(call.values[0]);
    const bool ok = ago && ago->type() == ValueType::kDuration && ago->as_int() >= 0;
    if (!ok) return bad("expected a duration", span_of(call.values[0]));
  }
  if (call.function == Function::kBin) {
    const auto size = literal_of(call.values[1]);
    const bool ok = size && size->is_number() && size->as_double() > 0;
    if (!ok) return bad("expected a size above 0", span_of(call.values[1]));
  }
  if (call.function == Function::kRound && count == 2) {
    constexpr std::int64_t kDigitsMax = 15;
    const auto digits = literal_of(call.values[1]);
    const bool ok = digits && digits->type() == ValueType::kInteger && digits->as_int() >= 0 &&
                    digits->as_int() <= kDigitsMax;
    if (!ok) return bad("expected a number of digits from 0 to 15", span_of(call.values[1]));
  }
  return true;
}

std::optional<Parser::Node> Parser::aggregate_call(const AggregateInfo& info, Span span) {
  if (aggregates_ != Aggregates::kRequired) {
    return fail(aggregates_ == Aggregates::kWithin
                    ? "an aggregate cannot stand within another"
                    : "'" + std::string(info.name) + "' is an aggregate, for summarize",
                span);
  }
  aggregates_ = Aggregates::kWithin;
  Aggregate out;
  out.kind = info.kind;
  out.percentile = info.percentile;
  if (info.kind == AggregateKind::kCountIf) {
    auto when = condition();
    if (!when) return std::nullopt;
    out.condition.push_back(std::move(*when));
  } else if (info.kind != AggregateKind::kCount) {
    auto of = value();
    if (!of) return std::nullopt;
    out.value.push_back(std::move(*of));
  }
  if (info.kind == AggregateKind::kPercentile && info.percentile == 0) {
    if (!expect_symbol(",")) return std::nullopt;
    auto rank = value();
    if (!rank) return std::nullopt;
    const auto number = literal_of(*rank);
    const bool plain = number && number->is_number() && number->type() != ValueType::kDuration;
    if (!plain || number->as_double() < 0 || number->as_double() > 100) {
      return fail("expected a number from 0 to 100, as in " + std::string(info.usage),
                  span_of(*rank));
    }
    out.percentile = number->as_double();
  }
  aggregates_ = Aggregates::kRequired;
  if (!is_symbol(")")) return fail("expected ')', as in " + std::string(info.usage), token_.span);
  if (!advance()) return std::nullopt;
  out.span = {span.at, last_end_ - span.at};
  return Node(ValueExpr{std::move(out)});
}

}  // namespace apitoolkit::server::query
