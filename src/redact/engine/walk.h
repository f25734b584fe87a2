// The walk: takes an automaton through the tokens of a document and collects what it selects.
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/limits.h"
#include "src/json/token_stream.h"
#include "src/redact/engine/automaton.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// An open container whose children are being walked. `index` and `count` are of states that ask
// (State::Way::kAsking) only, and of other frames on the stack not even written.
struct WalkFrame {
  const State* state;
  std::uint32_t next;   // the token at which its next child, or that child's name, begins
  std::uint32_t close;  // its closing bracket
  std::uint32_t index;  // of its next element, where the state asks for it
  std::uint32_t count;  // its elements, likewise
};

// The containers around the one that is being walked.
struct WalkStack {
  WalkFrame frames[limits::kJsonDepthMax];
};

// Appends the outermost selected values, in document order. False when `operations` left fall below
// zero.
//
// Costs one step a member of the objects, and an element of the arrays, that a path can still
// select in; whole subtrees that none can are skipped in one step. Filters cost what they look at,
// and that is what `operations` counts.
bool walk(const json::TokenStream& stream, const Automaton& automaton, WalkStack& stack,
          std::vector<Span>& spans, std::int64_t& operations);

}  // namespace apitoolkit::redact
