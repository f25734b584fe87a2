// A query at work: rows are pushed, the answer is taken.
//
//   auto plan = Plan::make(*query, options);
//   Execution execution(plan, control);
//   ExchangeSource source;
//   for (newest first) { source.reset(row); if (auto s = execution.push(source); !s) return s;
//                        if (execution.satisfied()) break; }
//   Result<Answer> answer = execution.finish();
//
// Rows may be pushed in any order, by several executions of one plan, one a thread, which are then
// merged: the answer is the same, but for the last bits of doubles.
//
// A store with columns goes around push(): it looks at plan.leading_summarize(), asks groups() for
// the group of a key once a block, and adds runs of numbers to its states.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "src/server/query/aggregate_state.h"
#include "src/server/query/answer.h"
#include "src/server/query/plan.h"

namespace apitoolkit::server::query {

// Counts what a query collects. kResourceExhausted, with a sentence for its author, once it is over
// the bound.
class MemoryMeter {
 public:
  explicit MemoryMeter(std::int64_t bytes_max) : bytes_max_(bytes_max) {}
  void add(std::int64_t bytes) { bytes_ += bytes; }
  std::int64_t bytes() const { return bytes_; }
  std::int64_t bytes_left() const { return bytes_max_ - bytes_; }
  Status check() const;

 private:
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
};

// The groups of one summarize.
class Groups {
 public:
  // Both must outlive it.
  Groups(const SummarizeStage& stage, MemoryMeter& memory);

  // The group of a key: one value for each of the stage's groups. Made if it is new. Indexes stay
  // valid; they count from 0.
  std::size_t find_or_add(std::span<const Value> key);
  std::size_t size() const { return groups_.size(); }
  // The state of slot `slot` in that group. Whoever adds much to it calls account() afterwards.
  AggregateState& state(std::size_t group, std::size_t slot) { return groups_[group].states[slot]; }
  void account(std::size_t group);

  void add(const Frame& frame);
  void merge(const Groups& other);
  // A row for each, of the stage's columns, in ascending order of the keys.
  std::vector<std::vector<Value>> rows() const;

 private:
  struct Group {
    std::vector<Value> key;
    std::vector<AggregateState> states;
    std::int64_t bytes = 0;  // as accounted
  };

  const SummarizeStage& stage_;
  MemoryMeter& memory_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<Group> groups_;
  std::vector<Value> key_;  // kept for its memory
  std::string bytes_;
};

class Execution {
 public:
  Execution(std::shared_ptr<const Plan> plan, Control control);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  // kResourceExhausted, kDeadlineExceeded, or kUnavailable once it was stopped; then nothing more
  // comes of this execution.
  Status push(Source& exchange);
  // Counts an exchange that was found not to get past the first conditions. Errors as above.
  Status pass_over() {
    ++scanned_.exchanges;
    return look_around();
  }
  // Whether no older exchange can change the answer: for whoever pushes the newest first.
  bool satisfied() const;

  // Of the first summarize, for stores with columns; null pointer where the first stage that
  // collects is another.
  Groups* groups();
  Scanned& scanned() { return scanned_; }
  MemoryMeter& memory() { return memory_; }
  const Control& control() const { return control_; }

  // Takes over what another execution of the same plan has collected.
  Status merge(Execution&& other);
  // Once.
  Result<Answer> finish();

 private:
  class Collected;  // rows, of a SortStage
  Status look_around();
  bool runs_through(Source& exchange, std::vector<Value>& cells);

  std::shared_ptr<const Plan> plan_;  // shared by the executions of one query
  Control control_;
  MemoryMeter memory_;
  Scanned scanned_;
  std::unique_ptr<Groups> groups_;
  std::unique_ptr<Collected> rows_;
  std::vector<Value> cells_;
  int until_look_ = 0;
};

}  // namespace apitoolkit::server::query
