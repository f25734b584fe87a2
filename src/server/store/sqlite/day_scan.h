// Finds exchanges in one day: page by page, and by their identity.
#pragma once

#include <optional>

#include "src/server/store/page_builder.h"
#include "src/server/store/sqlite/day_reader.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Offers the day's matching rows behind `after` to the page, newest first, until it has ended or
// they have. Blocks overlap in time, so theirs are merged.
Status scan_day(DayReader& day, const Filter& filter, const std::optional<Position>& after,
                PageBuilder& page);

// kCorrupt where the exchange is there and its bytes are damaged.
Result<std::optional<Record>> fetch_from_day(DayReader& day, const Uuid& project,
                                             const Uuid& identity);

// Adds what the day holds of the project. Days are added newest first.
void add_to_stats(const DayReader& day, const Uuid& project, ProjectStats& stats);

}  // namespace apitoolkit::server::store
