// `… | summarize … by …` by rollups, where they can answer it exactly: counts, and percentiles and
// extremes of the duration, by bins of whole minutes and by endpoint, under conditions on the
// endpoint alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "src/server/query/execution.h"
#include "src/server/store/rollup/day_rollups.h"
#include "src/server/store/rollup/rollup_tables.h"
#include "src/server/store/sqlite/day_reader.h"

namespace apitoolkit::server::store {

// Immutable; threads share it.
class RollupSummarize {
 public:
  // nullopt where the plan, which must outlive it, is another question.
  static std::optional<RollupSummarize> of(const query::Plan& plan, std::int64_t now_ns);

  // What of a day has been added: of these blocks, the exchanges of that time.
  struct Added {
    std::int64_t since_ns = 0;
    std::int64_t until_ns = 0;
    std::map<std::int64_t, std::int64_t> blocks;  // as RollupTables::rolled_up

    bool has(std::int64_t block) const { return blocks.contains(block); }
    bool has_all(const StoredBlock& block) const {
      return has(block.id) && block.header->first_ns() >= since_ns &&
             block.header->last_ns() < until_ns;
    }
  };
  // Adds what is counted of the day's part of `time`. nullopt, without having added anything, where
  // that is nothing, is damaged, or cannot tell.
  Result<std::optional<Added>> add(DayReader& day, DayRollups& known, const Uuid& project,
                                   const query::TimeRange& time, query::Execution& execution) const;

 private:
  class Sums;
  struct GroupBy {
    std::optional<query::FieldId> text;  // method, host or path; else a bin of the time
    const query::Expression* bin = nullptr;
  };

  RollupSummarize() = default;
  bool by_endpoint() const;
  query::Value bin_at(std::int64_t unix_ns) const;  // null where there is none
  bool is_one_bin(std::int64_t first_ns, std::int64_t last_ns) const;
  bool matches(const RollupTables::Endpoint& endpoint) const;
  void flush(Sums& sums, query::Execution& execution) const;
  // False where the rollups cannot tell.
  Result<bool> collect(RollupTables& tables, std::int64_t day, const Added& added,
                       const Uuid& project, Sums& sums) const;

  std::vector<GroupBy> groups_;
  std::vector<query::AggregateKind> slots_;
  std::vector<query::Matcher> conditions_;
  bool with_durations_ = false;
};

}  // namespace apitoolkit::server::store
