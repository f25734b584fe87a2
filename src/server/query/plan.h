// A query, compiled into stages: those that look at exchanges one by one, up to the first that has
// to see all of them (summarize, distinct, sort, take, or the answer itself), and the rest, which
// work on the rows that it leaves.
//
//   where … | extend … | summarize … by …  |  where … | sort by … | take …
//   \________ scan ____/  \__ collect __/     \__________ rest ________/
//
// What later stages still need of an exchange is taken into cells when its row is collected, so no
// stage keeps an exchange.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "src/base/limits.h"
#include "src/server/query/analysis.h"
#include "src/server/query/ast.h"
#include "src/server/query/evaluate.h"

namespace apitoolkit::server::query {

struct PlanOptions {
  std::int64_t now_ns = 0;  // Unix time
  // What the query is asked for besides its own conditions: start_ns >= since, start_ns < until.
  // The pusher sees to them; here they only tell bin_auto how long a time is asked for.
  TimeRange span;
  std::int64_t rows_max = limits::kQueryRowsDefault;
  std::int64_t memory_bytes_max = limits::kQueryMemoryBytesMax;
};

struct FilterStage {
  ConditionPtr condition;
};
// Puts values behind the cells, all from the row as it was; or, with `replace`, in their place.
struct CellsStage {
  std::vector<ExpressionPtr> values;
  bool replace = false;
};
// An aggregate that is computed once for all the places where it stands.
struct AggregateSlot {
  AggregateKind kind = AggregateKind::kCount;
  double percentile = 0;
  ExpressionPtr value;     // none for kCount and kCountIf
  ConditionPtr condition;  // for kCountIf
};
struct SummarizeStage {
  std::vector<ExpressionPtr> groups;
  std::vector<AggregateSlot> slots;
  // Columns made of a row of groups and slots' results.
  std::vector<ExpressionPtr> columns;
};
struct SortStage {
  struct Key {
    ExpressionPtr value;
    bool descending = false;
  };
  std::vector<Key> keys;             // none: as the rows come; exchanges come newest first
  std::optional<std::int64_t> take;  // only that many of the first
};
using Stage = std::variant<FilterStage, CellsStage, SummarizeStage, SortStage>;

// Immutable; threads share it.
class Plan {
 public:
  static std::shared_ptr<const Plan> make(const Query& query, const PlanOptions& options);

  const PlanOptions& options() const { return options_; }
  const Query& query() const { return query_; }
  const Moment& moment() const { return moment_; }

  std::span<const Stage> scan() const { return scan_; }  // FilterStage and CellsStage
  // SummarizeStage or SortStage. Its sort keys are values of the frame behind scan(); a row that it
  // keeps gets the cells of taken() behind its own.
  const Stage& collect() const { return collect_; }
  const CellsStage& taken() const { return taken_; }
  std::span<const Stage> rest() const { return rest_; }

  struct Output {
    std::string name;
    std::size_t cell;
  };
  std::span<const Output> outputs() const { return outputs_; }

  // For a store that answers from columns: set if the query begins with nothing but `where` and
  // then summarizes. The parts are those of query(); slots are in the order of SummarizeStage.
  struct LeadingSummarize {
    std::vector<const Expr*> conditions;
    const Summarize* section = nullptr;
    std::vector<const Aggregate*> slots;
  };
  const std::optional<LeadingSummarize>& leading_summarize() const { return leading_; }

 private:
  friend class PlanBuilder;
  Plan() = default;

  Query query_;
  PlanOptions options_;
  Moment moment_;
  std::vector<Stage> scan_;
  Stage collect_;
  CellsStage taken_;
  std::vector<Stage> rest_;
  std::vector<Output> outputs_;
  std::optional<LeadingSummarize> leading_;
};

}  // namespace apitoolkit::server::query
