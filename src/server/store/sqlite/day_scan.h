// Finds exchanges in one day: newest first, page by page, and by their identity.
#pragma once

#include <functional>
#include <optional>

#include "src/server/query/answer.h"
#include "src/server/store/page_builder.h"
#include "src/server/store/sqlite/block_cursor.h"
#include "src/server/store/sqlite/day_reader.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Calls `row(BlockCursor&)` for each row that the search's filter and conditions leave, newest
// first, until it returns false or an error; `damaged(position, rows)` where some cannot be read.
// Blocks overlap in time, so theirs are merged. Of rows that do not pass, many are left out.
Status walk_day(DayReader& day, const Search& search,
                const std::function<Result<bool>(BlockCursor&)>& row,
                const std::function<void(const Position&, std::int64_t)>& damaged,
                query::Scanned& scanned);

// Offers the day's matching rows to the page, newest first, until it has ended or
// they have.
Status scan_day(DayReader& day, const Search& search, PageBuilder& page);

// kCorrupt where the exchange is there and its bytes are damaged.
Result<std::optional<Record>> fetch_from_day(DayReader& day, const Uuid& project,
                                             const Uuid& identity);

// Adds what the day holds of the project. Days are added newest first.
void add_to_stats(const DayReader& day, const Uuid& project, ProjectStats& stats);

}  // namespace apitoolkit::server::store
