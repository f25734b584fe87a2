#include "src/server/serve/trace_logs.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::serve {

Result<std::vector<store::LogEntry>> logs_beside(const store::Store& store, const Uuid& project,
                                                 const std::string& trace_id) {
  std::vector<store::LogEntry> lines;
  if (trace_id.empty()) return lines;
  auto found = store.logs(project, trace_id, limits::kPageRowsMax);
  if (!found) return found;
  for (store::LogEntry& line : *found) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
      lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace apitoolkit::server::serve
