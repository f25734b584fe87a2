// The lines of logs that stand beside an exchange: those of its trace.
#pragma once

#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// The oldest first, at most limits::kPageRowsMax; none without a trace. A line that is stored twice
// is there once: an exporter that had no answer sends its lines again, and lines have no identity.
Result<std::vector<store::LogEntry>> logs_beside(const store::Store& store, const Uuid& project,
                                                 const std::string& trace_id);

}  // namespace apitoolkit::server::serve
