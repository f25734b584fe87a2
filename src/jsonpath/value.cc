#include "src/jsonpath/value.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace apitoolkit::jsonpath {
namespace {

using json::Document;
using json::Type;

struct Member {
  std::string_view name;  // into the document, or into `unescaped`
  std::uint32_t value = 0;
};

// What it costs to compare a string of the document or to copy it, in the unit of the budget. One
// with escapes is resolved a byte at a time.
std::int64_t string_cost(const Document& document, std::uint32_t string) {
  const auto bytes = static_cast<std::int64_t>(document.raw(string).size());
  return document[string].escaped ? bytes : 1 + bytes / 64;
}

std::int64_t numbers_cost(std::string_view a, std::string_view b) {
  return static_cast<std::int64_t>(a.size() + b.size());
}

// An object's members by name; of several with one name the last. Some of them only, if the budget
// is spent.
class Members {
 public:
  Members(const Document& document, std::uint32_t object, Budget& budget) {
    const json::Node& node = document[object];
    members_.reserve(node.count);
    unescaped_.reserve(node.count);  // never grows, so that views into it stay
    for (std::uint32_t i = object + 1; i < node.next; i = document[i + 1].next) {
      if (!budget.spend(string_cost(document, i))) return;
      std::string_view name = document.raw(i).substr(1, document.raw(i).size() - 2);
      if (document[i].escaped) name = unescaped_.emplace_back(document.text(i));
      members_.push_back({name, i + 1});
    }
    std::stable_sort(members_.begin(), members_.end(),
                     [](const Member& a, const Member& b) { return a.name < b.name; });
    const auto same = [](const Member& a, const Member& b) { return a.name == b.name; };
    repeated_ = std::adjacent_find(members_.begin(), members_.end(), same) != members_.end();
    if (repeated_) {
      // unique() keeps the first of each run, so it runs from the back.
      const auto kept = std::unique(members_.rbegin(), members_.rend(), same);
      members_.erase(members_.begin(), kept.base());
    }
  }

  bool repeated() const { return repeated_; }
  const std::vector<Member>& sorted() const { return members_; }

 private:
  std::vector<Member> members_;
  std::vector<std::string> unescaped_;
  bool repeated_ = false;
};

bool same_string(const Document& document, std::uint32_t a, std::uint32_t b, Budget& budget) {
  if (!document[a].escaped && !document[b].escaped) {
    if (document.raw(a).size() != document.raw(b).size()) return false;
    return budget.spend(string_cost(document, a)) && document.raw(a) == document.raw(b);
  }
  return budget.spend(string_cost(document, a) + string_cost(document, b)) &&
         document.text(a) == document.text(b);
}

// As json::compare_numbers; nullopt when the budget is spent.
std::optional<int> compare_numbers(std::string_view a, std::string_view b, Budget& budget) {
  if (!budget.spend(numbers_cost(a, b))) return std::nullopt;
  return json::compare_numbers(a, b);
}

// Whether two containers are equal: a work list of pairs that must all be, in place of recursion.
bool same_containers(const Document& document, std::uint32_t left, std::uint32_t right,
                     Budget& budget, bool& repeated) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs{{left, right}};
  while (!pairs.empty()) {
    const auto [a, b] = pairs.back();
    pairs.pop_back();
    if (!budget.spend(1)) return false;
    if (a == b) continue;
    if (document[a].type != document[b].type) return false;
    switch (document[a].type) {
      case Type::kNumber:
        if (compare_numbers(document.raw(a), document.raw(b), budget) != 0) return false;
        break;
      case Type::kString:
        if (!same_string(document, a, b, budget)) return false;
        break;
      case Type::kArray: {
        if (document[a].count != document[b].count) return false;
        std::uint32_t j = b + 1;
        for (std::uint32_t i = a + 1; i < document[a].next; i = document[i].next) {
          pairs.emplace_back(i, j);
          j = document[j].next;
        }
        break;
      }
      case Type::kObject: {
        if (document[a].count == 0 && document[b].count == 0) break;
        const Members first(document, a, budget);
        const Members second(document, b, budget);
        if (budget.exhausted()) return false;
        repeated = repeated || first.repeated() || second.repeated();
        if (first.sorted().size() != second.sorted().size()) return false;
        for (std::size_t i = 0; i < first.sorted().size(); ++i) {
          if (first.sorted()[i].name != second.sorted()[i].name) return false;
          pairs.emplace_back(first.sorted()[i].value, second.sorted()[i].value);
        }
        break;
      }
      default:
        break;  // null, true and false have one value each
    }
  }
  return true;
}

bool equal(const Document& document, const Value& left, const Value& right, Budget& budget,
           bool& repeated) {
  if (left.nothing() || right.nothing()) return left.nothing() && right.nothing();
  if (left.type() != right.type()) return false;
  switch (left.type()) {
    case Type::kNumber:
      return compare_numbers(left.text(), right.text(), budget) == 0;
    case Type::kString:
      return left.text() == right.text();
    case Type::kArray:
    case Type::kObject:
      return same_containers(document, left.node(), right.node(), budget, repeated);
    default:
      return true;
  }
}

// Only numbers and strings have an order; that of UTF-8's bytes is that of the code points.
bool less(const Value& left, const Value& right, Budget& budget) {
  if (left.nothing() || right.nothing() || left.type() != right.type()) return false;
  if (left.type() == Type::kNumber) {
    return compare_numbers(left.text(), right.text(), budget).value_or(0) < 0;
  }
  return left.type() == Type::kString && left.text() < right.text();
}

}  // namespace

Value Value::of_node(const Document& document, std::uint32_t node) {
  Value value;
  value.nothing_ = false;
  value.type_ = document[node].type;
  value.node_ = node;
  value.view_ = document.raw(node);
  if (value.type_ == Type::kString) {
    value.owned_ = document[node].escaped;
    if (value.owned_) value.storage_ = document.text(node);
    value.view_ = value.view_.substr(1, value.view_.size() - 2);
  }
  return value;
}

Value Value::of_literal(const Expression& literal) {
  Value value;
  value.nothing_ = false;
  value.type_ = literal.literal;
  value.view_ = literal.text;
  return value;
}

Value Value::of_count(std::size_t count) {
  Value value;
  value.nothing_ = false;
  value.type_ = Type::kNumber;
  value.owned_ = true;
  value.storage_ = std::to_string(count);
  return value;
}

bool compare(const Document& document, const Value& left, Comparison comparison, const Value& right,
             Budget& budget, bool& repeated) {
  switch (comparison) {
    case Comparison::kEqual:
      return equal(document, left, right, budget, repeated);
    case Comparison::kNotEqual:
      return !equal(document, left, right, budget, repeated);
    case Comparison::kLess:
      return less(left, right, budget);
    case Comparison::kLessOrEqual:
      return less(left, right, budget) || equal(document, left, right, budget, repeated);
    case Comparison::kGreater:
      return less(right, left, budget);
    case Comparison::kGreaterOrEqual:
      return less(right, left, budget) || equal(document, left, right, budget, repeated);
  }
  return false;
}

bool has_repeated_name(const Document& document, std::uint32_t object, Budget& budget) {
  return document[object].count > 1 && Members(document, object, budget).repeated();
}

}  // namespace apitoolkit::jsonpath
