#include "src/jsonpath/value.h"

#include <algorithm>
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

// An object's members by name; of several with one name the last.
class Members {
 public:
  Members(const Document& document, std::uint32_t object) {
    const json::Node& node = document[object];
    members_.reserve(node.count);
    unescaped_.reserve(node.count);  // never grows, so that views into it stay
    for (std::uint32_t i = object + 1; i < node.next; i = document[i + 1].next) {
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

bool same_string(const Document& document, std::uint32_t a, std::uint32_t b) {
  if (!document[a].escaped && !document[b].escaped) return document.raw(a) == document.raw(b);
  return document.text(a) == document.text(b);
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
        if (json::compare_numbers(document.raw(a), document.raw(b)) != 0) return false;
        break;
      case Type::kString:
        if (!same_string(document, a, b)) return false;
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
        if (!budget.spend(document[a].count + document[b].count)) return false;
        const Members first(document, a);
        const Members second(document, b);
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
      return json::compare_numbers(left.text(), right.text()) == 0;
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
bool less(const Value& left, const Value& right) {
  if (left.nothing() || right.nothing() || left.type() != right.type()) return false;
  if (left.type() == Type::kNumber) return json::compare_numbers(left.text(), right.text()) < 0;
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
      return less(left, right);
    case Comparison::kLessOrEqual:
      return less(left, right) || equal(document, left, right, budget, repeated);
    case Comparison::kGreater:
      return less(right, left);
    case Comparison::kGreaterOrEqual:
      return less(right, left) || equal(document, left, right, budget, repeated);
  }
  return false;
}

bool has_repeated_name(const Document& document, std::uint32_t object, Budget& budget) {
  if (document[object].count < 2 || !budget.spend(document[object].count)) return false;
  return Members(document, object).repeated();
}

}  // namespace apitoolkit::jsonpath
