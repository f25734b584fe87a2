// Counts blocks in their day's rollups.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "src/server/store/rollup/block_traffic.h"
#include "src/server/store/sqlite/database.h"

namespace apitoolkit::server::store {

// A block of the day that is not in rolled_up.
struct OpenBlock {
  std::int64_t id = 0;
  std::int64_t rows = 0;
  std::shared_ptr<const BlockTraffic> traffic;  // shared with readers; null: its bytes are damaged
};

// In one transaction, durable when it returns; on an error nothing is changed. kCorrupt where what
// was counted before is damaged.
Status roll_up(Database& database, std::span<const OpenBlock> blocks);

}  // namespace apitoolkit::server::store
