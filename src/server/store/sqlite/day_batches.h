// What an append brings, sorted by day and made into blocks.
#pragma once

#include <span>
#include <vector>

#include "src/server/store/block/block_writer.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// kInvalidArgument where a record is too big.
Result<std::vector<DayBatch>> make_day_batches(std::vector<const Record*> records,
                                               std::span<const LogEntry> logs, BlockWriter& writer);

}  // namespace apitoolkit::server::store
