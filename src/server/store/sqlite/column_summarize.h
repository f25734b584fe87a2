// `… | summarize …` by columns: a block's rows are grouped by the codes of its texts, and its
// numbers are added in runs, so that no row is looked at by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/server/query/execution.h"
#include "src/server/store/sqlite/block_conditions.h"

namespace apitoolkit::server::store {

// Immutable; threads share it.
class ColumnSummarize {
 public:
  // nullopt where the plan does not begin with a summarize that columns can answer: conditions that
  // BlockConditions decides; groups of fields with columns and bins of the timestamp; counts, and
  // aggregates of numbers with columns. `plan` must outlive it.
  static std::optional<ColumnSummarize> of(const query::Plan& plan);

  // Adds those rows. False, without having added anything, where they have too many groups.
  Result<bool> add(BlockReader& block, std::span<const std::uint32_t> rows,
                   query::Execution& execution) const;

 private:
  struct GroupBy {
    std::optional<TextColumn> text;
    bool status = false;  // else the timestamp
    const query::Expression* expression = nullptr;
  };
  struct Slot {
    std::optional<NumberField> number;  // none: rows are counted
  };
  // One dimension of the key: for each row a code, and for each code a value.
  struct Codes {
    std::vector<std::uint32_t> of_row;
    std::vector<query::Value> values;
  };

  ColumnSummarize() = default;
  static Result<Codes> codes_of(const GroupBy& group, BlockReader& block,
                                std::span<const std::uint32_t> rows);

  std::vector<GroupBy> groups_;
  std::vector<Slot> slots_;
};

}  // namespace apitoolkit::server::store
