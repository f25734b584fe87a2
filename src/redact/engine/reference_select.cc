#include "src/redact/engine/reference_select.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "src/redact/engine/reference_number.h"
#include "src/redact/engine/reference_regexp.h"

namespace apitoolkit::redact::reference {
namespace {

using json::Type;
using jsonpath::Comparison;
using jsonpath::Expression;
using jsonpath::Function;
using jsonpath::Path;
using jsonpath::Segment;
using jsonpath::Selector;
using Nodes = std::vector<const Value*>;
using Kind = Expression::Kind;

// What a filter compares: Nothing, or a value.
struct Operand {
  bool nothing = true;
  Type type = Type::kNull;
  std::string text;             // of a string or a number
  const Value* node = nullptr;  // of an array or an object

  bool is_string() const { return !nothing && type == Type::kString; }
};

Operand operand_of(const Value& value) {
  return {false, value.type, value.text, &value};
}

Operand operand_of(std::size_t count) {
  return {false, Type::kNumber, std::to_string(count), nullptr};
}

bool is_container(const Value& value) {
  return value.type == Type::kArray || value.type == Type::kObject;
}

// An object as readers have it for whom the last of several members with one name counts.
std::map<std::string, const Value*> members_of(const Value& object) {
  std::map<std::string, const Value*> members;
  for (std::size_t i = 0; i < object.names.size(); ++i) {
    members[object.names[i]] = &object.children[i];
  }
  return members;
}

// What came of the comparison of two values.
struct Sameness {
  bool equal = true;                // where the last of several members with one name counts
  bool different_for_sure = false;  // whichever of them counts
  bool name_twice = false;          // in one of the objects compared
};

class Evaluation {
 public:
  Evaluation(const Value& root, Reading reading, Steps& steps)
      : root_(root), reading_(reading), steps_(steps) {}

  Nodes run(const Path& path) {
    bool unused = false;
    return nodes(path, root_, reading_ != Reading::kRfc, unused);
  }

 private:
  // `doubt` is set where a filter reads a name that its object has twice.
  // `masking`: the path is one that redacts, and not one in a filter.
  Nodes nodes(const Path& path, const Value& start, bool masking, bool& doubt) {
    Nodes current{&start};
    for (const Segment& segment : path.segments) {
      const bool widen = masking;
      const bool last = &segment == &path.segments.back();
      Nodes next;
      for (const Value* node : current) {
        if (segment.descendant) {
          descend(segment, *node, widen, last, next, doubt);
        } else {
          children(segment, *node, widen, last, next, doubt);
        }
      }
      if (masking) {  // a set: how often a value is selected makes no difference
        const std::set<const Value*> distinct(next.begin(), next.end());
        next.assign(distinct.begin(), distinct.end());
      }
      current = std::move(next);
    }
    return current;
  }

  // The segment's children of the node and of all its descendants, each before its own children.
  // Descending reads every name on its way.
  void descend(const Segment& segment, const Value& node, bool widen, bool last, Nodes& out,
               bool& doubt) {
    children(segment, node, widen, last, out, doubt);
    if (node.has_name_twice) doubt = true;
    for (const Value& child : node.children) descend(segment, child, widen, last, out, doubt);
  }

  void children(const Segment& segment, const Value& node, bool widen, bool last, Nodes& out,
                bool& doubt) {
    if (!steps_.take(1 + static_cast<std::int64_t>(node.children.size()))) return;
    for (const Selector& selector : segment.selectors) {
      switch (selector.kind) {
        case Selector::Kind::kName:
          select_name(selector, node, out, doubt);
          break;
        case Selector::Kind::kWildcard:
          if (node.has_name_twice) doubt = true;
          for (const Value& child : node.children) out.push_back(&child);
          if (widen && selector.bracketed) select_itself(node, last, out);
          break;
        case Selector::Kind::kIndex:
          if (node.type == Type::kArray) select_index(selector, node, out);
          break;
        case Selector::Kind::kSlice:
          if (node.type == Type::kArray) select_slice(selector, node, out);
          break;
        case Selector::Kind::kFilter:
          if (node.has_name_twice) doubt = true;
          for (const Value& child : node.children) {
            if (matches(*selector.filter, child, doubt)) out.push_back(&child);
          }
          break;
      }
    }
  }

