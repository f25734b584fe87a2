#include "src/server/store/sqlite/block_conditions.h"

#include <algorithm>
#include <compare>
#include <limits>
#include <utility>

namespace apitoolkit::server::store {
namespace {

using query::CompareOp;
using query::FieldId;
using query::NarrowCondition;
using query::Value;
using query::ValueType;

Value value_of(std::int64_t number, const NumberField& field) {
  if (number < field.null_below) return {};
  switch (field.type) {
    case ValueType::kTime:
      return Value::time(number);
    case ValueType::kDuration:
      return Value::duration(number);
    default:
      return Value::integer(number);
  }
}

bool fulfils(std::optional<std::strong_ordering> order, CompareOp op) {
  if (!order) return false;
  switch (op) {
    case CompareOp::kEqual:
      return std::is_eq(*order);
    case CompareOp::kNotEqual:
      return std::is_neq(*order);
    case CompareOp::kLess:
      return std::is_lt(*order);
    case CompareOp::kLessEqual:
      return std::is_lteq(*order);
    case CompareOp::kGreater:
      return std::is_gt(*order);
    case CompareOp::kGreaterEqual:
      return std::is_gteq(*order);
  }
  return false;
}

bool fulfils(const Value& value, const NarrowCondition& condition) {
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const Value& wanted) {
    return fulfils(query::compare(value, wanted), condition.op);
  });
}

// Whether a number of the range, or null where it has some, may fulfil the condition.
bool range_may_fulfil(const Range& range, const NumberField& field,
                      const NarrowCondition& condition) {
  if (range.min < field.null_below && fulfils(Value(), condition)) return true;
  if (range.max < field.null_below) return false;
  const Value low = value_of(std::max(range.min, field.null_below), field);
  const Value high = value_of(range.max, field);
  return std::any_of(condition.values.begin(), condition.values.end(), [&](const Value& wanted) {
    const auto from_low = query::compare(low, wanted);
    const auto from_high = query::compare(high, wanted);
    // A value of another type compares with none of them.
    if (!from_low || !from_high) return false;
    switch (condition.op) {
      case CompareOp::kEqual:
        return std::is_lteq(*from_low) && std::is_gteq(*from_high);
      case CompareOp::kNotEqual:
        return true;
      case CompareOp::kLess:
      case CompareOp::kLessEqual:
        return fulfils(from_low, condition.op);
      case CompareOp::kGreater:
      case CompareOp::kGreaterEqual:
        return fulfils(from_high, condition.op);
    }
    return true;
  });
}

// By the codes of a column: whether the text fulfils the condition.
std::vector<char> texts_that_fulfil(const Texts& texts, const NarrowCondition& condition) {
  std::vector<char> fulfil(texts.distinct());
  for (std::uint32_t code = 0; code < texts.distinct(); ++code) {
    const std::string_view text = texts.value(code);
    fulfil[code] = fulfils(text.empty() ? Value() : Value::text(std::string(text)), condition);
  }
  return fulfil;
}

}  // namespace

std::optional<TextColumn> text_column_of(FieldId field) {
  switch (field) {
    case FieldId::kMethod:
      return TextColumn::kMethod;
    case FieldId::kHost:
      return TextColumn::kHost;
    case FieldId::kUrlPath:
      return TextColumn::kUrlPath;
    case FieldId::kRawUrl:
      return TextColumn::kRawUrl;
    case FieldId::kReferer:
      return TextColumn::kReferer;
    case FieldId::kClientIp:
      return TextColumn::kClientIp;
    case FieldId::kConsumer:
      return TextColumn::kConsumer;
    case FieldId::kService:
      return TextColumn::kService;
    case FieldId::kServiceVersion:
      return TextColumn::kServiceVersion;
    case FieldId::kSdkType:
      return TextColumn::kSdkType;
    case FieldId::kSdkVersion:
      return TextColumn::kSdkVersion;
    case FieldId::kTraceId:
      return TextColumn::kTraceId;
    case FieldId::kSpanId:
      return TextColumn::kSpanId;
    case FieldId::kParentSpanId:
      return TextColumn::kParentSpanId;
    default:
      return std::nullopt;
  }
}

