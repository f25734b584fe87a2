#include "src/server/query/parser.h"

#include <algorithm>

#include "src/base/limits.h"
#include "src/json/utf8.h"

namespace apitoolkit::server::query {

tl::expected<Query, QueryError> parse(std::string_view text) {
  if (text.size() > static_cast<std::size_t>(limits::kQueryBytesMax)) {
    return query_error("a query has at most " + std::to_string(limits::kQueryBytesMax) + " bytes",
                       {limits::kQueryBytesMax, 0});
  }
  return Parser(text).query();
}

std::nullopt_t Parser::fail_expected(std::string_view what) {
  return fail("expected " + std::string(what), token_.span);
}

bool Parser::advance() {
  last_end_ = token_.span.at + token_.span.width;
  auto next = lexer_.next();
  if (!next) {
    if (!error_) error_ = std::move(next.error());
    return false;
  }
  token_ = std::move(*next);
  return true;
}

bool Parser::is_symbol(std::string_view text) const {
  return token_.kind == Token::Kind::kSymbol && token_.text == text;
}

bool Parser::is_word(std::string_view word) const {
  return token_.kind == Token::Kind::kName && equals_word(token_.text, word);
}

bool Parser::take_symbol(std::string_view text) {
  return is_symbol(text) && advance();
}

bool Parser::take_word(std::string_view word) {
  return is_word(word) && advance();
}

bool Parser::expect_symbol(std::string_view text) {
  if (is_symbol(text)) return advance();
  fail_expected("'" + std::string(text) + "'");
  return false;
}

std::optional<std::string> Parser::column_name() {
  if (token_.kind != Token::Kind::kName) return fail_expected("a name for the column");
  if (is_reserved(token_.text)) {
    return fail("'" + std::string(token_.text) + "' is a word of the language and names no column",
                token_.span);
  }
  std::string name(token_.text);
  if (!advance()) return std::nullopt;
  return name;
}

// token_ is the path's first name, and the lexer stands right behind it.
std::optional<FieldRef> Parser::field() {
  if (token_.kind != Token::Kind::kName) return fail_expected("a field");
  FieldRef out;
  out.name = token_.text;
  const bool hyphens = out.name == "request_headers" || out.name == "response_headers";
  while (lexer_.adjacent() == '.' || lexer_.adjacent() == '[') {
    const auto at = static_cast<std::uint32_t>(lexer_.position());
    if (out.steps.size() == static_cast<std::size_t>(limits::kQueryDepthMax)) {
      return fail("a path has at most " + std::to_string(limits::kQueryDepthMax) + " steps",
                  Span{at, 1});
    }
    if (lexer_.adjacent() == '[') {
      auto step = bracket_step();
      if (!step) return std::nullopt;
      out.steps.push_back(std::move(*step));
      continue;
    }
    lexer_.skip();
    const std::string_view name = lexer_.path_name(hyphens);
    if (name.empty()) {
      return fail("expected a name behind the dot; one with other characters is written [\"a b\"]",
                  Span{at + 1, 0});
    }
    if (!json::is_valid_utf8(name)) {
      return fail("not valid UTF-8", Span{at + 1, static_cast<std::uint32_t>(name.size())});
    }
    out.steps.push_back({Step::Kind::kName, std::string(name), 0});
  }
  out.span = {token_.span.at, static_cast<std::uint32_t>(lexer_.position()) - token_.span.at};
  token_.span = out.span;
  if (!resolve(out) || !advance()) return std::nullopt;
  return out;
}

// The lexer stands at the bracket, and afterwards behind the other.
std::optional<Step> Parser::bracket_step() {
  lexer_.skip();
  const Token first = token_;
  if (!advance()) return std::nullopt;
  Step step;
  if (is_symbol("*")) {
    step.kind = Step::Kind::kEach;
  } else if (token_.kind == Token::Kind::kLiteral && token_.literal.is_text()) {
    step.name = token_.literal.as_text();
  } else if (token_.kind == Token::Kind::kLiteral && token_.literal.type() == ValueType::kInteger) {
    step.kind = Step::Kind::kIndex;
    step.index = token_.literal.as_int();
  } else {
    return fail_expected("a position such as [0], [*] or a name such as [\"a b\"]");
  }
  if (lexer_.peek() != ']') {
    if (advance()) fail_expected("']'");
    return std::nullopt;
  }
  if (!advance()) return std::nullopt;
  token_ = first;
  return step;
}

// A column if there is one of that name, with as much of the path as is part of a column's name.
bool Parser::resolve(FieldRef& field) {
  FieldRef whole = field;
  for (std::size_t taken = field.steps.size() + 1; taken-- > 0;) {
    whole.steps.resize(taken);
    const std::string name = to_text(whole);
    if (std::find(scope_.columns.begin(), scope_.columns.end(), name) == scope_.columns.end()) {
      continue;
    }
    field.name = name;
    field.steps.erase(field.steps.begin(), field.steps.begin() + static_cast<long>(taken));
    return true;
  }
  const Span name_span{field.span.at, static_cast<std::uint32_t>(field.name.size())};
  std::vector<std::string_view> known(scope_.columns.begin(), scope_.columns.end());
  if (scope_.exchange) {
    field.id = find_field(field.name);
    if (field.id) return check_steps(field, *field.id);
    for (const FieldInfo& info : fields()) known.push_back(info.name);
    const std::string_view guess = field_elsewhere_called(field.name);
    fail("there is no field '" + field.name + "'", name_span,
         guess.empty() ? suggest(field.name, known) : std::string(guess));
    return false;
  }
  fail("there is no column '" + to_text(field) + "' at this place" +
           (find_field(field.name) ? "; the section before left only its own" : ""),
       field.span, suggest(to_text(field), known));
  return false;
}

bool Parser::check_steps(const FieldRef& field, FieldId id) {
  const Nesting nesting = field_info(id).nesting;
  if (field.steps.empty() || nesting == Nesting::kBody) return true;
  const Step& first = field.steps[0];
  const bool named = first.kind == Step::Kind::kName;
  const auto bad = [&](std::string message, std::string suggestion = {}) {
    fail(std::move(message), field.span, std::move(suggestion));
    return false;
  };
  switch (nesting) {
    case Nesting::kNone:
      return bad("'" + field.name + "' is a single value, nothing is within it");
    case Nesting::kList:
      return !named && field.steps.size() == 1
                 ? true
                 : bad("'" + field.name + "' is a list of texts", field.name + "[*]");
    case Nesting::kErrors: {
      if (!named) return true;
      FieldRef each = field;
      each.steps.insert(each.steps.begin(), Step{Step::Kind::kEach, {}, 0});
      return bad("'" + field.name + "' is a list", to_text(each));
    }
    default:
      return true;
  }
}

}  // namespace apitoolkit::server::query
