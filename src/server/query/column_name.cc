// What a column is called that was given no name.
#include "src/server/query/lexer.h"
#include "src/server/query/parser.h"

namespace apitoolkit::server::query {
namespace {

// As a name that needs no quotes: "request_body_items_price".
std::string as_word(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (is_name_character(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != '_') {
      out.push_back('_');
    }
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

std::string first_field(const ValueExpr& value) {
  if (const auto* field = std::get_if<FieldRef>(&value.node)) return to_text(*field);
  if (const auto* call = std::get_if<Call>(&value.node)) {
    return call->values.empty() ? std::string() : first_field(call->values[0]);
  }
  return {};
}

std::string joined(std::string_view function, const std::string& field) {
  if (field.empty()) return std::string(function);
  return std::string(function) + "_" + as_word(field);
}

std::string percentile_name(const Aggregate& aggregate) {
  const std::string_view name = name_of(aggregate);
  if (name != "percentile") return std::string(name);
  std::string rank = to_text(ValueExpr{Literal{Value::real(aggregate.percentile), {}}});
  if (rank.ends_with(".0")) rank.resize(rank.size() - 2);
  return as_word("p" + rank);
}

}  // namespace

std::string default_name(const ValueExpr& value) {
  if (const auto* field = std::get_if<FieldRef>(&value.node)) return to_text(*field);
  if (const auto* call = std::get_if<Call>(&value.node)) {
    std::string field = first_field(value);
    const bool bin = call->function == Function::kBin || call->function == Function::kBinAuto;
    if (bin) return field;
    return joined(function_info(call->function).name, field);
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&value.node)) {
    const std::string field = aggregate->value.empty() ? "" : first_field(aggregate->value[0]);
    return joined(percentile_name(*aggregate), field);
  }
  return {};
}

}  // namespace apitoolkit::server::query
