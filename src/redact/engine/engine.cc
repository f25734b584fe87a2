#include "src/redact/engine/engine.h"

#include <algorithm>

#include "src/base/limits.h"
#include "src/redact/redactor.h"

namespace apitoolkit::redact {
namespace {

using jsonpath::Path;
using jsonpath::Segment;
using jsonpath::Selector;
using Fault = json::TokenStream::Fault;

Reason reason_of(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return Reason::kNone;
    case Fault::kUtf8:
      return Reason::kInvalidUtf8;
    case Fault::kTooDeep:
    case Fault::kTooLong:
      return Reason::kTooDeep;
    case Fault::kSyntax:
      break;
  }
  return Reason::kInvalidJson;
}

// Whether every filter of the path is one for FilterProgram; else why not.
bool is_walkable(const Path& path, std::string& why) {
  for (const Segment& segment : path.segments) {
    for (const Selector& selector : segment.selectors) {
      if (selector.kind == Selector::Kind::kFilter &&
          !FilterProgram::compile(*selector.filter, why)) {
        return false;
      }
    }
  }
  return true;
}

// What the walk has to do for this path.
std::string describe(const Path& path) {
  bool descendant = false;
  bool wildcard = false;
  bool position = false;
  bool filter = false;
  for (const Segment& segment : path.segments) {
    descendant = descendant || segment.descendant;
    for (const Selector& selector : segment.selectors) {
      wildcard = wildcard || selector.kind == Selector::Kind::kWildcard;
      position = position || selector.kind == Selector::Kind::kIndex ||
                 selector.kind == Selector::Kind::kSlice;
      filter = filter || selector.kind == Selector::Kind::kFilter;
    }
  }
  std::string parts;
  const auto add = [&](bool present, const char* part) {
    if (present) parts += (parts.empty() ? "" : ", ") + std::string(part);
  };
  add(descendant, "any depth");
  add(wildcard, "wildcards");
  add(position, "positions in lists");
  add(filter, "filters");
  return parts.empty() ? "names only" : parts;
}

}  // namespace

void Scratch::trim(std::size_t bytes_max) {
  const std::size_t bytes = tokens.memory_bytes() + spans.capacity() * sizeof(Span) +
                            document.nodes().capacity() * sizeof(json::Node) +
                            nodes.capacity() * sizeof(std::uint32_t);
  if (bytes <= bytes_max) return;
  tokens.release();
  spans = {};
  document = {};
  nodes = {};
}

Engine::Engine(std::span<const jsonpath::Query> queries) {
  std::vector<Entry> walkable;
  for (const jsonpath::Query& query : queries) {
    for (const Path& path : query.ast().paths) {
      const Entry entry{.ast = &query.ast(), .path = &path, .plan = plans_.size()};
      plans_.push_back({.text = query.text(), .answer = {}});
      std::string why;
      if (is_walkable(path, why)) {
        walkable.push_back(entry);
      } else {
        add_evaluation(entry, why);
      }
    }
  }
  add_walks(walkable);
}

// As many paths an automaton as there is room for: halves, until each half has it.
void Engine::add_walks(std::span<const Entry> entries) {
  std::vector<std::span<const Entry>> pending{entries};
  while (!pending.empty()) {
    const std::span<const Entry> some = pending.back();
    pending.pop_back();
    if (some.empty()) continue;
    std::vector<const Path*> paths;
    for (const Entry& entry : some) paths.push_back(entry.path);
    std::optional<Automaton> automaton = Automaton::build(paths);
    if (automaton) {
      automata_.push_back(std::move(*automaton));
      for (const Entry& entry : some) {
        plans_[entry.plan].answer =
            "walk " + std::to_string(automata_.size()) + " (" + describe(*entry.path) + ")";
      }
    } else if (some.size() == 1) {
      add_evaluation(some.front(), "it needs too many states");
    } else {
      pending.push_back(some.subspan(some.size() / 2));
      pending.push_back(some.first(some.size() / 2));
    }
  }
}

void Engine::add_evaluation(const Entry& entry, const std::string& why) {
  jsonpath::Ast ast = *entry.ast;
  ast.paths = {*entry.path};
  evaluated_.push_back(std::move(ast));
  plans_[entry.plan].answer = "evaluator, since " + why;
}

Reason Engine::select(std::string_view text, Scratch& scratch) const {
  jsonpath::Budget budget(text.size());
  return select(text, scratch, budget);
}

Reason Engine::select(std::string_view text, Scratch& scratch, jsonpath::Budget& budget) const {
  scratch.spans.clear();
  const Fault fault = scratch.tokens.read(text, scratch.level);
  if (fault != Fault::kNone) return reason_of(fault);
  std::int64_t operations = budget.left();
  for (const Automaton& automaton : automata_) {
    if (!walk(scratch.tokens, automaton, scratch.stack, scratch.spans, operations)) {
      budget.exhaust();
      return Reason::kBudget;
    }
  }
  budget.spend(budget.left() - operations);
  if (!evaluated_.empty()) {
    if (!scratch.document.reparse(text)) return Reason::kInvalidJson;
    for (const jsonpath::Ast& ast : evaluated_) {
      scratch.nodes.clear();
      if (!jsonpath::select_redacted(ast, scratch.document, budget, scratch.nodes)) {
        return Reason::kBudget;
      }
      for (const std::uint32_t node : scratch.nodes) {
        scratch.spans.push_back({scratch.document[node].begin, scratch.document[node].end});
      }
    }
  }
  // One walk finds its spans in order, none inside another.
  if (automata_.size() + evaluated_.size() > 1 || !evaluated_.empty()) {
    keep_outermost(scratch.spans);
  }
  return Reason::kNone;
}

Reason Engine::redact(std::string_view text, Scratch& scratch, std::string& out) const {
  jsonpath::Budget budget(text.size());
  return redact(text, scratch, out, budget);
}

Reason Engine::redact(std::string_view text, Scratch& scratch, std::string& out,
                      jsonpath::Budget& budget) const {
  Reason reason = select(text, scratch, budget);
  if (reason == Reason::kNone && !splice_into(text, scratch.spans, out)) {
    reason = Reason::kOutputSize;
  }
  if (reason != Reason::kNone) out = kMarkerJson;
  return reason;
}

std::string Engine::explain() const {
  std::string out;
  for (const Plan& plan : plans_) out += plan.text + ": " + plan.answer + "\n";
  return out;
}

}  // namespace apitoolkit::redact
