#include "src/server/query/execution.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::query {
namespace {

using Cells = std::vector<Value>;
using Rows = std::vector<Cells>;

std::int64_t bytes_of(std::span<const Value> values) {
  std::int64_t bytes = 0;
  for (const Value& value : values) bytes += value.memory_bytes();
  return bytes;
}

// Negative, zero or positive, as `a` comes before, with or behind `b`.
int compare_keys(const std::vector<SortStage::Key>& keys, std::span<const Value> a,
                 std::span<const Value> b) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto result = order(a[i], b[i]);
    if (std::is_neq(result)) return std::is_lt(result) != keys[i].descending ? -1 : 1;
  }
  return 0;
}

Cells evaluate(const std::vector<SortStage::Key>& keys, const Frame& frame) {
  Cells out;
  out.reserve(keys.size());
  for (const SortStage::Key& key : keys) out.push_back(key.value->evaluate(frame));
  return out;
}

// What one row alone would make of a bound of memory is not made, but counted.
void apply(const CellsStage& stage, Source* exchange, Cells& cells, MemoryMeter& memory) {
  Cells made;
  made.reserve(stage.values.size());
  std::int64_t bytes = 0;
  for (const ExpressionPtr& value : stage.values) {
    made.push_back(value->evaluate({exchange, cells}));
    bytes += made.back().memory_bytes();
    if (bytes <= memory.bytes_left()) continue;
    memory.add(bytes);
    made.resize(stage.values.size());
    break;
  }
  if (stage.replace) {
    cells = std::move(made);
  } else {
    std::move(made.begin(), made.end(), std::back_inserter(cells));
  }
}

ValueType common_type(const Rows& rows, std::size_t column) {
  ValueType type = ValueType::kNull;
  for (const Cells& row : rows) {
    const ValueType own = row[column].type();
    if (own == ValueType::kNull || own == type) continue;
    const bool numbers = (own == ValueType::kInteger && type == ValueType::kDouble) ||
                         (own == ValueType::kDouble && type == ValueType::kInteger);
    if (type != ValueType::kNull && !numbers) return ValueType::kNull;
    type = numbers ? ValueType::kDouble : own;
  }
  return type;
}

}  // namespace

Status Control::check() const {
  if (stop.stop_requested()) return fail(ErrorCode::kUnavailable, "the query was stopped");
  if (deadline && std::chrono::steady_clock::now() >= *deadline) {
    return fail(ErrorCode::kDeadlineExceeded,
                "the query took too long: ask for a shorter time or filter more");
  }
  return {};
}

// The first rows in the order of a SortStage; a heap with the last of them in front as long as
// there is a bound to how many.
class Execution::Collected {
 public:
  Collected(const SortStage& stage, const CellsStage& taken, MemoryMeter& memory)
      : stage_(stage), taken_(taken), memory_(memory) {}

  void add(Source& exchange, Cells& cells) {
    Row row;
    row.keys = evaluate(stage_.keys, {&exchange, cells});
    row.start_ns = exchange.start_ns();
    row.identity = exchange.identity();
    if (is_full() && (rows_.empty() || !is_before(row, rows_.front()))) return;
    row.cells = cells;
    apply(taken_, &exchange, row.cells, memory_);
    row.bytes = static_cast<std::int64_t>(sizeof(Row)) + bytes_of(row.keys) + bytes_of(row.cells);
    keep(std::move(row));
  }

  bool is_full() const {
    return stage_.take && static_cast<std::int64_t>(rows_.size()) >= *stage_.take;
  }
  bool satisfied() const { return is_full() && (stage_.keys.empty() || *stage_.take == 0); }

  void merge(Collected&& other) {
    for (Row& row : other.rows_) {
      if (!is_full() || (!rows_.empty() && is_before(row, rows_.front()))) keep(std::move(row));
    }
    other.rows_.clear();
  }

  Rows rows() {
    std::sort(rows_.begin(), rows_.end(),
              [this](const Row& a, const Row& b) { return is_before(a, b); });
    Rows out;
    out.reserve(rows_.size());
    for (Row& row : rows_) out.push_back(std::move(row.cells));
    return out;
  }

 private:
  struct Row {
    Cells keys;
    std::int64_t start_ns = 0;
    Uuid identity{};
    Cells cells;
    std::int64_t bytes = 0;
  };

  bool is_before(const Row& a, const Row& b) const {
    const int by_keys = compare_keys(stage_.keys, a.keys, b.keys);
    if (by_keys != 0) return by_keys < 0;
    if (a.start_ns != b.start_ns) return a.start_ns > b.start_ns;
    return a.identity > b.identity;
  }

  void keep(Row row) {
    const auto before = [this](const Row& a, const Row& b) { return is_before(a, b); };
    memory_.add(row.bytes);
    rows_.push_back(std::move(row));
    if (!stage_.take) return;
    std::push_heap(rows_.begin(), rows_.end(), before);
    if (static_cast<std::int64_t>(rows_.size()) <= *stage_.take) return;
    std::pop_heap(rows_.begin(), rows_.end(), before);
    memory_.add(-rows_.back().bytes);
    rows_.pop_back();
  }

  const SortStage& stage_;
  const CellsStage& taken_;
  MemoryMeter& memory_;
  std::vector<Row> rows_;
};

Execution::Execution(std::shared_ptr<const Plan> plan, Control control)
    : plan_(std::move(plan)),
      control_(std::move(control)),
      memory_(plan_->options().memory_bytes_max) {
  if (const auto* summarize = std::get_if<SummarizeStage>(&plan_->collect())) {
    groups_ = std::make_unique<Groups>(*summarize, memory_);
  } else {
    rows_ =
        std::make_unique<Collected>(std::get<SortStage>(plan_->collect()), plan_->taken(), memory_);
  }
}

