// All paths of a rule set as one deterministic automaton over the tree of a document.
//
// A position is "segment s of path p is to be applied to this node's children". A state is the set
// of positions that a node can be in; walking from a node to a child leads to another state, which
// depends on the child's name, on its type, and on what the state's predicates (indices, slices,
// filters) say about it. Paths of child names only make this a trie; descendant segments stay in
// the set on the way down. All states are built when the rules are compiled, so that a walk only
// looks them up. The number of states can explode ("..a.*.*.*.*.*" doubles it with each step):
// build() gives up at a bound, and the paths are then split over several automata.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/jsonpath/ast.h"
#include "src/redact/engine/filter_program.h"
#include "src/redact/engine/name_table.h"

namespace apitoolkit::redact {

using StateId = std::uint16_t;
inline constexpr StateId kDead = 0;      // nothing below can be selected
inline constexpr StateId kSelected = 1;  // the value itself is: the marker takes its place

// Where a child leads, by its type. `scalar` is kDead or kSelected.
struct Target {
  StateId array = kDead;
  StateId object = kDead;
  StateId scalar = kDead;
};

// A question about a child that its name does not answer.
struct Predicate {
  enum class Kind : std::uint8_t { kIndex, kSlice, kFilter, kIndices };
  Kind kind = Kind::kIndex;
  bool needs_count = false;  // depends on the array's length
  std::int64_t index = 0;
  std::vector<std::int64_t> indices;  // sorted; any of them
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
  std::int64_t step = 1;
  std::uint32_t filter = 0;  // index into Automaton::filters

  // Of all but kFilter: whether they select element `i` of `count`, which is needed only if
  // needs_count.
  bool selects(std::int64_t i, std::int64_t count) const;
};

struct State {
  NameTable names;                 // label 0 is every other name, and the elements of arrays
  Target other;                    // of label 0, where there are no predicates
  std::uint32_t first_target = 0;  // of label l and outcome o: first + (l << predicates) + o
  std::uint32_t first_predicate = 0;
  std::uint8_t predicate_count = 0;
  bool has_filter = false;
  bool needs_count = false;
  std::uint32_t elements_max = ~std::uint32_t{0};  // of an array, that can lead anywhere
  // How a walk goes through the children.
  enum class Way : std::uint8_t {
    kListed,  // no predicates, and only children with a listed name lead anywhere
    kAll,     // no predicates
    kAsking,  // predicates
    // Every child without a listed name leads back to this state, or is a scalar that is left
    // alone: the whole subtree can be searched for the listed names, whatever its shape.
    kSearch,
  };
  Way way = Way::kAll;
};

struct Automaton {
  std::vector<State> states;  // states[0] and [1] are placeholders for kDead and kSelected
  std::vector<Target> targets;
  std::vector<Predicate> predicates;
  std::vector<FilterProgram> filters;
  Target root;

  // nullopt if there are too many states or targets, or too many predicates in one state. The
  // filters of the paths must be ones that FilterProgram::compile accepts.
  static std::optional<Automaton> build(std::span<const jsonpath::Path* const> paths);

  const Target& target(const State& state, std::uint32_t label, std::uint32_t outcome) const {
    return targets[state.first_target + (label << state.predicate_count) + outcome];
  }
};

}  // namespace apitoolkit::redact
