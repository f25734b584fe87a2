// A query over days of blocks.
#pragma once

#include <memory>
#include <span>

#include "src/server/query/execution.h"
#include "src/server/store/sqlite/day_catalog.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// As Store::query. Queries that want the newest exchanges walk from them until they have enough;
// the others read block after block on as many threads as there are cores.
Result<query::Answer> run_query(std::span<const std::shared_ptr<Day>> newest_first,
                                const query::Query& query, const QueryScope& scope,
                                const QueryBudget& budget);

}  // namespace apitoolkit::server::store
