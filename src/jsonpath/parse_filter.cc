#include <array>
#include <utility>

#include "src/base/limits.h"
#include "src/jsonpath/parser.h"

namespace apitoolkit::jsonpath {
namespace {

enum class ArgumentType { kValue, kNodes };

// The function extensions of RFC 9535, section 2.4, with their types.
struct Signature {
  std::string_view name;
  Function function;
  bool logical;  // its result is a LogicalType; else a ValueType
  std::size_t count;
  ArgumentType argument;
};

constexpr std::array kSignatures = {
    Signature{"length", Function::kLength, false, 1, ArgumentType::kValue},
    Signature{"count", Function::kCount, false, 1, ArgumentType::kNodes},
    Signature{"match", Function::kMatch, true, 2, ArgumentType::kValue},
    Signature{"search", Function::kSearch, true, 2, ArgumentType::kValue},
    Signature{"value", Function::kValue, false, 1, ArgumentType::kNodes},
};

const Signature& signature_of(Function function) {
  for (const Signature& signature : kSignatures) {
    if (signature.function == function) return signature;
  }
  return kSignatures.front();
}

bool is_function_first(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_function_char(char c) {
  return is_function_first(c) || c == '_' || (c >= '0' && c <= '9');
}

using Kind = Expression::Kind;

bool is_logical_call(const Expression& expression) {
  return expression.kind == Kind::kCall && signature_of(expression.function).logical;
}

}  // namespace

// logical-or-expr = logical-and-expr *( S "||" S logical-and-expr )
bool Parser::logical_or(Expression& out) {
  if (!logical_and(out)) return false;
  while (true) {
    const std::size_t before = at_;
    skip_blanks();
    if (!accept("||")) {
      at_ = before;
      return true;
    }
    skip_blanks();
    if (out.kind != Kind::kOr) {
      Expression all;
      all.kind = Kind::kOr;
      all.operands.push_back(std::move(out));
      out = std::move(all);
    }
    if (!logical_and(out.operands.emplace_back())) return false;
  }
}

// logical-and-expr = basic-expr *( S "&&" S basic-expr )
bool Parser::logical_and(Expression& out) {
  Expression first;
  if (!logical_basic(first)) return false;
  out = std::move(first);
  bool many = false;
  while (true) {
    const std::size_t before = at_;
    skip_blanks();
    if (!accept("&&") && !(compatible() && accept('&'))) {
      at_ = before;
      return true;
    }
    skip_blanks();
    if (!many) {
      Expression all;
      all.kind = Kind::kAnd;
      all.operands.push_back(std::move(out));
      out = std::move(all);
      many = true;
    }
    if (!logical_basic(out.operands.emplace_back())) return false;
  }
}

// basic-expr = [ "!" S ] "(" S logical-expr S ")" / comparison / [ "!" S ] ( query / function )
bool Parser::logical_basic(Expression& out) {
  const bool negated = accept('!');
  if (negated) skip_blanks();
  const std::size_t begin = at_;
  Expression inner;
  if (accept('(')) {
    Nesting nesting(*this);
    if (!nesting.check()) return false;
    skip_blanks();
    if (!logical_or(inner)) return false;
    skip_blanks();
    if (!accept(')')) return expected("'&&', '||' or ')'");
  } else {
    if (!comparable(inner)) return false;
    if (!negated) {
      const std::size_t after = at_;
      skip_blanks();
      bool found = false;
      Comparison comparison = Comparison::kEqual;
      if (compatible() && accept("=~")) return regex_match(inner, begin, out);
      if (!comparison_operator(comparison, found)) return false;
      if (found) {
        out.comparison = comparison;
        return this->comparison(inner, begin, out);
      }
      at_ = after;
    }
    if (inner.kind == Kind::kQuery) {
      inner.kind = Kind::kExists;
    } else if (!is_logical_call(inner)) {
      if (negated) return expected("a query, a test function or '('", begin);
      skip_blanks();
      return expected("a comparison operator");
    }
  }
  if (!negated) {
    out = std::move(inner);
    return true;
  }
  out.kind = Kind::kNot;
  out.operands.push_back(std::move(inner));
  return true;
}

bool Parser::comparison_operator(Comparison& out, bool& found) {
  constexpr std::pair<std::string_view, Comparison> kOperators[] = {
      {"==", Comparison::kEqual},       {"!=", Comparison::kNotEqual},
      {"<=", Comparison::kLessOrEqual}, {">=", Comparison::kGreaterOrEqual},
      {"<", Comparison::kLess},         {">", Comparison::kGreater},
  };
  found = true;
  for (const auto& [text, comparison] : kOperators) {
    if (accept(text)) {
      out = comparison;
      return true;
    }
  }
  found = false;
  if (peek() == '=') {
    if (!compatible()) return expected("'=='");
    ++at_;
    out = Comparison::kEqual;
    found = true;
  }
  return true;
}

// After the operator; out.comparison is set.
bool Parser::comparison(Expression& left, std::size_t left_at, Expression& out) {
  if (!check_value(left, left_at)) return false;
  skip_blanks();
  // A bare name on the right would be a string to one reader and a member to another.
  if (compatible() && at_bare_name()) return expected("a literal, '@' or '$'");
  const std::size_t right_at = at_;
  Expression right;
  if (!comparable(right) || !check_value(right, right_at)) return false;
  out.kind = Kind::kCompare;
  out.operands.push_back(std::move(left));
  out.operands.push_back(std::move(right));
  return true;
}

// What is compared must be a value: a literal, a singular query, or a function that gives one.
bool Parser::check_value(const Expression& operand, std::size_t at) {
  if (operand.kind == Kind::kQuery && !operand.path.singular()) {
    return expected("a query of names and indices only", at);
  }
  if (is_logical_call(operand)) return expected("a function that gives a value", at);
  return true;
}

bool Parser::comparable(Expression& out) {
  bool found = false;
  if (!literal(out, found)) return false;
  if (found) return true;
  const char c = peek();
  if (c == '@' || c == '$') return filter_query(out);
  if (is_function_first(c)) {
    std::size_t length = 1;
    while (is_function_char(peek(length))) ++length;
    if (peek(length) == '(') return function_call(out);
  }
  if (compatible() && at_bare_name()) return filter_query(out);
  return expected("a literal, a query or a function");
}

// "@" or "$" with segments; in the compatible dialect also "name…" and "@name…" for "@.name…".
bool Parser::filter_query(Expression& out) {
  out.kind = Kind::kQuery;
  out.path.absolute = peek() == '$';
  if (out.path.absolute) out.path.memo = memos_++;
  const bool current = accept('@');
  const bool root = current || accept('$');
  if (compatible() && (!root || (current && at_bare_name()))) {
    if (!after_dot(out.path.segments.emplace_back())) return false;
  }
  const bool sorted = std::exchange(sorted_, false);
  const bool read = segments(out.path);
  sorted_ = sorted;
  return read;
}

bool Parser::literal(Expression& out, bool& found) {
  constexpr std::pair<std::string_view, json::Type> kWords[] = {
      {"true", json::Type::kTrue}, {"false", json::Type::kFalse}, {"null", json::Type::kNull}};
  found = true;
  out.kind = Kind::kLiteral;
  const char c = peek();
  if (c == '\'' || c == '"') {
    out.literal = json::Type::kString;
    return string_literal(out.text);
  }
  if (c == '-' || (c >= '0' && c <= '9')) {
    out.literal = json::Type::kNumber;
    return number_literal(out.text);
  }
  for (const auto& [word, type] : kWords) {
    const std::size_t before = at_;
    if (!accept(word)) continue;
    if (!is_function_char(peek()) && peek() != '(' && !at_name()) {
      out.literal = type;
      return true;
    }
    at_ = before;  // a longer name
  }
  found = false;
  return true;
}

// function-expr = name "(" S [ argument *( S "," S argument ) ] S ")"
bool Parser::function_call(Expression& out) {
  const std::size_t begin = at_;
  const std::string_view name = text_.substr(at_, text_.find('(', at_) - at_);
  const Signature* signature = nullptr;
  for (const Signature& known : kSignatures) {
    if (known.name == name) signature = &known;
  }
  if (signature == nullptr) {
    return expected("one of the functions length, count, match, search and value", begin);
  }
  Nesting nesting(*this);
  if (!nesting.check()) return false;
  at_ += name.size() + 1;
  out.kind = Kind::kCall;
  out.function = signature->function;
  std::size_t pattern_at = 0;
  for (std::size_t i = 0; i < signature->count; ++i) {
    skip_blanks();
    if (i > 0) {
      if (!accept(',')) return expected("','");
      skip_blanks();
    }
    pattern_at = at_;
    if (!argument(signature->function, out.operands.emplace_back())) return false;
  }
  skip_blanks();
  if (!accept(')')) return expected("')'");
  return !signature->logical || compile_pattern(out, pattern_at);
}

bool Parser::argument(Function function, Expression& out) {
  const std::size_t begin = at_;
  if (signature_of(function).argument == ArgumentType::kValue) {
    return comparable(out) && check_value(out, begin);
  }
  if (!comparable(out)) return false;
  return out.kind == Kind::kQuery || expected("a query", begin);
}

// A literal pattern is built once. One that is no I-Regexp never matches, says the RFC; in a
// configuration it is a mistake that would let values through, so the compatible dialect refuses
// it.
bool Parser::compile_pattern(Expression& call, std::size_t at) {
  const Expression& pattern = call.operands.back();
  if (pattern.kind != Kind::kLiteral || pattern.literal != json::Type::kString) return true;
  Pattern::Compiled compiled = Pattern::iregexp(pattern.text, call.function == Function::kMatch);
  if (compiled) {
    call.pattern = std::move(*compiled);
    return true;
  }
  if (compiled.error() == PatternError::kTooLarge) {
    return expected("a regular expression of at most 1000 repetitions and 64 nested groups", at);
  }
  dead_pattern_ = true;
  return !compatible() || expected("a regular expression of RFC 9485", at);
}

}  // namespace apitoolkit::jsonpath
