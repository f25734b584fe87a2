// Bodies of many JSON texts: NDJSON, one a line, and JSON text sequences (RFC 7464), each between a
// record separator and a line feed.
#pragma once

#include <string_view>

#include "src/redact/engine/engine.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {

// Redacts each record by itself; one that is not JSON becomes the marker, and so does the last of a
// truncated body. What stands between the records is kept.
Redacted redact_records(std::string_view body, bool json_seq, bool truncated, const Engine& engine);

}  // namespace apitoolkit::redact
