#include "src/server/store/matching.h"

namespace apitoolkit::server::store {

Result<std::optional<query::Matcher>> matcher_of(const Filter& filter) {
  if (!filter.where) return std::optional<query::Matcher>();
  auto matcher = query::Matcher::of(*filter.where, filter.now_ns);
  if (!matcher) {
    return fail(ErrorCode::kInvalidArgument,
                "a filter has conditions only: leave out the sections that are not `where`");
  }
  return matcher;
}

std::shared_ptr<const query::Plan> plan_of(const query::Query& query, const QueryScope& scope,
                                           const QueryBudget& budget) {
  query::PlanOptions options;
  options.now_ns = scope.now_ns;
  options.span = scope.span;
  options.rows_max = budget.rows_max;
  options.memory_bytes_max = budget.memory_bytes_max;
  return query::Plan::make(query, options);
}

}  // namespace apitoolkit::server::store
