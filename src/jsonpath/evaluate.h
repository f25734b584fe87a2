// Which nodes of a document a query selects.
#pragma once

#include <cstdint>
#include <vector>

#include "src/json/document.h"
#include "src/jsonpath/ast.h"
#include "src/jsonpath/budget.h"

namespace apitoolkit::jsonpath {

using NodeList = std::vector<std::uint32_t>;  // indices into Document::nodes()

// RFC 9535's nodelist: in its order, with its duplicates. False when the budget is spent.
bool select_list(const Ast& ast, const json::Document& document, Budget& budget, NodeList& out);

// What redaction masks: a set in document order, wider than the list where a reader of the body
// could see it otherwise than we do:
//  - a filter that reads a name which its object has twice counts as true;
//  - what follows "[*]" is applied also to a value that is no list, itself; a scalar other than the
//    root is selected where nothing follows.
// False when the budget is spent; nothing may be concluded from `out` then.
bool select_redacted(const Ast& ast, const json::Document& document, Budget& budget, NodeList& out);

}  // namespace apitoolkit::jsonpath