Execution::~Execution() = default;

Groups* Execution::groups() {
  return groups_.get();
}

bool Execution::satisfied() const {
  return rows_ && rows_->satisfied();
}

Status Execution::look_around() {
  if (--until_look_ > 0) return {};
  until_look_ = limits::kQueryRowsPerLook;
  return control_.check();
}

// Whether the row gets past the conditions; its cells.
bool Execution::runs_through(Source& exchange, Cells& cells) {
  for (const Stage& stage : plan_->scan()) {
    if (const auto* filter = std::get_if<FilterStage>(&stage)) {
      if (!filter->condition->holds({&exchange, cells})) return false;
    } else {
      apply(std::get<CellsStage>(stage), &exchange, cells, memory_);
    }
  }
  return true;
}

Status Execution::push(Source& exchange) {
  if (auto looked = look_around(); !looked) return looked;
  ++scanned_.exchanges;
  cells_.clear();
  if (!runs_through(exchange, cells_)) return {};
  if (groups_) {
    groups_->add({&exchange, cells_});
  } else {
    rows_->add(exchange, cells_);
  }
  return memory_.check();
}

Status Execution::merge(Execution&& other) {
  scanned_.merge(other.scanned_);
  if (groups_) {
    groups_->merge(*other.groups_);
  } else {
    rows_->merge(std::move(*other.rows_));
  }
  if (auto checked = memory_.check(); !checked) return checked;
  return control_.check();
}

namespace {

// The stages behind the one that collects.
class Rest {
 public:
  Rest(Rows rows, MemoryMeter& memory, const Control& control)
      : rows_(std::move(rows)), memory_(memory), control_(control) {}

  Status apply_stage(const Stage& stage) {
    if (const auto* filter = std::get_if<FilterStage>(&stage)) return apply_filter(*filter);
    if (const auto* cells = std::get_if<CellsStage>(&stage)) return apply_cells(*cells);
    if (const auto* sort = std::get_if<SortStage>(&stage)) return apply_sort(*sort);
    return apply_summarize(std::get<SummarizeStage>(stage));
  }

  Rows take() { return std::move(rows_); }

 private:
  // Calls each(row) and looks around between; stops at what fails.
  template <class Each>
  Status for_each_row(Each each) {
    int until_look = 0;
    for (Cells& row : rows_) {
      if (--until_look < 0) {
        until_look = limits::kQueryRowsPerLook;
        if (auto checked = control_.check(); !checked) return checked;
      }
      each(row);
      if (auto checked = memory_.check(); !checked) return checked;
    }
    return {};
  }

  Status apply_filter(const FilterStage& filter) {
    Rows left;
    auto done = for_each_row([&](Cells& row) {
      if (filter.condition->holds({nullptr, row})) left.push_back(std::move(row));
    });
    rows_ = std::move(left);
    return done;
  }

  Status apply_cells(const CellsStage& stage) {
    return for_each_row([&](Cells& row) {
      const std::int64_t before = bytes_of(row);
      apply(stage, nullptr, row, memory_);
      memory_.add(bytes_of(row) - before);
    });
  }

  Status apply_sort(const SortStage& stage) {
    std::vector<std::pair<Cells, Cells>> sorted;  // keys, row
    sorted.reserve(rows_.size());
    auto done = for_each_row([&](Cells& row) {
      Cells keys = evaluate(stage.keys, {nullptr, row});
      sorted.emplace_back(std::move(keys), std::move(row));
    });
    if (!done) return done;
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
      return compare_keys(stage.keys, a.first, b.first) < 0;
    });
    const auto size = static_cast<std::int64_t>(sorted.size());
    sorted.resize(static_cast<std::size_t>(std::min(size, stage.take.value_or(size))));
    rows_.clear();
    for (auto& entry : sorted) rows_.push_back(std::move(entry.second));
    return {};
  }

  Status apply_summarize(const SummarizeStage& stage) {
    Groups groups(stage, memory_);
    auto done = for_each_row([&](Cells& row) { groups.add({nullptr, row}); });
    if (done) rows_ = groups.rows();
    return done;
  }

  Rows rows_;
  MemoryMeter& memory_;
  const Control& control_;
};

}  // namespace

Result<Answer> Execution::finish() {
  Rest rest(groups_ ? groups_->rows() : rows_->rows(), memory_, control_);
  for (const Stage& stage : plan_->rest()) {
    if (auto done = rest.apply_stage(stage); !done) return tl::unexpected(std::move(done.error()));
  }
  if (auto checked = control_.check(); !checked) return tl::unexpected(std::move(checked.error()));
  Rows rows = rest.take();
  Answer answer;
  answer.scanned = scanned_;
  const auto rows_max =
      static_cast<std::size_t>(std::max<std::int64_t>(plan_->options().rows_max, 0));
  answer.truncated = rows.size() > rows_max;
  if (answer.truncated) rows.resize(rows_max);
  for (Cells& row : rows) {
    Cells out;
    out.reserve(plan_->outputs().size());
    for (const Plan::Output& output : plan_->outputs()) out.push_back(row[output.cell]);
    answer.rows.push_back(std::move(out));
  }
  for (std::size_t i = 0; i < plan_->outputs().size(); ++i) {
    answer.columns.push_back({plan_->outputs()[i].name, common_type(answer.rows, i)});
  }
  return answer;
}

}  // namespace apitoolkit::server::query
