// Every field, free text and aggregate of a part of a query, wherever it stands in it.
#pragma once

#include <functional>

#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

// What is not set is passed over.
struct Visitor {
  std::function<void(const FieldRef&)> field;
  std::function<void(const FreeText&)> search;
  std::function<void(const Aggregate&)> aggregate;  // and then what is in it
};

void walk(const ValueExpr& value, const Visitor& visitor);
void walk(const Expr& expr, const Visitor& visitor);
void walk(const Section& section, const Visitor& visitor);

}  // namespace apitoolkit::server::query
