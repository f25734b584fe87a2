#include "src/server/query/analysis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "src/server/query/evaluate.h"
#include "src/server/query/regex.h"
#include "src/server/query/text_search.h"
#include "src/server/query/walk.h"

namespace apitoolkit::server::query {
namespace {

constexpr std::size_t kConditionsMax = 64;  // more are not worth their while
constexpr std::size_t kAlternativesMax = 64;
constexpr std::size_t kWordsMax = 8;  // of one text

using Required = std::vector<RequiredText>;  // alternatives

template <class T>
const T* part(const ValueExpr& value) {
  return std::get_if<T>(&value.node);
}

bool is_constant(const ValueExpr& value) {
  bool constant = true;
  walk(value,
       {[&](const FieldRef&) { constant = false; }, [&](const FreeText&) { constant = false; },
        [&](const Aggregate&) { constant = false; }});
  return constant;
}

// The field of the exchange that the value is.
const FieldRef* exchange_field(const ValueExpr& value) {
  const auto* const field = part<FieldRef>(value);
  return field != nullptr && field->id ? field : nullptr;
}

CompareOp mirrored(CompareOp op) {
  switch (op) {
    case CompareOp::kLess:
      return CompareOp::kGreater;
    case CompareOp::kLessEqual:
      return CompareOp::kGreaterEqual;
    case CompareOp::kGreater:
      return CompareOp::kLess;
    case CompareOp::kGreaterEqual:
      return CompareOp::kLessEqual;
    default:
      return op;
  }
}

bool is_ascii_word_byte(char c) {
  return is_word_byte(c) && static_cast<unsigned char>(c) < 0x80;
}

// A character that is written as it is in a JSON string by every sender.
bool is_never_escaped(char c) {
  return c == ' ' || c == '-' || c == '_' || c == '.' || c == ',' || c == ':';
}

// The text that was sent is `text` itself (an error's message, a header), or what stands for it in
// JSON (a body).
bool is_json_text(const FieldRef& field) {
  switch (field_info(*field.id).nesting) {
    case Nesting::kBody:
    case Nesting::kParams:
      return true;
    case Nesting::kErrors: {
      if (field.steps.size() != 2) return true;
      constexpr std::array<std::string_view, 5> kMembers{"error_type", "message", "root_error_type",
                                                         "root_error_message", "stack_trace"};
      return std::find(kMembers.begin(), kMembers.end(), field.steps[1].name) == kMembers.end();
    }
    case Nesting::kHeaders:
      return field.steps.empty();
    default:
      return false;
  }
}

// Whether the field's texts were sent at all, rather than made here.
bool is_sent_text(const FieldRef& field) {
  const FieldInfo& info = field_info(*field.id);
  if (info.nesting == Nesting::kNone) {
    return info.type == ValueType::kText && *field.id != FieldId::kMsgId &&
           *field.id != FieldId::kParentId && *field.id != FieldId::kRequestType;
  }
  // When an error was is a time, and all of an error is made into an object with it.
  if (info.nesting == Nesting::kErrors) {
    return field.steps.size() >= 2 && field.steps[1].name != "when";
  }
  return true;
}

// What a match of the text with a value of the field implies. `edges` tells whether the text begins
// and ends where a word does, and whether it begins where the value does.
struct Edges {
  bool first = false;
  bool last = false;
  bool begins_value = false;
};

// Words of a text that stands in JSON, where everything but them may be written as an escape: in
// front of a word that would put letters.
std::vector<Required> words_in_json(const std::string& text, std::bitset<kFieldCount> places,
                                    Edges edges) {
  std::vector<Required> out;
  for (std::size_t at = 0; at < text.size() && out.size() < kWordsMax;) {
    if (!is_ascii_word_byte(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_ascii_word_byte(text[end])) ++end;
    RequiredText word;
    word.places = places;
    word.text = text.substr(at, end - at);
    word.whole_first_word = at == 0 ? edges.begins_value : is_never_escaped(text[at - 1]);
    word.whole_last_word =
        end == text.size() ? edges.last : static_cast<unsigned char>(text[end]) < 0x80;
    word.in_json_text = true;
    out.push_back({std::move(word)});
    at = end;
  }
  return out;
}

class Analyzer {
 public:
  Analyzer(Analysis& out, std::int64_t now_ns) : out_(out), moment_{now_ns, 1} {}

  void imply(const Expr& expr) {
    if (const auto* both = std::get_if<And>(&expr.node)) {
      for (const Expr& operand : both->operands) imply(operand);
      return;
    }
    for (Required& alternatives : required(expr)) {
      if (out_.required.size() < kConditionsMax) out_.required.push_back(std::move(alternatives));
    }
    auto condition = narrow(expr);
    if (!condition) return;
    restrict_time(*condition);
    if (out_.narrow.size() < kConditionsMax) out_.narrow.push_back(std::move(*condition));
  }

 private:
  std::optional<Value> constant(const ValueExpr& value, ValueType beside = ValueType::kNull) const {
    if (!is_constant(value)) return std::nullopt;
    const ExpressionPtr compiled = compile(value, Layout{}, moment_);
    Value out = compiled->evaluate({});
    if (beside == ValueType::kTime && out.is_text()) {
      const auto time = read_time(out.as_text());
      if (time) out = Value::time(*time);
    }
    return out;
  }

  // --- conditions on narrow fields ---

  std::optional<NarrowCondition> narrow(const Expr& expr) const {
    if (const auto* comparison = std::get_if<Comparison>(&expr.node)) return narrow(*comparison);
    if (const auto* membership = std::get_if<Membership>(&expr.node)) return narrow(*membership);
    if (const auto* either = std::get_if<Or>(&expr.node)) return narrow(*either);
    return std::nullopt;
  }

  static const FieldRef* narrow_field(const ValueExpr& value) {
    const FieldRef* const field = exchange_field(value);
    const bool plain = field != nullptr && field->steps.empty() && field_info(*field->id).narrow;
    return plain ? field : nullptr;
  }

  std::optional<NarrowCondition> narrow(const Comparison& comparison) const {
    const FieldRef* field = narrow_field(comparison.left);
    const ValueExpr* other = &comparison.right;
    CompareOp op = comparison.op;
    if (field == nullptr) {
      field = narrow_field(comparison.right);
      other = &comparison.left;
      op = mirrored(op);
    }
    if (field == nullptr || op == CompareOp::kNotEqual) return std::nullopt;
    auto value = constant(*other, field_info(*field->id).type);
    if (!value) return std::nullopt;
    NarrowCondition out{*field->id, op, {}};
    if (!value->is_list()) {
      out.values.push_back(std::move(*value));
    } else if (op == CompareOp::kEqual) {
      out.values = value->as_list();
    } else {
      return std::nullopt;
    }
    return out;
  }

  std::optional<NarrowCondition> narrow(const Membership& membership) const {
    const FieldRef* const field = narrow_field(membership.left);
    if (field == nullptr || membership.negated) return std::nullopt;
    NarrowCondition out{*field->id, CompareOp::kEqual, {}};
    for (const ValueExpr& one : membership.values) {
      auto value = constant(one, field_info(*field->id).type);
      if (!value) return std::nullopt;
      if (value->is_list()) {
        out.values.insert(out.values.end(), value->as_list().begin(), value->as_list().end());
      } else {
        out.values.push_back(std::move(*value));
      }
    }
    return out;
  }

  // `method == "GET" or method == "POST"`.
  std::optional<NarrowCondition> narrow(const Or& either) const {
    std::optional<NarrowCondition> out;
    for (const Expr& operand : either.operands) {
      auto one = narrow(operand);
      if (!one || one->op != CompareOp::kEqual || (out && one->field != out->field)) {
        return std::nullopt;
      }
      if (!out) {
        out = std::move(one);
      } else {
        out->values.insert(out->values.end(), one->values.begin(), one->values.end());
      }
    }
    return out;
  }

  void restrict_time(const NarrowCondition& condition) {
    if (condition.field != FieldId::kTimestamp || condition.values.size() != 1 ||
        condition.values[0].type() != ValueType::kTime) {
      return;
    }
    const std::int64_t at = condition.values[0].as_int();
    const std::int64_t behind = at == std::numeric_limits<std::int64_t>::max() ? at : at + 1;
    TimeRange range;
    switch (condition.op) {
      case CompareOp::kEqual:
        range = {at, behind};
        break;
      case CompareOp::kLess:
        range.until_ns = at;
        break;
      case CompareOp::kLessEqual:
        if (behind != at) range.until_ns = behind;
        break;
      case CompareOp::kGreater:
        range.since_ns = behind;
        break;
      default:
        range.since_ns = at;
    }
    out_.time = intersection(out_.time, range);
  }

  // --- texts that must be there ---

  // Each of the result's elements holds; of an element's alternatives, one.
  std::vector<Required> required(const Expr& expr) const {
    if (const auto* text = std::get_if<FreeText>(&expr.node)) {
      return {{{searched_fields(), fold_case(text->text), false, false, false, false, {}}}};
    }
    if (const auto* comparison = std::get_if<Comparison>(&expr.node)) {
      if (comparison->op != CompareOp::kEqual) return {};
      const bool left = exchange_field(comparison->left) != nullptr;
      return equal_texts(left ? comparison->left : comparison->right,
                         left ? comparison->right : comparison->left);
    }
    if (const auto* membership = std::get_if<Membership>(&expr.node)) {
      if (membership->negated) return {};
      std::vector<std::vector<Required>> branches;
      for (const ValueExpr& value : membership->values) {
        branches.push_back(equal_texts(membership->left, value));
      }
      return any_of(std::move(branches));
    }
    if (const auto* match = std::get_if<TextMatch>(&expr.node)) return required(*match);
    if (const auto* match = std::get_if<RegexMatch>(&expr.node)) return required(*match);
    if (const auto* both = std::get_if<And>(&expr.node)) {
      std::vector<Required> out;
      for (const Expr& operand : both->operands) {
        for (Required& one : required(operand)) out.push_back(std::move(one));
      }
      return out;
    }
    if (const auto* either = std::get_if<Or>(&expr.node)) {
      std::vector<std::vector<Required>> branches;
      branches.reserve(either->operands.size());
      for (const Expr& operand : either->operands) branches.push_back(required(operand));
      return any_of(std::move(branches));
    }
    return {};
  }

  // One element of every branch, as alternatives: that whose texts are the longest.
  static std::vector<Required> any_of(std::vector<std::vector<Required>> branches) {
    if (branches.size() == 1) return std::move(branches[0]);
    const auto shortest = [](const Required& alternatives) {
      std::size_t size = std::string::npos;
      for (const RequiredText& text : alternatives) size = std::min(size, text.text.size());
      return size;
    };
    Required out;
    for (std::vector<Required>& branch : branches) {
      if (branch.empty()) return {};
      const auto best = std::max_element(
          branch.begin(), branch.end(),
          [&](const Required& a, const Required& b) { return shortest(a) < shortest(b); });
      std::move(best->begin(), best->end(), std::back_inserter(out));
      if (out.size() > kAlternativesMax) return {};
    }
    if (out.empty()) return {};
    return {std::move(out)};
  }

  std::vector<Required> equal_texts(const ValueExpr& left, const ValueExpr& right) const {
    const FieldRef* const field = exchange_field(left);
    if (field == nullptr) return {};
    const auto value = constant(right);
    if (!value) return {};
    if (value->is_text()) return texts(*field, value->as_text(), {true, true, true});
    return number(*field, *value);
  }

  std::vector<Required> required(const TextMatch& match) const {
    const FieldRef* const field = exchange_field(match.left);
    if (field == nullptr || match.negated) return {};
    std::vector<std::vector<Required>> branches;
    for (const ValueExpr& needle : match.values) {
      const auto value = constant(needle);
      if (!value || !value->is_text()) {
        branches.emplace_back();
        continue;
      }
      const bool word =
          match.op == TextOp::kHas || match.op == TextOp::kHasAny || match.op == TextOp::kHasAll;
      branches.push_back(
          texts(*field, value->as_text(),
                {word || match.op == TextOp::kStartsWith, word || match.op == TextOp::kEndsWith,
                 match.op == TextOp::kStartsWith}));
    }
    if (match.op != TextOp::kHasAll) return any_of(std::move(branches));
    std::vector<Required> all;
    for (std::vector<Required>& branch : branches) {
      std::move(branch.begin(), branch.end(), std::back_inserter(all));
    }
    return all;
  }

  static std::vector<Required> required(const RegexMatch& match) {
    const FieldRef* const field = exchange_field(match.left);
    if (field == nullptr) return {};
    std::vector<Required> all;
    for (const std::string& text : required_literals(match.pattern, match.flags)) {
      for (Required& one : texts(*field, text, {})) all.push_back(std::move(one));
    }
    return all;
  }

  static std::vector<Required> texts(const FieldRef& field, const std::string& text, Edges edges) {
    if (!is_sent_text(field) || text.empty()) return {};
    std::bitset<kFieldCount> places;
    places.set(static_cast<std::size_t>(*field.id));
    std::string folded = fold_case(text);
    if (!is_json_text(field)) {
      return {{{places, std::move(folded), edges.first, edges.last, false, false, {}}}};
    }
    // In front of a word within the value there may be the last letter of an escape, such as \n;
    // what is no letter and stands behind it begins with a backslash or a quote.
    return words_in_json(folded, places, edges);
  }

  // The digits in front of the point of a number in a body.
  static std::vector<Required> number(const FieldRef& field, const Value& value) {
    constexpr double kPlainMax = 1e15;
    if (field_info(*field.id).nesting != Nesting::kBody || field.steps.empty()) return {};
    if (!value.is_number() || !(std::abs(value.as_double()) < kPlainMax)) return {};
    RequiredText out;
    out.places.set(static_cast<std::size_t>(*field.id));
    out.text = std::to_string(static_cast<std::int64_t>(std::abs(value.as_double())));
    out.whole_first_word = true;
    out.whole_last_word = true;
    out.plain_number = true;
    for (const Step& step : field.steps) {
      if (step.kind == Step::Kind::kName) out.member = step.name;
    }
    return {{std::move(out)}};
  }

  Analysis& out_;
  Moment moment_;
};

}  // namespace

TimeRange intersection(const TimeRange& a, const TimeRange& b) {
  TimeRange out = a;
  if (b.since_ns) out.since_ns = std::max(*b.since_ns, out.since_ns.value_or(*b.since_ns));
  if (b.until_ns) out.until_ns = std::min(*b.until_ns, out.until_ns.value_or(*b.until_ns));
  return out;
}

std::bitset<kFieldCount> searched_fields() {
  std::bitset<kFieldCount> out;
  for (const FieldId id : {FieldId::kRawUrl, FieldId::kUrlPath, FieldId::kHost,
                           FieldId::kRequestHeaders, FieldId::kResponseHeaders,
                           FieldId::kRequestBody, FieldId::kResponseBody, FieldId::kErrors}) {
    out.set(static_cast<std::size_t>(id));
  }
  return out;
}

Analysis analyze(const Query& query, std::int64_t now_ns) {
  Analysis out;
  Analyzer analyzer(out, now_ns);
  bool first = true;
  bool leading = true;
  bool exchange = true;
  for (const Section& section : query.sections) {
    walk(section, {[&](const FieldRef& field) {
                     if (field.id) out.fields.set(static_cast<std::size_t>(*field.id));
                   },
                   [&](const FreeText&) { out.fields |= searched_fields(); },
                   {}});
    const auto* const where = std::get_if<Where>(&section.node);
    first = first && where != nullptr;
    if (first) out.where_fields = out.fields;
    const bool passes_all = where != nullptr || std::holds_alternative<Extend>(section.node) ||
                            std::holds_alternative<Sort>(section.node);
    if (where != nullptr && leading) analyzer.imply(where->condition);
    leading = leading && passes_all;
    exchange = exchange && (passes_all || std::holds_alternative<Take>(section.node));
  }
  if (exchange) {
    for (const FieldId id : default_fields()) out.fields.set(static_cast<std::size_t>(id));
  }
  return out;
}

}  // namespace apitoolkit::server::query
