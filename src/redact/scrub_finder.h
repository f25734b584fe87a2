// All values in one text, whichever detectors find them.
#pragma once

#include <string_view>
#include <vector>

#include "src/json/simd_level.h"
#include "src/redact/scrub.h"
#include "src/redact/scrub_detectors.h"

namespace apitoolkit::redact {

// Replaces `spans` by what the detectors find in the text, in order; spans that overlap are joined,
// spans that only touch are not. Returns whether there is any. Allocates only for what is found.
bool find_values(DetectorSet detectors, std::string_view text, std::vector<Span>& spans,
                 json::SimdLevel level = json::simd_level());

// Whether find_values could find anything in the strings of a JSON text if each were unescaped:
// true where it finds something in the bytes as they stand, or where an escape may hide something.
// Costs no more, and ends at the first.
bool may_have_values_in_json(DetectorSet detectors, std::string_view json);

// Appends `text` to `out`, each span replaced by kMarker.
void append_masked(std::string_view text, const std::vector<Span>& spans, std::string& out);

}  // namespace apitoolkit::redact
