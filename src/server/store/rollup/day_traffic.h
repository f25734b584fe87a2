// The traffic of one day: what its rollups have counted, and the blocks that are not in them yet.
#pragma once

#include "src/server/store/rollup/day_rollups.h"
#include "src/server/store/rollup/traffic_builder.h"
#include "src/server/store/sqlite/day_reader.h"

namespace apitoolkit::server::store {

// Adds what the reader's snapshot has of the range. Where the rollups are damaged, or cannot tell
// (the range names an endpoint and there were too many to count each), the day's columns are
// counted instead; then true is returned.
Result<bool> add_day_traffic(DayReader& day, DayRollups& known, const TrafficRange& range,
                             TrafficBuilder& traffic);

}  // namespace apitoolkit::server::store
