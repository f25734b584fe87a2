// Whether records fulfil a filter's `where`, in every store the same.
#pragma once

#include <memory>
#include <optional>

#include "apitoolkit/result.h"
#include "src/server/query/evaluate.h"
#include "src/server/query/plan.h"
#include "src/server/query/source.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// nullopt where the filter has no `where`; kInvalidArgument where that has other sections.
Result<std::optional<query::Matcher>> matcher_of(const Filter& filter);

// As the query language sees it. The record must outlive it.
inline query::StoredExchange stored_exchange(const Record& record) {
  return {&record.exchange, record.identity, record.received_ns, record.timestamp_corrected};
}

std::shared_ptr<const query::Plan> plan_of(const query::Query& query, const QueryScope& scope,
                                           const QueryBudget& budget);

}  // namespace apitoolkit::server::store