  // "[*]" is also the value itself where it is no list. Where nothing follows, the members of an
  // object are selected anyhow, and a scalar is unless it is the whole document.
  void select_itself(const Value& node, bool last, Nodes& out) const {
    if (node.type == Type::kArray) return;
    if (!last || (!is_container(node) && &node != &root_)) out.push_back(&node);
  }

  static void select_name(const Selector& selector, const Value& node, Nodes& out, bool& doubt) {
    int found = 0;
    for (std::size_t i = 0; i < node.names.size(); ++i) {
      if (node.names[i] != selector.name) continue;
      out.push_back(&node.children[i]);
      ++found;
    }
    if (found > 1) doubt = true;
  }

  static void select_index(const Selector& selector, const Value& node, Nodes& out) {
    const auto length = static_cast<std::int64_t>(node.children.size());
    const std::int64_t i = selector.index >= 0 ? selector.index : length + selector.index;
    if (i >= 0 && i < length) out.push_back(&node.children[static_cast<std::size_t>(i)]);
  }

  // RFC 9535, section 2.3.4.2.2, as its pseudo-code has it.
  static void select_slice(const Selector& selector, const Value& node, Nodes& out) {
    const auto length = static_cast<std::int64_t>(node.children.size());
    const std::int64_t step = selector.step;
    if (step == 0) return;
    const auto normalize = [&](std::int64_t i) { return i >= 0 ? i : length + i; };
    const std::int64_t start = normalize(selector.start.value_or(step >= 0 ? 0 : length - 1));
    const std::int64_t end = selector.end ? normalize(*selector.end) : step >= 0 ? length : -1;
    const auto select = [&](std::int64_t i) {
      out.push_back(&node.children[static_cast<std::size_t>(i)]);
    };
    if (step > 0) {
      const std::int64_t lower = std::min(std::max<std::int64_t>(start, 0), length);
      const std::int64_t upper = std::min(std::max<std::int64_t>(end, 0), length);
      for (std::int64_t i = lower; i < upper; i += step) select(i);
    } else {
      const std::int64_t upper = std::min(std::max<std::int64_t>(start, -1), length - 1);
      const std::int64_t lower = std::min(std::max<std::int64_t>(end, -1), length - 1);
      for (std::int64_t i = upper; lower < i; i += step) select(i);
    }
  }

  bool matches(const Expression& filter, const Value& current, bool& outer_doubt) {
    bool doubt = false;
    const bool result = test(filter, current, doubt);
    outer_doubt = outer_doubt || doubt;
    return result || (doubt && reading_ != Reading::kRfc);
  }

  // Every operand is looked at, so that the doubt does not depend on their order.
  bool test(const Expression& expression, const Value& current, bool& doubt) {
    if (!steps_.take()) return false;
    switch (expression.kind) {
      case Kind::kOr: {
        bool any = false;
        for (const Expression& operand : expression.operands) any |= test(operand, current, doubt);
        return any;
      }
      case Kind::kAnd: {
        bool all = true;
        for (const Expression& operand : expression.operands) all &= test(operand, current, doubt);
        return all;
      }
      case Kind::kNot:
        return !test(expression.operands[0], current, doubt);
      case Kind::kCompare: {
        const Operand left = value(expression.operands[0], current, doubt);
        const Operand right = value(expression.operands[1], current, doubt);
        return compare(left, expression.comparison, right, doubt);
      }
      case Kind::kExists:
        return !query(expression.path, current, doubt).empty();
      case Kind::kRegex: {
        const Operand text = value(expression.operands[0], current, doubt);
        return text.is_string() && expression.pattern->matches(text.text);
      }
      case Kind::kCall: {  // match or search
        const Operand text = value(expression.operands[0], current, doubt);
        const Operand pattern = value(expression.operands[1], current, doubt);
        return text.is_string() && pattern.is_string() &&
               matches_iregexp(pattern.text, text.text, expression.function == Function::kMatch,
                               steps_);
      }
      case Kind::kLiteral:
      case Kind::kQuery:
        break;  // never a test
    }
    return false;
  }

  Nodes query(const Path& path, const Value& current, bool& doubt) {
    return nodes(path, path.absolute ? root_ : current, false, doubt);
  }

