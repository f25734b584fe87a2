// What a set of paths selects in one JSON text, found in the plain way: the text is parsed into a
// document, and each path evaluated on it, one after the other. The engine must give the same. For
// tests and fuzz targets only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/query.h"
#include "src/redact/engine/engine.h"
#include "src/redact/reason.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// The outermost spans of what the queries select, in order: every query on the text as it is, each
// with a budget of its own. Else why they cannot be known: kInvalidJson, kInvalidUtf8, kTooDeep or
// kBudget.
Reason reference_spans(std::string_view text, std::span<const jsonpath::Query> queries,
                       std::vector<Span>& spans);

// What came of a comparison.
struct Agreement {
  std::string complaint;  // empty if engine and reference agree
  std::size_t spans = 0;  // that were masked
};

// Runs the engine at every vector level and the reference, and checks that all give the same reason
// and the same bytes, and that these are the text but for what is selected. The text is put into
// memory of exactly its size, so that a sanitizer sees a read beyond it.
Agreement compare_with_reference(const Engine& engine, std::span<const jsonpath::Query> queries,
                                 std::string_view text, Scratch& scratch);

}  // namespace apitoolkit::redact
