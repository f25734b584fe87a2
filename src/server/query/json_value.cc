#include "src/server/query/json_value.h"

#include <algorithm>

namespace apitoolkit::server::query {
namespace {

using json::Document;
using json::Node;
using json::Type;

// Calls visit(child) for each element, or value of a member.
template <class Visit>
void for_each_child(const Document& document, std::uint32_t i, Visit visit) {
  const Node& node = document[i];
  if (node.type != Type::kArray && node.type != Type::kObject) return;
  std::uint32_t child = i + 1;
  for (std::uint32_t k = 0; k < node.count; ++k) {
    if (node.type == Type::kObject) ++child;  // over the name
    visit(child);
    child = document[child].next;
  }
}

std::optional<std::uint32_t> element(const Document& document, std::uint32_t i,
                                     std::int64_t index) {
  const Node& node = document[i];
  if (node.type != Type::kArray || index >= static_cast<std::int64_t>(node.count)) {
    return std::nullopt;
  }
  std::uint32_t child = i + 1;
  for (std::int64_t k = 0; k < index; ++k) child = document[child].next;
  return child;
}

void collect(const Document& document, std::uint32_t i, std::span<const Step> steps,
             Value::List& out) {
  for (; !steps.empty() && steps[0].kind != Step::Kind::kEach; steps = steps.subspan(1)) {
    const bool named = steps[0].kind == Step::Kind::kName;
    if (named && document[i].type != Type::kObject) return;
    const auto next =
        named ? document.member(i, steps[0].name) : element(document, i, steps[0].index);
    if (!next) return;
    i = *next;
  }
  if (steps.empty()) {
    out.push_back(value_of(document, i));
    return;
  }
  for_each_child(document, i,
                 [&](std::uint32_t child) { collect(document, child, steps.subspan(1), out); });
}

}  // namespace

bool has_each(std::span<const Step> steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.kind == Step::Kind::kEach; });
}

Value list_or_null(Value::List values) {
  return values.empty() ? Value() : Value::list(std::move(values));
}

Value value_of(const Document& document, std::uint32_t i) {
  switch (document[i].type) {
    case Type::kNull:
      return {};
    case Type::kFalse:
      return Value::boolean(false);
    case Type::kTrue:
      return Value::boolean(true);
    case Type::kNumber:
      if (const auto whole = json::to_int64(document.raw(i))) return Value::integer(*whole);
      return Value::real(json::to_double(document.raw(i)));
    case Type::kString:
      return Value::text(document.text(i));
    default:
      return Value::json(std::string(document.raw(i)));
  }
}

Value value_at(const Document& document, std::uint32_t i, std::span<const Step> steps) {
  Value::List found;
  collect(document, i, steps, found);
  if (has_each(steps)) return list_or_null(std::move(found));
  return found.empty() ? Value() : std::move(found[0]);
}

Value value_at(const Value& from, std::span<const Step> steps) {
  if (steps.empty() || from.is_null()) return steps.empty() ? from : Value();
  if (from.type() == ValueType::kJson) {
    const auto document = Document::parse(from.as_text());
    return document ? value_at(*document, document->root(), steps) : Value();
  }
  if (!from.is_list() || steps[0].kind == Step::Kind::kName) return {};
  const Value::List& list = from.as_list();
  if (steps[0].kind == Step::Kind::kIndex) {
    if (steps[0].index >= static_cast<std::int64_t>(list.size())) return {};
    return value_at(list[static_cast<std::size_t>(steps[0].index)], steps.subspan(1));
  }
  Value::List found;
  for (const Value& one : list) {
    Value reached = value_at(one, steps.subspan(1));
    if (reached.is_list()) {
      found.insert(found.end(), reached.as_list().begin(), reached.as_list().end());
    } else if (steps.size() == 1 || !reached.is_null()) {
      found.push_back(std::move(reached));
    }
  }
  return list_or_null(std::move(found));
}

}  // namespace apitoolkit::server::query