  Operand value(const Expression& expression, const Value& current, bool& doubt) {
    if (expression.kind == Kind::kLiteral) {
      return {false, expression.literal, expression.text, nullptr};
    }
    if (expression.kind == Kind::kQuery) return singular(expression.path, current, doubt);
    if (expression.kind != Kind::kCall) return {};
    const Expression& argument = expression.operands[0];
    if (expression.function == Function::kLength) {
      const Operand of = value(argument, current, doubt);
      if (of.is_string()) return operand_of(characters(of.text)->size());
      if (of.nothing || of.node == nullptr || !is_container(*of.node)) return {};
      if (of.node->has_name_twice) doubt = true;
      return operand_of(of.node->children.size());
    }
    const Nodes found = query(argument.path, current, doubt);
    if (expression.function == Function::kCount) return operand_of(found.size());
    if (expression.function == Function::kValue && found.size() == 1) return operand_of(*found[0]);
    return {};
  }

  // The value of a query for one node; of members with one name the last.
  Operand singular(const Path& path, const Value& current, bool& doubt) {
    const Value* node = path.absolute ? &root_ : &current;
    for (const Segment& segment : path.segments) {
      Nodes found;
      children(segment, *node, false, false, found, doubt);
      if (found.empty()) return {};
      node = found.back();
    }
    return operand_of(*node);
  }

  bool compare(const Operand& left, Comparison comparison, const Operand& right, bool& doubt) {
    switch (comparison) {
      case Comparison::kEqual:
        return equal(left, right, doubt);
      case Comparison::kNotEqual:
        return !equal(left, right, doubt);
      case Comparison::kLess:
        return less(left, right);
      case Comparison::kLessOrEqual:
        return equal(left, right, doubt) || less(left, right);
      case Comparison::kGreater:
        return less(right, left);
      case Comparison::kGreaterOrEqual:
        return equal(left, right, doubt) || less(right, left);
    }
    return false;
  }

  static bool less(const Operand& left, const Operand& right) {
    if (left.nothing || right.nothing || left.type != right.type) return false;
    if (left.type == Type::kNumber) {
      return reference::compare_numbers(left.text, right.text) < 0;
    }
    return left.type == Type::kString && *characters(left.text) < *characters(right.text);
  }

  bool equal(const Operand& left, const Operand& right, bool& doubt) {
    if (left.nothing || right.nothing) return left.nothing && right.nothing;
    if (left.type != right.type) return false;
    if (left.type == Type::kNumber) {
      return reference::compare_numbers(left.text, right.text) == 0;
    }
    if (left.type == Type::kString) return left.text == right.text;
    if (left.type != Type::kArray && left.type != Type::kObject) return true;
    Sameness sameness;
    compare(*left.node, *right.node, sameness, false);
    const bool all = reading_ == Reading::kRedactMost;
    if (sameness.name_twice && (all || !sameness.different_for_sure)) doubt = true;
    return sameness.equal;
  }

  // `below_twice`: a name twice above these values decides whether they are compared at all.
  void compare(const Value& a, const Value& b, Sameness& sameness, bool below_twice) {
    if (&a == &b || !steps_.take()) return;
    const auto differ = [&] {
      sameness.equal = false;
      if (!below_twice) sameness.different_for_sure = true;
    };
    if (a.type != b.type) return differ();
    if (a.type == Type::kArray) {
      if (a.children.size() != b.children.size()) return differ();
      for (std::size_t i = 0; i < a.children.size(); ++i) {
        compare(a.children[i], b.children[i], sameness, below_twice);
      }
    } else if (a.type == Type::kObject) {
      below_twice = below_twice || a.has_name_twice || b.has_name_twice;
      sameness.name_twice = sameness.name_twice || below_twice;
      const auto left = members_of(a);
      const auto right = members_of(b);
      if (left.size() != right.size()) differ();
      for (const auto& [name, member] : left) {
        const auto other = right.find(name);
        if (other == right.end()) {
          differ();
        } else {
          compare(*member, *other->second, sameness, below_twice);
        }
      }
    } else if (a.type == Type::kNumber) {
      if (reference::compare_numbers(a.text, b.text) != 0) differ();
    } else if (a.text != b.text) {
      differ();
    }
  }

  const Value& root_;
  const Reading reading_;
  Steps& steps_;
};

}  // namespace

std::vector<const Value*> select(const jsonpath::Ast& ast, const Value& root, Reading reading,
                                 Steps& steps) {
  Evaluation evaluation(root, reading, steps);
  Nodes all;
  for (const Path& path : ast.paths) {
    const Nodes found = evaluation.run(path);
    all.insert(all.end(), found.begin(), found.end());
  }
  return all;
}

}  // namespace apitoolkit::redact::reference
