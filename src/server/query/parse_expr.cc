// Parser: conditions and values. Which of the two "(…" begins is seen only behind its bracket, so
// one set of functions reads both, and each operator asks for what it needs.
#include "src/base/limits.h"
#include "src/server/query/parser.h"
#include "src/server/query/regex.h"

namespace apitoolkit::server::query {
namespace {

constexpr std::string_view kComparisonExpected =
    "expected a comparison, such as == or contains, behind the value";

template <class T>
const T* part(const ValueExpr& value) {
  return std::get_if<T>(&value.node);
}

// Whether it can be true or false, and so be a condition by itself.
bool may_be_bool(const ValueExpr& value) {
  if (const auto* literal = part<Literal>(value)) return literal->value.type() == ValueType::kBool;
  if (const auto* field = part<FieldRef>(value)) {
    if (!field->id || !field->steps.empty()) return true;
    const ValueType type = field_info(*field->id).type;
    return type == ValueType::kBool || type == ValueType::kNull;
  }
  return part<Call>(value) != nullptr;
}

bool is_time_field(const ValueExpr& value) {
  const auto* const field = part<FieldRef>(value);
  return field != nullptr && field->id && field->steps.empty() &&
         field_info(*field->id).type == ValueType::kTime;
}

std::optional<CompareOp> find_compare_op(std::string_view text) {
  for (const CompareOp op :
       {CompareOp::kEqual, CompareOp::kNotEqual, CompareOp::kLess, CompareOp::kLessEqual,
        CompareOp::kGreater, CompareOp::kGreaterEqual}) {
    if (name_of(op) == text) return op;
  }
  return std::nullopt;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

}  // namespace

std::optional<Expr> Parser::condition() {
  auto node = disjunction();
  return node ? as_condition(std::move(*node)) : std::nullopt;
}

std::optional<ValueExpr> Parser::value() {
  auto node = sum();
  return node ? as_value(std::move(*node)) : std::nullopt;
}

// A text by itself is searched for; what may be true stands for `== true`.
std::optional<Expr> Parser::as_condition(Node node) {
  if (auto* const expr = std::get_if<Expr>(&node)) return std::move(*expr);
  ValueExpr& value = std::get<ValueExpr>(node);
  if (const auto* literal = part<Literal>(value); literal != nullptr && literal->value.is_text()) {
    if (literal->value.as_text().empty()) {
      return fail("there is nothing to search for in an empty text", literal->span);
    }
    if (!scope_.exchange) {
      return fail(
          "a text by itself is searched for in exchanges, of which the section before left "
          "only columns",
          literal->span);
    }
    return Expr{FreeText{literal->value.as_text(), literal->span}};
  }
  if (!may_be_bool(value)) {
    const Span span = span_of(value);
    return fail(std::string(kComparisonExpected), Span{span.at + span.width, 0});
  }
  return Expr{Comparison{CompareOp::kEqual, std::move(value), {Literal{Value::boolean(true), {}}}}};
}

std::optional<ValueExpr> Parser::as_value(Node node) {
  if (auto* const value = std::get_if<ValueExpr>(&node)) return std::move(*value);
  return fail("expected a value in front of this, not a condition", token_.span);
}

std::optional<Parser::Node> Parser::disjunction() {
  if (++depth_ > limits::kQueryDepthMax) return fail("nested too deeply", token_.span);
  auto first = conjunction();
  if (first && is_word("or")) {
    Or out;
    auto operand = as_condition(std::move(*first));
    while (operand) {
      out.operands.push_back(std::move(*operand));
      if (!take_word("or")) break;
      auto next = conjunction();
      operand = next ? as_condition(std::move(*next)) : std::nullopt;
    }
    first = error_ ? std::nullopt : std::optional<Node>(Expr{std::move(out)});
  }
  --depth_;
  return first;
}

std::optional<Parser::Node> Parser::conjunction() {
  auto first = negation();
  if (!first || !is_word("and")) return first;
  And out;
  auto operand = as_condition(std::move(*first));
  while (operand) {
    out.operands.push_back(std::move(*operand));
    if (!take_word("and")) break;
    auto next = negation();
    operand = next ? as_condition(std::move(*next)) : std::nullopt;
  }
  if (error_) return std::nullopt;
  return Expr{std::move(out)};
}

std::optional<Parser::Node> Parser::negation() {
  if (!is_word("not")) return term();
  if (!advance()) return std::nullopt;
  if (++depth_ > limits::kQueryDepthMax) return fail("nested too deeply", token_.span);
  auto node = negation();
  --depth_;
  auto operand = node ? as_condition(std::move(*node)) : std::nullopt;
  if (!operand) return std::nullopt;
  Not out;
  out.operand.push_back(std::move(*operand));
  return Expr{std::move(out)};
}

std::optional<Parser::Node> Parser::term() {
  auto left = sum();
  if (!left || error_) return std::nullopt;
  if (is_symbol("=")) {
    return fail("'=' gives a name to a column; values are compared by '=='", token_.span, "==");
  }
  const bool symbol = token_.kind == Token::Kind::kSymbol;
  const bool name = token_.kind == Token::Kind::kName;
  const bool negated = symbol && token_.text[0] == '!' && token_.text != "!=";
  const bool compares = symbol && (negated || token_.text == "=~" || find_compare_op(token_.text));
  if (!compares) {
    if (!name || is_word("and") || is_word("or") || is_word("by")) return left;
    if (std::holds_alternative<Expr>(*left)) {
      return fail("expected 'and', 'or', or the condition's end", token_.span);
    }
  }
  auto value = as_value(std::move(*left));
  if (!value) return std::nullopt;
  auto made = comparison(std::move(*value));
  if (!made) return std::nullopt;
  return Node(std::move(*made));
}

// token_ is a name or a comparing symbol.
std::optional<Expr> Parser::comparison(ValueExpr left) {
  if (const auto op = find_compare_op(token_.text)) {
    if (!advance()) return std::nullopt;
    auto right = value();
    if (!right || !check_time(left, *right)) return std::nullopt;
    return Expr{Comparison{*op, std::move(left), std::move(*right)}};
  }
  const bool negated = token_.text[0] == '!';
  const std::string word = lower_case(token_.text.substr(negated ? 1 : 0));
  if (word == "matches" || word == "=~") {
    if (!negated) return regex_match(std::move(left));
    return fail("there is no '" + std::string(token_.text) + "'", token_.span, "not … matches");
  }
  if (word == "in") return membership(std::move(left), negated);
  if (const auto op = find_text_op(word)) {
    if (!negated || (*op != TextOp::kHasAny && *op != TextOp::kHasAll)) {
      return text_match(std::move(left), *op, negated);
    }
    return fail("there is no '" + std::string(token_.text) + "'", token_.span, "not … " + word);
  }
  const auto known = operator_names();
  return fail("there is no operator '" + std::string(token_.text) + "'", token_.span,
              suggest(token_.text, known));
}

std::optional<Expr> Parser::membership(ValueExpr left, bool negated) {
  if (!advance()) return std::nullopt;
  auto values = list();
  if (!values) return std::nullopt;
  for (const ValueExpr& value : *values) {
    if (!check_time(left, value)) return std::nullopt;
  }
  return Expr{Membership{negated, std::move(left), std::move(*values)}};
}

std::optional<Expr> Parser::text_match(ValueExpr left, TextOp op, bool negated) {
  if (!advance()) return std::nullopt;
  TextMatch out{op, negated, std::move(left), {}};
  if (op == TextOp::kHasAny || op == TextOp::kHasAll) {
    auto values = list();
    if (!values) return std::nullopt;
    out.values = std::move(*values);
  } else {
    auto right = value();
    if (!right) return std::nullopt;
    out.values.push_back(std::move(*right));
  }
  return Expr{std::move(out)};
}

std::optional<Expr> Parser::regex_match(ValueExpr left) {
  auto literal = lexer_.next_regex();
  if (!literal) {
    error_ = std::move(literal.error());
    return std::nullopt;
  }
  token_ = *literal;
  RegexMatch out{std::move(left), literal->literal.as_text(), "", literal->span};
  const std::string_view given = literal->text.substr(literal->text.rfind('/') + 1);
  for (const char flag : std::string_view("ims")) {
    if (given.find(flag) != std::string_view::npos) out.flags.push_back(flag);
  }
  if (out.flags.size() != given.size()) {
    return fail(
        "expected the flags i, m or s, each once",
        Span{static_cast<std::uint32_t>(literal->span.at + literal->span.width - given.size()),
             static_cast<std::uint32_t>(given.size())});
  }
  if (++regexes_ > limits::kQueryRegexesMax) {
    return fail(
        "a query has at most " + std::to_string(limits::kQueryRegexesMax) + " regular expressions",
        literal->span);
  }
  std::string problem = regex_problem(out.pattern);
  if (!problem.empty()) return fail(std::move(problem), literal->span);
  if (!advance()) return std::nullopt;
  return Expr{std::move(out)};
}

// A text beside a field that is a time must be one: it could never be equal.
bool Parser::check_time(const ValueExpr& left, const ValueExpr& right) {
  const auto check = [this](const ValueExpr& field, const ValueExpr& value) {
    const auto* const literal = part<Literal>(value);
    if (!is_time_field(field) || literal == nullptr || !literal->value.is_text()) return true;
    if (read_time(literal->value.as_text())) return true;
    fail("expected a time such as \"2026-01-31T12:00:00Z\" or \"2026-01-31\", now() or ago(1h)",
         literal->span);
    return false;
  };
  return check(left, right) && check(right, left);
}

std::optional<std::vector<ValueExpr>> Parser::list() {
  const std::string_view end = is_symbol("(") ? ")" : "]";
  if (!is_symbol("(") && !is_symbol("[")) return fail_expected("a list such as [\"a\", \"b\"]");
  if (!advance()) return std::nullopt;
  if (++depth_ > limits::kQueryDepthMax) return fail("nested too deeply", token_.span);
  std::vector<ValueExpr> out;
  if (!is_symbol(end)) {
    do {
      auto element = value();
      if (!element) return std::nullopt;
      if (out.size() == static_cast<std::size_t>(limits::kQueryListMax)) {
        return fail("a list has at most " + std::to_string(limits::kQueryListMax) + " values",
                    span_of(*element));
      }
      out.push_back(std::move(*element));
    } while (take_symbol(","));
  }
  if (error_ || !expect_symbol(end)) return std::nullopt;
  --depth_;
  return out;
}

std::optional<Parser::Node> Parser::sum() {
  return chain("+-", &Parser::product);
}

std::optional<Parser::Node> Parser::product() {
  return chain("*/%", &Parser::operand);
}

std::optional<Parser::Node> Parser::chain(std::string_view operators,
                                          std::optional<Node> (Parser::*part)()) {
  auto left = (this->*part)();
  for (int length = 1; left && token_.kind == Token::Kind::kSymbol && token_.text.size() == 1 &&
                       operators.find(token_.text[0]) != std::string_view::npos;
       ++length) {
    if (length > limits::kQueryDepthMax) return fail("too many terms", token_.span);
    Arithmetic out;
    out.op = token_.text[0];
    auto first = as_value(std::move(*left));
    if (!first || !advance()) return std::nullopt;
    auto next = (this->*part)();
    auto second = next ? as_value(std::move(*next)) : std::nullopt;
    if (!second) return std::nullopt;
    const Span from = span_of(*first);
    out.span = {from.at, last_end_ - from.at};
    out.operands.push_back(std::move(*first));
    out.operands.push_back(std::move(*second));
    left = Node(ValueExpr{std::move(out)});
  }
  return left;
}

std::optional<Parser::Node> Parser::operand() {
  const Span span = token_.span;
  const auto literal = [&](Value value) -> std::optional<Node> {
    if (!advance()) return std::nullopt;
    return Node(ValueExpr{Literal{std::move(value), span}});
  };
  if (token_.kind == Token::Kind::kLiteral) return literal(token_.literal);
  if (is_symbol("(")) return parenthesis();
  if (is_symbol("-")) return minus();
  if (is_symbol("[")) {
    auto values = list();
    if (!values) return std::nullopt;
    return Node(ValueExpr{ListExpr{std::move(*values), {span.at, last_end_ - span.at}}});
  }
  if (token_.kind == Token::Kind::kName) {
    if (lexer_.peek() == '(') return call();
    if (is_word("true")) return literal(Value::boolean(true));
    if (is_word("false")) return literal(Value::boolean(false));
    if (is_word("null")) return literal(Value());
    if (is_reserved(token_.text) && find_field(token_.text) == std::nullopt) {
      return fail_expected("a value");
    }
    auto path = field();
    if (!path) return std::nullopt;
    if (aggregates_ == Aggregates::kRequired) {
      return fail("a field stands within an aggregate here, such as max(" + to_text(*path) +
                      "), or behind 'by'",
                  path->span);
    }
    return Node(ValueExpr{std::move(*path)});
  }
  if (is_symbol("=")) return fail("expected a value", token_.span, "==");
  return fail_expected("a value");
}

std::optional<Parser::Node> Parser::parenthesis() {
  const Span open = token_.span;
  if (!advance()) return std::nullopt;
  auto inner = disjunction();
  if (!inner) return std::nullopt;
  if (!is_symbol(")")) {
    if (token_.kind == Token::Kind::kEnd) return fail("this bracket has no end", open, ")");
    return fail_expected("')'");
  }
  if (!advance()) return std::nullopt;
  return inner;
}

// Before a number.
std::optional<Parser::Node> Parser::minus() {
  const Span sign = token_.span;
  if (!advance()) return std::nullopt;
  const bool number = token_.kind == Token::Kind::kLiteral && token_.literal.is_number();
  if (!number)
    return fail("expected a number behind '-'; the negative of a field is 0 - field", token_.span);
  const Value& literal = token_.literal;
  Value negative;
  if (literal.type() == ValueType::kDouble) {
    negative = Value::real(-literal.as_double());
  } else if (literal.type() == ValueType::kDuration) {
    negative = Value::duration(-literal.as_int());
  } else {
    negative = Value::integer(-literal.as_int());
  }
  const std::uint32_t end = token_.span.at + token_.span.width;
  if (!advance()) return std::nullopt;
  return Node(ValueExpr{Literal{std::move(negative), {sign.at, end - sign.at}}});
}

}  // namespace apitoolkit::server::query
