// The redaction engine: what a set of paths selects in one JSON text, in one pass for all of them.
//
//   scan   (src/json/token_stream.h)  the text becomes tokens, checked completely
//   walk   (walk.h)                   an automaton of all the paths goes through the tokens
//   splice (src/redact/splice.h)      what it selected is replaced while the text is copied
//
// A path that the automaton cannot answer (filters that call functions, or compare one path with
// another) is given to the evaluator of src/jsonpath, alone; explain() says which and why.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/json/document.h"
#include "src/json/simd_level.h"
#include "src/json/token_stream.h"
#include "src/jsonpath/ast.h"
#include "src/jsonpath/budget.h"
#include "src/jsonpath/evaluate.h"
#include "src/jsonpath/query.h"
#include "src/redact/engine/automaton.h"
#include "src/redact/engine/walk.h"
#include "src/redact/reason.h"
#include "src/redact/splice.h"

namespace apitoolkit::redact {

// The memory of one redaction after the other: once it has seen a body as large, the engine
// allocates nothing. One thread at a time.
struct Scratch {
  Scratch() {}  // the stack is left as it is  NOLINT(cppcoreguidelines-pro-type-member-init)

  json::SimdLevel level = json::simd_level();
  std::vector<Span> spans;  // what select() found

  json::TokenStream tokens;
  WalkStack stack;
  json::Document document;   // for the evaluator only
  jsonpath::NodeList nodes;  // likewise

  // Gives memory back if there is more than that.
  void trim(std::size_t bytes_max);
};

// Immutable; threads may share it, each with its own Scratch.
class Engine {
 public:
  Engine() = default;
  explicit Engine(std::span<const jsonpath::Query> queries);

  // Puts the outermost selected spans into scratch.spans, in order. Else why they cannot be known:
  // kInvalidJson, kInvalidUtf8, kTooDeep or kBudget. The text is checked also where no path is set.
  Reason select(std::string_view text, Scratch& scratch) const;
  // As part of a larger body, whose budget the texts share.
  Reason select(std::string_view text, Scratch& scratch, jsonpath::Budget& budget) const;

  // Writes the text, with the marker in place of what is selected, to `out`, whose memory is
  // reused. Where there is a reason (one of select's, or kOutputSize), `out` is the marker alone.
  Reason redact(std::string_view text, Scratch& scratch, std::string& out) const;
  Reason redact(std::string_view text, Scratch& scratch, std::string& out,
                jsonpath::Budget& budget) const;

  bool empty() const { return plans_.empty(); }

  // How each path is answered, a line each.
  std::string explain() const;

 private:
  struct Plan {
    std::string text;    // the path, as it was written
    std::string answer;  // reads after "text: "
  };

  // A path on its way to its plan.
  struct Entry {
    const jsonpath::Ast* ast;
    const jsonpath::Path* path;
    std::size_t plan;  // index into plans_
  };

  void add_walks(std::span<const Entry> entries);
  void add_evaluation(const Entry& entry, const std::string& why);

  std::vector<Plan> plans_;
  std::vector<Automaton> automata_;
  std::vector<jsonpath::Ast> evaluated_;  // one path each
};

}  // namespace apitoolkit::redact
