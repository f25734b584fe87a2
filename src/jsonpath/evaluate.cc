#include "src/jsonpath/evaluate.h"

#include <algorithm>

#include "src/base/limits.h"
#include "src/jsonpath/evaluator.h"

namespace apitoolkit::jsonpath {
namespace {

using json::Type;

void sort_unique(NodeList& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

}  // namespace

std::uint32_t Evaluator::first_child(std::uint32_t node) const {
  return node + (document_[node].type == Type::kObject ? 2 : 1);
}

std::uint32_t Evaluator::next_child(std::uint32_t node, std::uint32_t child) const {
  return document_[child].next + (document_[node].type == Type::kObject ? 1 : 0);
}

void Evaluator::add(std::uint32_t node, NodeList& out) {
  const bool full = out.size() >= static_cast<std::size_t>(limits::kJsonpathNodesMax);
  if (!budget_.spend(1)) return;
  if (full) {
    budget_.exhaust();
  } else {
    out.push_back(node);
  }
}

NodeList Evaluator::nodes(const Path& path, std::uint32_t start, bool as_set, bool widen) {
  NodeList current{start};
  NodeList next;
  for (const Segment& segment : path.segments) {
    next.clear();
    apply({&segment, &segment == &path.segments.back(), as_set, widen}, current, next);
    current.swap(next);
    if (current.empty() || budget_.exhausted()) break;
  }
  return current;
}

void Evaluator::apply(const Step& step, const NodeList& input, NodeList& out) {
  std::uint32_t covered = 0;  // up to here, the subtrees of earlier nodes have been walked
  for (const std::uint32_t node : input) {
    if (step.segment->descendant && step.as_set) {
      if (node < covered) continue;
      covered = document_[node].next;
    }
    select(step, node, out);
    if (step.segment->descendant) {
      read_names(node);
      const std::uint32_t end = document_[node].next;
      for (std::uint32_t i = node + 1; i < end && budget_.spend(1); ++i) {
        if (!is_container(i)) continue;
        read_names(i);
        select(step, i, out);
      }
    }
    if (budget_.exhausted()) return;
  }
  if (step.as_set) sort_unique(out);
}

void Evaluator::select(const Step& step, std::uint32_t node, NodeList& out) {
  const Type type = document_[node].type;
  for (const Selector& selector : step.segment->selectors) {
    switch (selector.kind) {
      case Selector::Kind::kName:
        if (type == Type::kObject) select_name(selector.name, node, out);
        break;
      case Selector::Kind::kWildcard:
        select_all(step, selector.bracketed, node, out);
        break;
      case Selector::Kind::kIndex:
        if (type == Type::kArray) select_index(selector.index, node, out);
        break;
      case Selector::Kind::kSlice:
        if (type == Type::kArray) select_slice(selector, node, out);
        break;
      case Selector::Kind::kFilter:
        if (is_container(node)) select_matching(*selector.filter, node, out);
        break;
    }
  }
}

void Evaluator::select_name(const std::string& name, std::uint32_t object, NodeList& out) {
  if (!budget_.spend(document_[object].count)) return;
  const std::size_t before = out.size();
  for (std::uint32_t i = object + 1; i < document_[object].next; i = document_[i + 1].next) {
    if (document_.text_equals(i, name)) add(i + 1, out);
  }
  if (out.size() > before + 1) ambiguous_ = true;
}

void Evaluator::select_all(const Step& step, bool bracketed, std::uint32_t node, NodeList& out) {
  if (is_container(node)) {
    read_names(node);
    const std::uint32_t end = document_[node].next;
    for (std::uint32_t i = first_child(node); i < end && !budget_.exhausted();
         i = next_child(node, i)) {
      add(i, out);
    }
  }
  if (!step.widen || !bracketed || document_[node].type == Type::kArray) return;
  // Where nothing follows, the members of an object are masked already; a scalar has none.
  if (!step.last || (!is_container(node) && node != document_.root())) add(node, out);
}

void Evaluator::select_index(std::int64_t index, std::uint32_t array, NodeList& out) {
  const std::int64_t count = document_[array].count;
  if (index < 0) index += count;
  if (index < 0 || index >= count || !budget_.spend(index)) return;
  std::uint32_t node = array + 1;
  while (index-- > 0) node = document_[node].next;
  add(node, out);
}

// RFC 9535, section 2.3.4.2.2.
void Evaluator::select_slice(const Selector& slice, std::uint32_t array, NodeList& out) {
  const std::int64_t count = document_[array].count;
  if (slice.step == 0 || !budget_.spend(count)) return;
  const auto from_end = [&](std::int64_t i) { return i < 0 ? i + count : i; };
  const bool forward = slice.step > 0;
  const std::int64_t least = forward ? 0 : -1;
  const std::int64_t most = forward ? count : count - 1;
  const auto bound = [&](const std::optional<std::int64_t>& given, std::int64_t otherwise) {
    return given ? std::clamp(from_end(*given), least, most) : otherwise;
  };
  const std::int64_t start = bound(slice.start, forward ? 0 : count - 1);
  const std::int64_t end = bound(slice.end, forward ? count : -1);
  NodeList children;
  children.reserve(static_cast<std::size_t>(count));
  for (std::uint32_t i = array + 1; i < document_[array].next; i = document_[i].next) {
    children.push_back(i);
  }
  for (std::int64_t i = start; forward ? i < end : i > end; i += slice.step) {
    add(children[static_cast<std::size_t>(i)], out);
  }
}

void Evaluator::select_matching(const Expression& filter, std::uint32_t node, NodeList& out) {
  read_names(node);
  const std::uint32_t end = document_[node].next;
  for (std::uint32_t i = first_child(node); i < end && budget_.spend(1); i = next_child(node, i)) {
    if (matches(filter, i)) add(i, out);
  }
}

bool select_list(const Ast& ast, const json::Document& document, Budget& budget, NodeList& out) {
  Evaluator evaluator(ast, document, budget, Evaluator::Mode::kList);
  for (const Path& path : ast.paths) {
    const NodeList nodes = evaluator.run(path);
    out.insert(out.end(), nodes.begin(), nodes.end());
  }
  return !budget.exhausted();
}

bool select_redacted(const Ast& ast, const json::Document& document, Budget& budget,
                     NodeList& out) {
  Evaluator evaluator(ast, document, budget, Evaluator::Mode::kRedact);
  for (const Path& path : ast.paths) {
    const NodeList nodes = evaluator.run(path);
    out.insert(out.end(), nodes.begin(), nodes.end());
  }
  sort_unique(out);
  return !budget.exhausted();
}

}  // namespace apitoolkit::jsonpath
