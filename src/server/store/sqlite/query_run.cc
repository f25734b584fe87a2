#include "src/server/store/sqlite/query_run.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/limits.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/matching.h"
#include "src/server/store/rollup/rollup_summarize.h"
#include "src/server/store/sqlite/column_summarize.h"
#include "src/server/store/sqlite/day_scan.h"
#include "src/server/store/sqlite/locked_parts.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kBlocksWorthAThread = 8;

bool wants_newest_first(const query::Plan& plan) {
  const auto* sort = std::get_if<query::SortStage>(&plan.collect());
  return sort != nullptr && sort->keys.empty();
}

// Whether the exchange gets past the conditions that the plan begins with.
bool passes(const query::Plan& plan, query::Source& exchange) {
  for (const query::Stage& stage : plan.scan()) {
    const auto* const filter = std::get_if<query::FilterStage>(&stage);
    if (filter == nullptr) return true;
    if (!filter->condition->holds({&exchange, {}})) return false;
  }
  return true;
}

bool can_hold(const Day& day, const Filter& filter) {
  return (!filter.until_ns || day.number() <= day_of(*filter.until_ns)) &&
         (!filter.since_ns || day.number() >= day_of(*filter.since_ns));
}

Search search_of(const std::shared_ptr<const query::Plan>& plan, const QueryScope& scope,
                 const QueryBudget& budget) {
  query::Analysis analysis = query::analyze(plan->query(), scope.now_ns);
  Search search;
  search.control = budget.control;
  if (!plan->scan().empty() && std::holds_alternative<query::FilterStage>(plan->scan().front())) {
    search.passes = [plan](query::Source& exchange) { return passes(*plan, exchange); };
  }
  search.where_fields = analysis.where_fields;
  search.fields = analysis.fields;
  search.conditions = BlockConditions(std::move(analysis.narrow));
  search.required = RequiredTexts(analysis.required);
  const query::TimeRange time = query::intersection(analysis.time, scope.span);
  search.filter.project = scope.project;
  search.filter.since_ns = time.since_ns;
  search.filter.until_ns = time.until_ns;
  return search;
}

Status run_newest_first(DayReader& day, const Search& search, query::Execution& execution) {
  query::ExchangeSource source;
  const auto row = [&](BlockCursor& cursor) -> Result<bool> {
    if (execution.satisfied()) return false;
    const Result<bool> passes = cursor.passes(search);
    if (!passes) return tl::unexpected(passes.error());
    if (!*passes) {
      if (Status fine = execution.pass_over(); !fine) return tl::unexpected(fine.error());
      return true;
    }
    const Result<const Record*> record = cursor.load(search);
    if (!record) return tl::unexpected(record.error());
    source.reset(stored_exchange(**record));
    if (Status pushed = execution.push(source); !pushed) return tl::unexpected(pushed.error());
    return true;
  };
  return walk_day(
      day, search, row, [](const Position&, std::int64_t) {}, execution.scanned());
}

// The blocks of one day, in any order.
class BlockRun {
 public:
  // Without what rollups have added already.
  BlockRun(DayReader& day, const Search& search, const ColumnSummarize* columns,
           const RollupSummarize::Added* added)
      : day_(day), search_(search), columns_(columns), added_(added) {}

