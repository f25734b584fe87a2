#include "src/server/store/sqlite/day_batches.h"

#include <algorithm>
#include <map>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

bool comes_before(const Record* a, const Record* b) {
  const std::int64_t day_a = day_of(a->exchange.start_ns);
  const std::int64_t day_b = day_of(b->exchange.start_ns);
  if (day_a != day_b) return day_a < day_b;
  if (a->project != b->project) return a->project < b->project;
  return a->exchange.start_ns != b->exchange.start_ns ? a->exchange.start_ns < b->exchange.start_ns
                                                      : a->identity < b->identity;
}

bool are_together(const Record* a, const Record* b) {
  return a->project == b->project && day_of(a->exchange.start_ns) == day_of(b->exchange.start_ns);
}

}  // namespace

Result<std::vector<DayBatch>> make_day_batches(std::vector<const Record*> records,
                                               std::span<const LogEntry> logs,
                                               BlockWriter& writer) {
  std::sort(records.begin(), records.end(), comes_before);
  std::map<std::int64_t, DayBatch> days;
  for (auto begin = records.begin(); begin != records.end();) {
    auto end = begin;
    while (end != records.end() && are_together(*begin, *end) &&
           end - begin < limits::kBlockRowsMax) {
      ++end;
    }
    Result<EncodedBlock> block =
        writer.encode(std::span(&*begin, static_cast<std::size_t>(end - begin)));
    if (!block) return tl::unexpected(block.error());
    days[day_of((*begin)->exchange.start_ns)].blocks.push_back(std::move(*block));
    begin = end;
  }
  for (const LogEntry& entry : logs) days[day_of(entry.time_ns)].logs.push_back(entry);
  std::vector<DayBatch> batches;
  for (auto& [day, batch] : days) {
    batch.day = day;
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace apitoolkit::server::store
