// The evaluator: applies a path's segments one after the other to a list of nodes. It recurses only
// along the nesting of filters, which the parser bounds; documents of any depth are walked by
// index.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/json/document.h"
#include "src/jsonpath/ast.h"
#include "src/jsonpath/budget.h"
#include "src/jsonpath/evaluate.h"
#include "src/jsonpath/value.h"

namespace apitoolkit::jsonpath {

// One evaluation over one document, both of which must outlive it. When the budget is spent it
// stops early, and what it returned means nothing.
class Evaluator {
 public:
  enum class Mode { kList, kRedact };  // as select_list and select_redacted have it

  Evaluator(const Ast& ast, const json::Document& document, Budget& budget, Mode mode)
      : document_(document), budget_(budget), redacting_(mode == Mode::kRedact) {
    memos_.resize(static_cast<std::size_t>(ast.memos));
  }

  // The nodes of a top-level path.
  NodeList run(const Path& path) { return nodes(path, 0, redacting_, redacting_); }

 private:
  // Nodes of absolute paths in filters: the same at every node that a filter tests.
  struct Memo {
    NodeList nodes;
    bool ambiguous = false;
  };

  // What a segment is applied with.
  struct Step {
    const Segment* segment = nullptr;
    bool last = false;
    bool as_set = false;  // sorted, without duplicates
    bool widen = false;   // "[*]" as select_redacted has it
  };

  // --- evaluate.cc: paths ---
  NodeList nodes(const Path& path, std::uint32_t start, bool as_set, bool widen);
  void apply(const Step& step, const NodeList& input, NodeList& out);
  void select(const Step& step, std::uint32_t node, NodeList& out);
  void select_name(const std::string& name, std::uint32_t object, NodeList& out);
  void select_all(const Step& step, bool bracketed, std::uint32_t node, NodeList& out);
  void select_index(std::int64_t index, std::uint32_t array, NodeList& out);
  void select_slice(const Selector& slice, std::uint32_t array, NodeList& out);
  void select_matching(const Expression& filter, std::uint32_t node, NodeList& out);
  void add(std::uint32_t node, NodeList& out);
  bool is_container(std::uint32_t node) const { return document_[node].type >= json::Type::kArray; }
  // The first child, or the node after `child`'s subtree and its name; `end` where there is none.
  std::uint32_t first_child(std::uint32_t node) const;
  std::uint32_t next_child(std::uint32_t node, std::uint32_t child) const;

  // --- filter.cc: expressions ---
  bool matches(const Expression& filter, std::uint32_t current);
  bool test(const Expression& expression, std::uint32_t current);
  bool test_all(const Expression& expression, std::uint32_t current, bool stop_at);
  bool test_call(const Expression& call, std::uint32_t current);
  bool test_pattern(const Pattern& pattern, const Value& text);
  Value value(const Expression& expression, std::uint32_t current);
  Value call(const Expression& call, std::uint32_t current);
  Value value_of(std::uint32_t node);
  std::optional<std::uint32_t> singular_node(const Path& path, std::uint32_t current);
  const NodeList& query(const Path& path, std::uint32_t current, bool as_set, NodeList& local);
  void read_names(std::uint32_t object);

  const json::Document& document_;
  Budget& budget_;
  bool redacting_;
  bool ambiguous_ = false;  // the filter under test has read a name that its object has twice
  int filters_ = 0;         // being tested, one in the other
  std::vector<std::optional<Memo>> memos_;
  PatternCache patterns_;
};

}  // namespace apitoolkit::jsonpath
