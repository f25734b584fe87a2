// The walk: takes an automaton through the tokens of a document and collects what it selects.
#pragma once

#include <cstdint>
#include <vector>

#include "src/json/token_stream.h"
#include "src/redact/engine/automaton.h"
#include "src/redact/engine/token_cursor.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// An open container whose children are being walked.
struct WalkFrame {
  StateId state = kDead;
  bool is_array = false;
  std::uint32_t next = 0;    // the token at which its next child, or that child's name, begins
  std::uint32_t close = 0;   // its closing bracket
  std::int64_t index = 0;    // of its next element
  std::int64_t count = 0;    // its elements, where the state needs them
};

// Appends the outermost selected values, in document order. `stack` is memory to use; it stays
// within limits::kJsonDepthMax entries. False when `operations` left fall below zero.
//
// Costs one step a member of the objects, and an element of the arrays, that a path can still select
// in; whole subtrees that none can are skipped in one step. Filters cost what they look at, and that
// is what `operations` counts.
bool walk(const json::TokenStream& stream, const Automaton& automaton,
          std::vector<WalkFrame>& stack, std::vector<Span>& spans, std::int64_t& operations);

}  // namespace apitoolkit::redact