  Status run(std::vector<std::unique_ptr<query::Execution>>& executions) {
    for (const StoredBlock& block : day_.blocks()) {
      if (block.header->project != search_.filter.project) continue;
      const bool is_counted = added_ != nullptr && added_->has_all(block);
      if (!is_counted && search_.may_be_in(*block.header)) {
        blocks_.push_back(block);
        continue;
      }
      search_.control.pass(static_cast<std::int64_t>(block.header->rows));
      if (!is_counted) ++executions[0]->scanned().blocks_skipped;
    }
    const std::size_t threads =
        std::clamp<std::size_t>(blocks_.size() / kBlocksWorthAThread, 1, executions.size());
    std::vector<Status> done(threads);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) {
      others.emplace_back([this, &done, &executions, i] { done[i] = take_blocks(*executions[i]); });
    }
    done[0] = take_blocks(*executions[0]);
    for (std::thread& other : others) other.join();
    for (const Status& status : done) {
      if (!status) return status;
    }
    return {};
  }

 private:
  Status take_blocks(query::Execution& execution) {
    FrameReader frames;
    while (!failed_) {
      const std::size_t i = next_++;
      if (i >= blocks_.size()) return {};
      Status done = search_.control.check();
      if (done) done = run_block(blocks_[i], frames, execution);
      if (!done && done.error().code != ErrorCode::kCorrupt) {
        failed_ = true;
        return done;
      }
      search_.control.pass(static_cast<std::int64_t>(blocks_[i].header->rows));
    }
    return {};
  }

  Status run_block(const StoredBlock& block, FrameReader& frames, query::Execution& execution) {
    ++execution.scanned().blocks_read;
    LockedParts parts(mutex_, day_.parts_of(block.id));
    BlockReader reader(block.header, parts, frames);
    const bool is_added = added_ != nullptr && added_->has(block.id);
    const Result<std::vector<std::uint32_t>> rows = select(reader, is_added);
    if (!rows) return tl::unexpected(rows.error());
    if (columns_ != nullptr) {
      const Result<bool> done = columns_->add(reader, *rows, execution);
      if (!done) return tl::unexpected(done.error());
      if (*done) return {};
    }
    RowLoader loader(reader, search_.fields);
    query::ExchangeSource source;
    for (const std::uint32_t row : *rows) {
      const Result<const Record*> record = loader.load(row);
      if (!record && record.error().code == ErrorCode::kCorrupt) continue;
      if (!record) return tl::unexpected(record.error());
      source.reset(stored_exchange(**record));
      if (Status pushed = execution.push(source); !pushed) return pushed;
    }
    return {};
  }

  Result<std::vector<std::uint32_t>> select(BlockReader& reader, bool is_added) const {
    const Result<bool> may_be = search_.required.may_be_in(reader);
    if (!may_be) return tl::unexpected(may_be.error());
    if (!*may_be) return std::vector<std::uint32_t>();
    const auto starts = reader.numbers(NumberColumn::kStart);
    if (!starts) return tl::unexpected(starts.error());
    const Filter& filter = search_.filter;
    std::vector<std::uint32_t> rows;
    rows.reserve(starts->size());
    for (std::uint32_t row = 0; row < starts->size(); ++row) {
      if (filter.since_ns && (*starts)[row] < *filter.since_ns) continue;
      if (filter.until_ns && (*starts)[row] >= *filter.until_ns) break;
      if (is_added && (*starts)[row] >= added_->since_ns && (*starts)[row] < added_->until_ns) {
        continue;
      }
      rows.push_back(row);
    }
    Status selected = search_.conditions.select(reader, rows);
    if (selected) selected = search_.required.select(reader, rows);
    if (!selected) return tl::unexpected(selected.error());
    return rows;
  }

  DayReader& day_;
  const Search& search_;
  const ColumnSummarize* const columns_;
  const RollupSummarize::Added* const added_;
  std::vector<StoredBlock> blocks_;
  std::mutex mutex_;  // guards the day's connection
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
};

}  // namespace

Result<query::Answer> run_query(std::span<const std::shared_ptr<Day>> newest_first,
                                const query::Query& query, const QueryScope& scope,
                                const QueryBudget& budget) {
  const std::shared_ptr<const query::Plan> plan = plan_of(query, scope, budget);
  const Search search = search_of(plan, scope, budget);
  const bool in_order = wants_newest_first(*plan);
  const std::optional<ColumnSummarize> columns = ColumnSummarize::of(*plan);
  const std::optional<RollupSummarize> rollups = RollupSummarize::of(*plan, scope.now_ns);
  const std::size_t threads = in_order
                                  ? 1
                                  : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1,
                                                            limits::kQueryThreadsMax);
  std::vector<std::unique_ptr<query::Execution>> executions;
  for (std::size_t i = 0; i < threads; ++i) {
    executions.push_back(std::make_unique<query::Execution>(plan, budget.control));
  }
  for (const std::shared_ptr<Day>& day : newest_first) {
    if (!can_hold(*day, search.filter)) continue;
    if (executions[0]->satisfied()) break;
    Status done = day->read([&](DayReader& reader) -> Status {
      if (in_order) return run_newest_first(reader, search, *executions[0]);
      std::optional<RollupSummarize::Added> added;
      if (rollups) {
        auto counted =
            rollups->add(reader, day->rollups(), scope.project,
                         {search.filter.since_ns, search.filter.until_ns}, *executions[0]);
        if (!counted) return tl::unexpected(counted.error());
        added = std::move(*counted);
      }
      return BlockRun(reader, search, columns ? &*columns : nullptr, added ? &*added : nullptr)
          .run(executions);
    });
    if (!done) return tl::unexpected(done.error());
  }
  for (std::size_t i = 1; i < threads; ++i) {
    Status merged = executions[0]->merge(std::move(*executions[i]));
    if (!merged) return tl::unexpected(merged.error());
  }
  return executions[0]->finish();
}

}  // namespace apitoolkit::server::store
