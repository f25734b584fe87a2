// Parser: the sections of a pipeline, and what names there are behind each.
#include <algorithm>

#include "src/base/limits.h"
#include "src/server/query/parser.h"

namespace apitoolkit::server::query {
namespace {

bool has_name(const std::vector<NamedValue*>& columns, const std::string& name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const NamedValue* column) { return column->name == name; });
}

}  // namespace

tl::expected<Query, QueryError> Parser::query() {
  Query out;
  const auto parse_all = [&]() -> bool {
    if (!advance()) return false;
    if (token_.kind == Token::Kind::kEnd) return true;
    if (!is_symbol("|") || advance()) {
      do {
        if (out.sections.size() == static_cast<std::size_t>(limits::kQuerySectionsMax)) {
          fail("a query has at most " + std::to_string(limits::kQuerySectionsMax) + " sections",
               token_.span);
          return false;
        }
        auto next = section();
        if (!next) return false;
        out.sections.push_back(std::move(*next));
      } while (take_symbol("|"));
    }
    if (error_) return false;
    if (token_.kind == Token::Kind::kEnd) return true;
    const bool condition = std::holds_alternative<Where>(out.sections.back().node);
    fail_expected(condition ? "'and', 'or', '|' or the end" : "'|' or the end");
    return false;
  };
  if (!parse_all()) return tl::unexpected(std::move(*error_));
  return out;
}

std::optional<Section> Parser::section() {
  Section out;
  out.span = token_.span;
  const auto put = [&out](auto part) {
    if (part) out.node = std::move(*part);
    return part.has_value();
  };
  bool ok = true;
  if (take_word("summarize")) {
    ok = put(summarize());
  } else if (take_word("sort")) {
    ok = put(sort());
  } else if (take_word("take")) {
    ok = put(take());
  } else if (take_word("extend")) {
    ok = put(extend());
  } else if (take_word("project")) {
    ok = put(project());
  } else if (take_word("distinct")) {
    ok = put(distinct());
  } else {
    if (is_symbol("|")) return fail("expected a section between the bars", token_.span, "or");
    take_word("where");
    auto what = error_ ? std::nullopt : condition();
    if (what) out.node = Where{std::move(*what)};
    ok = what.has_value();
  }
  if (!ok || error_) return std::nullopt;
  out.span.width = last_end_ - out.span.at;
  return out;
}

// Names that nobody chose get a number where they meet; those that somebody chose may not meet.
bool Parser::make_names_unique(std::vector<NamedValue*> columns) {
  if (columns.size() > static_cast<std::size_t>(limits::kQueryColumnsMax)) {
    fail("a query has at most " + std::to_string(limits::kQueryColumnsMax) + " columns",
         span_of(columns.back()->value));
    return false;
  }
  std::vector<NamedValue*> named;
  for (NamedValue* column : columns) {
    if (!column->explicit_name) continue;
    if (has_name(named, column->name)) {
      fail("there are two columns '" + column->name + "'", span_of(column->value));
      return false;
    }
    named.push_back(column);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    NamedValue* const column = columns[i];
    if (column->explicit_name) continue;
    std::string base = default_name(column->value);
    if (base.empty()) base = "column" + std::to_string(i + 1);
    column->name = base;
    for (int n = 2; has_name(named, column->name); ++n) {
      column->name = base + "_" + std::to_string(n);
    }
    named.push_back(column);
  }
  return true;
}

// `[name =] value, …`; with `named`, every one must have a name.
std::optional<std::vector<NamedValue>> Parser::columns(bool named) {
  std::vector<NamedValue> out;
  do {
    NamedValue column;
    if (token_.kind == Token::Kind::kName && lexer_.is_assignment_next()) {
      auto name = column_name();
      if (!name || !expect_symbol("=")) return std::nullopt;
      column.name = std::move(*name);
      column.explicit_name = true;
    } else if (named) {
      return fail_expected("name = value");
    }
    auto what = value();
    if (!what) return std::nullopt;
    column.value = std::move(*what);
    out.push_back(std::move(column));
    if (out.size() > static_cast<std::size_t>(limits::kQueryColumnsMax)) {
      return fail("a query has at most " + std::to_string(limits::kQueryColumnsMax) + " columns",
                  span_of(out.back().value));
    }
  } while (take_symbol(","));
  if (error_) return std::nullopt;
  return out;
}

