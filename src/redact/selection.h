// What a set of paths selects in one JSON text.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "src/jsonpath/query.h"
#include "src/redact/reason.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// The outermost spans of what the queries select, in order: every query on the text as it is, each
// with a budget of its own. Else why they cannot be known: kInvalidJson, kInvalidUtf8, kTooDeep or
// kBudget.
Reason select_spans(std::string_view text, std::span<const jsonpath::Query> queries,
                    std::vector<Span>& spans);

}  // namespace apitoolkit::redact
