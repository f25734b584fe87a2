#include "src/server/query/walk.h"

namespace apitoolkit::server::query {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

template <class Parts>
void walk_all(const Parts& parts, const Visitor& visitor) {
  for (const auto& part : parts) walk(part, visitor);
}

void walk_columns(const std::vector<NamedValue>& columns, const Visitor& visitor) {
  for (const NamedValue& column : columns) walk(column.value, visitor);
}

void visit_field(const FieldRef& field, const Visitor& visitor) {
  if (visitor.field) visitor.field(field);
}

}  // namespace

void walk(const ValueExpr& value, const Visitor& visitor) {
  std::visit(Overloaded{
                 [](const Literal&) {},
                 [&](const FieldRef& field) { visit_field(field, visitor); },
                 [&](const ListExpr& list) { walk_all(list.values, visitor); },
                 [&](const Call& call) {
                   walk_all(call.conditions, visitor);
                   walk_all(call.values, visitor);
                 },
                 [&](const Arithmetic& arithmetic) { walk_all(arithmetic.operands, visitor); },
                 [&](const Aggregate& aggregate) {
                   if (visitor.aggregate) visitor.aggregate(aggregate);
                   walk_all(aggregate.value, visitor);
                   walk_all(aggregate.condition, visitor);
                 },
             },
             value.node);
}

void walk(const Expr& expr, const Visitor& visitor) {
  std::visit(Overloaded{
                 [&](const Comparison& c) {
                   walk(c.left, visitor);
                   walk(c.right, visitor);
                 },
                 [&](const Membership& m) {
                   walk(m.left, visitor);
                   walk_all(m.values, visitor);
                 },
                 [&](const TextMatch& m) {
                   walk(m.left, visitor);
                   walk_all(m.values, visitor);
                 },
                 [&](const RegexMatch& m) { walk(m.left, visitor); },
                 [&](const Test& t) { walk(t.value, visitor); },
                 [&](const FreeText& t) {
                   if (visitor.search) visitor.search(t);
                 },
                 [&](const And& a) { walk_all(a.operands, visitor); },
                 [&](const Or& o) { walk_all(o.operands, visitor); },
                 [&](const Not& n) { walk_all(n.operand, visitor); },
             },
             expr.node);
}

void walk(const Section& section, const Visitor& visitor) {
  std::visit(Overloaded{
                 [&](const Where& s) { walk(s.condition, visitor); },
                 [&](const Summarize& s) {
                   walk_columns(s.aggregates, visitor);
                   walk_columns(s.groups, visitor);
                 },
                 [&](const Sort& s) {
                   for (const SortKey& key : s.keys) visit_field(key.field, visitor);
                 },
                 [](const Take&) {},
                 [&](const Extend& s) { walk_columns(s.columns, visitor); },
                 [&](const Project& s) { walk_columns(s.columns, visitor); },
                 [&](const Distinct& s) {
                   for (const FieldRef& field : s.fields) visit_field(field, visitor);
                 },
             },
             section.node);
}

}  // namespace apitoolkit::server::query
