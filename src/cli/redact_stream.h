// A stream of records (NDJSON, RFC 7464), redacted as it comes.
#pragma once

#include "src/cli/input.h"
#include "src/redact/records.h"

namespace apitoolkit::cli {

// Reads `input` to its end and writes to standard output, piece by piece: a record appears as soon
// as its end was read, and memory does not grow with the stream. On a terminal, a file's progress
// is shown. Standard error says how many records were masked whole, and why. Returns the exit
// status.
int redact_stream(Input& input, redact::RecordStream& records);

}  // namespace apitoolkit::cli
