#include <algorithm>
#include <compare>

#include "src/server/query/execution.h"

namespace apitoolkit::server::query {

Status MemoryMeter::check() const {
  if (bytes_ <= bytes_max_) return {};
  return fail(ErrorCode::kResourceExhausted,
              "the query collects more than " + std::to_string(bytes_max_ >> 20) +
                  " MB: filter more, take fewer rows, or group by something with fewer values");
}

Groups::Groups(const SummarizeStage& stage, MemoryMeter& memory) : stage_(stage), memory_(memory) {
  if (stage_.groups.empty()) find_or_add({});
}

std::size_t Groups::find_or_add(std::span<const Value> key) {
  bytes_.clear();
  for (const Value& value : key) append_key(value, bytes_);
  const auto found = index_.find(bytes_);
  if (found != index_.end()) return found->second;
  constexpr std::int64_t kEntryBytes = 96;  // of the index and of Group itself
  Group group;
  for (const Value& value : key) {
    group.key.push_back(key_value(value));
    group.bytes += group.key.back().memory_bytes();
  }
  for (const AggregateSlot& slot : stage_.slots) group.states.emplace_back(slot.kind);
  memory_.add(group.bytes + kEntryBytes + static_cast<std::int64_t>(bytes_.size()));
  group.bytes = 0;  // from here on, of the states
  groups_.push_back(std::move(group));
  index_.emplace(bytes_, groups_.size() - 1);
  account(groups_.size() - 1);
  return groups_.size() - 1;
}

void Groups::account(std::size_t group) {
  std::int64_t bytes = 0;
  for (const AggregateState& one : groups_[group].states) bytes += one.memory_bytes();
  memory_.add(bytes - groups_[group].bytes);
  groups_[group].bytes = bytes;
}

void Groups::add(const Frame& frame) {
  key_.clear();
  for (const ExpressionPtr& value : stage_.groups) key_.push_back(value->evaluate(frame));
  const std::size_t group = find_or_add(key_);
  for (std::size_t i = 0; i < stage_.slots.size(); ++i) {
    const AggregateSlot& slot = stage_.slots[i];
    if (slot.value) {
      state(group, i).add(slot.value->evaluate(frame));
    } else if (!slot.condition || slot.condition->holds(frame)) {
      state(group, i).add_rows(1);
    }
  }
  account(group);
}

void Groups::merge(const Groups& other) {
  for (const Group& theirs : other.groups_) {
    const std::size_t group = find_or_add(theirs.key);
    for (std::size_t i = 0; i < stage_.slots.size(); ++i) state(group, i).merge(theirs.states[i]);
    account(group);
  }
}

std::vector<std::vector<Value>> Groups::rows() const {
  std::vector<const Group*> sorted;
  sorted.reserve(groups_.size());
  for (const Group& group : groups_) sorted.push_back(&group);
  std::sort(sorted.begin(), sorted.end(), [](const Group* a, const Group* b) {
    return std::lexicographical_compare(
        a->key.begin(), a->key.end(), b->key.begin(), b->key.end(),
        [](const Value& x, const Value& y) { return std::is_lt(order(x, y)); });
  });
  std::vector<std::vector<Value>> out;
  out.reserve(sorted.size());
  std::vector<Value> results;
  for (const Group* const group : sorted) {
    results.clear();
    for (std::size_t i = 0; i < stage_.slots.size(); ++i) {
      results.push_back(group->states[i].result(stage_.slots[i].percentile));
    }
    std::vector<Value> row = group->key;
    for (const ExpressionPtr& column : stage_.columns) {
      row.push_back(column->evaluate({nullptr, results}));
    }
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace apitoolkit::server::query