std::optional<Summarize> Parser::summarize() {
  Summarize out;
  aggregates_ = Aggregates::kRequired;
  auto aggregates = columns(false);
  aggregates_ = Aggregates::kForbidden;
  if (!aggregates) return std::nullopt;
  out.aggregates = std::move(*aggregates);
  if (take_word("by")) {
    auto groups = columns(false);
    if (!groups) return std::nullopt;
    out.groups = std::move(*groups);
  }
  if (error_) return std::nullopt;
  std::vector<NamedValue*> all;
  for (NamedValue& group : out.groups) all.push_back(&group);
  for (NamedValue& aggregate : out.aggregates) all.push_back(&aggregate);
  if (!make_names_unique(all)) return std::nullopt;
  scope_ = {false, {}};
  for (const NamedValue* column : all) scope_.columns.push_back(column->name);
  return out;
}

std::optional<Sort> Parser::sort() {
  if (!is_word("by")) return fail_expected("'by'");
  if (!advance()) return std::nullopt;
  Sort out;
  do {
    SortKey key;
    auto by = field();
    if (!by) return std::nullopt;
    key.field = std::move(*by);
    if (take_word("desc")) {
      key.descending = true;
    } else {
      take_word("asc");
    }
    out.keys.push_back(std::move(key));
    if (out.keys.size() > static_cast<std::size_t>(limits::kQueryColumnsMax)) {
      return fail("too many fields to sort by", out.keys.back().field.span);
    }
  } while (take_symbol(","));
  if (error_) return std::nullopt;
  return out;
}

std::optional<Take> Parser::take() {
  if (token_.kind != Token::Kind::kLiteral || token_.literal.type() != ValueType::kInteger) {
    return fail_expected("a number of rows");
  }
  const Take out{token_.literal.as_int()};
  if (!advance()) return std::nullopt;
  return out;
}

std::optional<Extend> Parser::extend() {
  auto added = columns(true);
  if (!added) return std::nullopt;
  Extend out{std::move(*added)};
  std::vector<NamedValue*> all;
  for (NamedValue& column : out.columns) all.push_back(&column);
  if (!make_names_unique(all)) return std::nullopt;
  for (const NamedValue* column : all) {
    auto& known = scope_.columns;
    if (std::find(known.begin(), known.end(), column->name) == known.end()) {
      known.push_back(column->name);
    }
  }
  if (scope_.columns.size() > static_cast<std::size_t>(limits::kQueryColumnsMax)) {
    return fail("a query has at most " + std::to_string(limits::kQueryColumnsMax) + " columns",
                span_of(out.columns.back().value));
  }
  return out;
}

std::optional<Project> Parser::project() {
  auto left = columns(false);
  if (!left) return std::nullopt;
  Project out{std::move(*left)};
  std::vector<NamedValue*> all;
  for (NamedValue& column : out.columns) all.push_back(&column);
  if (!make_names_unique(all)) return std::nullopt;
  scope_ = {false, {}};
  for (const NamedValue* column : all) scope_.columns.push_back(column->name);
  return out;
}

std::optional<Distinct> Parser::distinct() {
  Distinct out;
  Scope after{false, {}};
  do {
    auto next = field();
    if (!next) return std::nullopt;
    const std::string name = to_text(*next);
    if (std::find(after.columns.begin(), after.columns.end(), name) != after.columns.end()) {
      return fail("there are two columns '" + name + "'", next->span);
    }
    after.columns.push_back(name);
    out.fields.push_back(std::move(*next));
    if (out.fields.size() > static_cast<std::size_t>(limits::kQueryColumnsMax)) {
      return fail("a query has at most " + std::to_string(limits::kQueryColumnsMax) + " columns",
                  out.fields.back().span);
    }
  } while (take_symbol(","));
  if (error_) return std::nullopt;
  scope_ = std::move(after);
  return out;
}

}  // namespace apitoolkit::server::query
