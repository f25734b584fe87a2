// A slow, obviously right redactor of JSON: its own reader (reference_json.h), evaluation of paths
// (reference_select.h), numbers and regular expressions. Of the product it uses the syntax tree of
// a path, and the bounds. The engine must give the same. For tests and fuzz targets only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/query.h"
#include "src/redact/engine/engine.h"
#include "src/redact/engine/reference_json.h"
#include "src/redact/engine/reference_select.h"
#include "src/redact/reason.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// What has to be masked in a text, as outermost spans in order.
struct Expectation {
  reference::Fault fault = reference::Fault::kNone;
  // The reference took too long, and knows nothing of the spans.
  bool gave_up = false;
  // What must be masked, and what may be (reference::Reading): the same but in rare cases.
  std::vector<Span> least;
  std::vector<Span> most;
  std::vector<Span> by_rfc;  // what the RFC selects, which is always part of it
};

Expectation expect(std::string_view text, std::span<const jsonpath::Query> queries);

// What is wrong with `out` and `reason`, the outcome of a redaction of the text; empty if nothing
// is. That is: selected values are gone, every other byte is there, and where the whole text became
// the marker there is a reason for it. A budget that was spent is one. `spans` is what was masked,
// if that is known; without it nothing is said of what may be masked but need not.
std::string complaint_about(std::string_view text, const Expectation& expectation,
                            std::string_view out, Reason reason,
                            const std::vector<Span>* spans = nullptr);

// What came of a comparison.
struct Agreement {
  std::string complaint;   // empty if engine and reference agree
  std::size_t spans = 0;   // that were masked
  bool undecided = false;  // the engine's budget was spent, or the reference gave up
};

// Runs the engine at every vector level and the reference. All levels must give the same spans, the
// same reason and the same bytes, and these must be the reference's. The text is put into memory of
// exactly its size, so that a sanitizer sees a read beyond it.
Agreement compare_with_reference(const Engine& engine, std::span<const jsonpath::Query> queries,
                                 std::string_view text, Scratch& scratch);

}  // namespace apitoolkit::redact
