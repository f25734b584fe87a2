// The parser behind parse.h: recursive descent with one token in hand. The first error is kept, and
// everything returns nothing from then on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/server/query/lexer.h"
#include "src/server/query/names.h"
#include "src/server/query/parse.h"

namespace apitoolkit::server::query {

// What names mean at some place in the query.
struct Scope {
  bool exchange = true;              // fields of the exchange can be named
  std::vector<std::string> columns;  // that sections have made; they hide fields
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  tl::expected<Query, QueryError> query();

 private:
  // A condition or a value: which one it is, is seen only behind the closing bracket.
  using Node = std::variant<ValueExpr, Expr>;
  enum class Aggregates { kForbidden, kRequired, kWithin };

  // parser.cc: tokens and names
  template <class... Arguments>
  std::nullopt_t fail(Arguments&&... arguments);
  std::nullopt_t fail_expected(std::string_view what);
  bool advance();
  bool is_symbol(std::string_view text) const;
  bool is_word(std::string_view word) const;
  bool take_symbol(std::string_view text);
  bool take_word(std::string_view word);
  bool expect_symbol(std::string_view text);
  std::optional<std::string> column_name();
  std::optional<FieldRef> field();
  std::optional<Step> bracket_step();
  bool resolve(FieldRef& field);
  bool check_steps(const FieldRef& field, FieldId id);

  // parse_sections.cc
  std::optional<Section> section();
  std::optional<Summarize> summarize();
  std::optional<Sort> sort();
  std::optional<Take> take();
  std::optional<Extend> extend();
  std::optional<Project> project();
  std::optional<Distinct> distinct();
  std::optional<std::vector<NamedValue>> columns(bool named);
  bool make_names_unique(std::vector<NamedValue*> columns);

  // parse_expr.cc
  std::optional<Expr> condition();
  std::optional<ValueExpr> value();
  std::optional<Node> disjunction();
  std::optional<Node> conjunction();
  std::optional<Node> negation();
  std::optional<Node> term();
  std::optional<Node> sum();
  std::optional<Node> product();
  std::optional<Node> chain(std::string_view operators, std::optional<Node> (Parser::*part)());
  std::optional<Node> operand();
  std::optional<Node> parenthesis();
  std::optional<Node> minus();
  std::optional<Expr> as_condition(Node node);
  std::optional<ValueExpr> as_value(Node node);
  std::optional<Expr> comparison(ValueExpr left);
  std::optional<Expr> membership(ValueExpr left, bool negated);
  std::optional<Expr> text_match(ValueExpr left, TextOp op, bool negated);
  std::optional<Expr> regex_match(ValueExpr left);
  std::optional<std::vector<ValueExpr>> list();
  bool check_time(const ValueExpr& left, const ValueExpr& right);

  // parse_call.cc
  std::optional<Node> call();
  std::optional<Node> test_call(TestKind kind);
  std::optional<Node> function_call(const FunctionInfo& info, Span span);
  std::optional<Node> aggregate_call(const AggregateInfo& info, Span span);
  bool case_arguments(Call& call);
  bool check_call(const Call& call, const FunctionInfo& info);

  Lexer lexer_;
  Token token_;
  std::uint32_t last_end_ = 0;  // of the token before token_
  Scope scope_;
  Aggregates aggregates_ = Aggregates::kForbidden;
  int depth_ = 0;
  int regexes_ = 0;
  std::optional<QueryError> error_;
};

template <class... Arguments>
std::nullopt_t Parser::fail(Arguments&&... arguments) {
  if (!error_) error_ = query_error(std::forward<Arguments>(arguments)...).value();
  return std::nullopt;
}

// The name that a column gets unless it is given one: a path's own text, "p99_duration",
// "timestamp" of bin(timestamp, 1h); empty where there is none.
std::string default_name(const ValueExpr& value);

}  // namespace apitoolkit::server::query