std::optional<NumberField> number_field_of(FieldId field) {
  constexpr std::int64_t kNoNull = std::numeric_limits<std::int64_t>::min();
  switch (field) {
    case FieldId::kTimestamp:
      return NumberField{NumberColumn::kStart, ValueType::kTime, kNoNull};
    case FieldId::kDuration:
      return NumberField{NumberColumn::kDuration, ValueType::kDuration, kNoNull};
    case FieldId::kTtfb:
      return NumberField{NumberColumn::kTtfb, ValueType::kDuration, 0};
    case FieldId::kRequestSize:
      return NumberField{NumberColumn::kRequestSize, ValueType::kInteger, 0};
    case FieldId::kResponseSize:
      return NumberField{NumberColumn::kResponseSize, ValueType::kInteger, 0};
    default:
      return std::nullopt;
  }
}

BlockConditions::BlockConditions(std::vector<NarrowCondition> conditions)
    : conditions_(std::move(conditions)) {
  std::erase_if(conditions_, [](const NarrowCondition& condition) { return !decides(condition); });
}

bool BlockConditions::decides(const NarrowCondition& condition) {
  // A status of 0 stands for null between other numbers.
  return condition.field == FieldId::kStatusCode || text_column_of(condition.field) ||
         number_field_of(condition.field);
}

bool BlockConditions::may_hold(const BlockHeader& header) const {
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const NarrowCondition& each) {
    if (const auto column = text_column_of(each.field)) {
      std::string_view listed = header.listed_in(*column);
      Texts texts;
      if (listed.empty() || !texts.take_values(listed, header.rows)) return true;
      const std::vector<char> fulfil = texts_that_fulfil(texts, each);
      return std::find(fulfil.begin(), fulfil.end(), 1) != fulfil.end();
    }
    if (each.field == FieldId::kStatusCode) {
      const Range& range = header.range(NumberColumn::kStatus);
      const bool has_null = range.min <= 0 && range.max >= 0;
      return (has_null && fulfils(Value(), each)) ||
             range_may_fulfil(range,
                              {NumberColumn::kStatus, ValueType::kInteger,
                               std::numeric_limits<std::int64_t>::min()},
                              each);
    }
    const NumberField field = *number_field_of(each.field);
    return range_may_fulfil(header.range(field.column), field, each);
  });
}

Status BlockConditions::select(BlockReader& block, std::vector<std::uint32_t>& rows) const {
  for (const NarrowCondition& each : conditions_) {
    if (const auto column = text_column_of(each.field)) {
      const Result<const Texts*> texts = block.texts(*column);
      if (!texts) return tl::unexpected(texts.error());
      const std::vector<char> fulfil = texts_that_fulfil(**texts, each);
      std::erase_if(rows, [&](std::uint32_t row) { return fulfil[(*texts)->codes()[row]] == 0; });
      continue;
    }
    if (each.field == FieldId::kStatusCode) {
      const auto statuses = block.numbers(NumberColumn::kStatus);
      if (!statuses) return tl::unexpected(statuses.error());
      std::erase_if(rows, [&](std::uint32_t row) {
        const std::int64_t status = (*statuses)[row];
        return !fulfils(status == 0 ? Value() : Value::integer(status), each);
      });
      continue;
    }
    const NumberField field = *number_field_of(each.field);
    const auto numbers = block.numbers(field.column);
    if (!numbers) return tl::unexpected(numbers.error());
    std::erase_if(
        rows, [&](std::uint32_t row) { return !fulfils(value_of((*numbers)[row], field), each); });
  }
  return {};
}

}  // namespace apitoolkit::server::store
