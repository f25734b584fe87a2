#include "src/server/store/sqlite/column_summarize.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <numeric>
#include <utility>

#include "src/server/query/source.h"

namespace apitoolkit::server::store {
namespace {

using query::FieldId;
using query::Value;

constexpr std::size_t kCombinationsMax = 1 << 16;  // of the codes of one block

const query::FieldRef* field_of(const query::ValueExpr& value) {
  const auto* field = std::get_if<query::FieldRef>(&value.node);
  return field != nullptr && field->id && field->steps.empty() ? field : nullptr;
}

// `field op literal` of a field with a column.
bool is_decided(const query::Expr& expr) {
  const auto* comparison = std::get_if<query::Comparison>(&expr.node);
  if (comparison == nullptr || comparison->op == query::CompareOp::kNotEqual) return false;
  const query::FieldRef* field = field_of(comparison->left);
  const auto* literal = std::get_if<query::Literal>(&comparison->right.node);
  if (field == nullptr || literal == nullptr || literal->value.is_null()) return false;
  return BlockConditions::decides({*field->id, comparison->op, {literal->value}});
}

// `bin(timestamp, …)`, `bin_auto(timestamp)`: which grow with the time.
bool is_bin_of_time(const query::ValueExpr& value) {
  const auto* call = std::get_if<query::Call>(&value.node);
  if (call == nullptr || call->values.empty()) return false;
  if (call->function != query::Function::kBin && call->function != query::Function::kBinAuto) {
    return false;
  }
  const query::FieldRef* field = field_of(call->values[0]);
  if (field == nullptr || *field->id != FieldId::kTimestamp) return false;
  return call->values.size() == 1 || std::holds_alternative<query::Literal>(call->values[1].node);
}

std::optional<NumberField> number_of_aggregate(const query::Aggregate& aggregate) {
  if (aggregate.value.size() != 1) return std::nullopt;
  const query::FieldRef* field = field_of(aggregate.value[0]);
  if (field == nullptr) return std::nullopt;
  return number_field_of(*field->id);
}

}  // namespace

std::optional<ColumnSummarize> ColumnSummarize::of(const query::Plan& plan) {
  const auto& leading = plan.leading_summarize();
  const auto* stage = std::get_if<query::SummarizeStage>(&plan.collect());
  if (!leading || stage == nullptr) return std::nullopt;
  if (!std::all_of(leading->conditions.begin(), leading->conditions.end(),
                   [](const query::Expr* condition) { return is_decided(*condition); })) {
    return std::nullopt;
  }
  ColumnSummarize columns;
  for (std::size_t i = 0; i < leading->section->groups.size(); ++i) {
    const query::ValueExpr& value = leading->section->groups[i].value;
    GroupBy group;
    group.expression = stage->groups[i].get();
    if (const query::FieldRef* field = field_of(value)) {
      group.text = text_column_of(*field->id);
      group.status = *field->id == FieldId::kStatusCode;
      if (!group.text && !group.status) return std::nullopt;
    } else if (!is_bin_of_time(value)) {
      return std::nullopt;
    }
    columns.groups_.push_back(group);
  }
  for (const query::Aggregate* aggregate : leading->slots) {
    Slot slot;
    if (aggregate->kind == query::AggregateKind::kCountIf) return std::nullopt;
    if (aggregate->kind != query::AggregateKind::kCount) {
      slot.number = number_of_aggregate(*aggregate);
      if (!slot.number) return std::nullopt;
    }
    columns.slots_.push_back(slot);
  }
  return columns;
}

Result<ColumnSummarize::Codes> ColumnSummarize::codes_of(const GroupBy& group, BlockReader& block,
                                                         std::span<const std::uint32_t> rows) {
  Codes codes;
  codes.of_row.reserve(rows.size());
  if (group.text) {
    const Result<const Texts*> texts = block.texts(*group.text);
    if (!texts) return tl::unexpected(texts.error());
    for (std::uint32_t code = 0; code < (*texts)->distinct(); ++code) {
      const std::string_view text = (*texts)->value(code);
      codes.values.push_back(text.empty() ? Value() : Value::text(std::string(text)));
    }
    for (const std::uint32_t row : rows) codes.of_row.push_back((*texts)->codes()[row]);
    return codes;
  }
  if (group.status) {
    const auto statuses = block.numbers(NumberColumn::kStatus);
    if (!statuses) return tl::unexpected(statuses.error());
    std::vector<std::int64_t> known;
    for (const std::uint32_t row : rows) {
      const std::int64_t status = (*statuses)[row];
      auto found = std::find(known.begin(), known.end(), status);
      if (found == known.end()) {
        found = known.insert(known.end(), status);
        codes.values.push_back(status == 0 ? Value() : Value::integer(status));
      }
      codes.of_row.push_back(static_cast<std::uint32_t>(found - known.begin()));
    }
    return codes;
  }
  // Rows are in the order of their times, so each bin is one run of them.
  const auto starts = block.numbers(NumberColumn::kStart);
  if (!starts) return tl::unexpected(starts.error());
  Exchange exchange;
  query::ExchangeSource source;
  const auto bin_of = [&](std::uint32_t row) {
    exchange.start_ns = (*starts)[row];
    source.reset({&exchange});
    return group.expression->evaluate({&source, {}});
  };
  for (std::size_t begin = 0; begin < rows.size();) {
    const Value bin = bin_of(rows[begin]);
    const auto end = std::partition_point(
        rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.end(),
        [&](std::uint32_t row) { return std::is_eq(query::order(bin_of(row), bin)); });
    const auto code = static_cast<std::uint32_t>(codes.values.size());
    codes.values.push_back(bin);
    begin = static_cast<std::size_t>(end - rows.begin());
    codes.of_row.resize(begin, code);
  }
  return codes;
}

Result<bool> ColumnSummarize::add(BlockReader& block, std::span<const std::uint32_t> rows,
                                  query::Execution& execution) const {
  query::Groups* const groups = execution.groups();
  if (groups == nullptr) return false;
  if (rows.empty()) return true;
  std::vector<Codes> dimensions;
  std::size_t combinations = 1;
  for (const GroupBy& group : groups_) {
    Result<Codes> codes = codes_of(group, block, rows);
    if (!codes) return tl::unexpected(codes.error());
    combinations *= std::max<std::size_t>(codes->values.size(), 1);
    if (combinations > kCombinationsMax) return false;
    dimensions.push_back(std::move(*codes));
  }
  // What a row's codes make together, and which rows have it, in runs.
  std::vector<std::uint32_t> combined(rows.size(), 0);
  for (const Codes& codes : dimensions) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      combined[i] = combined[i] * static_cast<std::uint32_t>(codes.values.size()) + codes.of_row[i];
    }
  }
  std::vector<std::uint32_t> ends(combinations, 0);
  for (const std::uint32_t combination : combined) ++ends[combination];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<std::uint32_t> begins(combinations, 0);
  std::copy(ends.begin(), ends.end() - 1, begins.begin() + 1);
  std::vector<std::uint32_t> sorted(rows.size());
  std::vector<std::uint32_t> next = begins;
  for (std::size_t i = 0; i < rows.size(); ++i) sorted[next[combined[i]]++] = rows[i];

  // Read first, so that nothing is added of a block that is damaged.
  std::vector<std::span<const std::int64_t>> numbers(slots_.size());
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!slots_[slot].number) continue;
    const auto values = block.numbers(slots_[slot].number->column);
    if (!values) return tl::unexpected(values.error());
    numbers[slot] = *values;
  }
  std::vector<Value> key(dimensions.size());
  std::vector<std::int64_t> run;
  for (std::size_t combination = 0; combination < combinations; ++combination) {
    const std::uint32_t begin = begins[combination];
    const std::uint32_t end = ends[combination];
    if (begin == end) continue;
    std::size_t rest = combination;
    for (std::size_t i = dimensions.size(); i-- > 0;) {
      key[i] = dimensions[i].values[rest % dimensions[i].values.size()];
      rest /= dimensions[i].values.size();
    }
    const std::size_t group = groups->find_or_add(key);
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (!slots_[slot].number) {
        groups->state(group, slot).add_rows(end - begin);
        continue;
      }
      run.clear();
      for (std::uint32_t i = begin; i < end; ++i) {
        const std::int64_t number = numbers[slot][sorted[i]];
        if (number >= slots_[slot].number->null_below) run.push_back(number);
      }
      groups->state(group, slot).add_numbers(run, slots_[slot].number->type);
    }
    groups->account(group);
  }
  execution.scanned().exchanges += static_cast<std::int64_t>(rows.size());
  if (Status fits = execution.memory().check(); !fits) return tl::unexpected(fits.error());
  return true;
}

}  // namespace apitoolkit::server::store
