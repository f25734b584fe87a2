// Lines of logs in a message. `apitoolkit export` writes those that are stored beside an exchange
// into its message, as the last member, and an import brings them in again (wire/README.md):
//
//   "logs": [{"timestamp": time, "severity": int, "span_id": text, "body": text,
//             "attributes": object}, …]
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/store.h"

namespace apitoolkit::server::ingest {

// Adds them to a message, which is one JSON object. What would make it longer than a message may be
// is left out, and "logs_cut" says so.
void add_logs(std::span<const store::LogEntry> logs, std::string& message);

// Those of a message whose exchange is of that trace; none without a trace. What does not have the
// form above is left out, as every unknown member of a message is.
std::vector<store::LogEntry> logs_of(std::string_view message, std::string_view trace_id);

// The JSON text of them, as it stands in the message; empty where there are none.
std::string_view logs_text(std::string_view message);
// The message without them.
std::string without_logs(std::string_view message);

}  // namespace apitoolkit::server::ingest
