#include "src/server/query/completion.h"

#include <array>

#include "src/json/writer.h"

namespace apitoolkit::server::query {
namespace {

constexpr std::array<std::string_view, 8> kOfOrder{"==", "!=", "<", "<=", ">", ">=", "in", "!in"};
constexpr std::array<std::string_view, 2> kOfBool{"==", "!="};
constexpr std::array<std::string_view, 19> kOfText{
    "==",      "!=",       "in",        "!in",        "has",         "!has",     "has_any",
    "has_all", "contains", "!contains", "startswith", "!startswith", "endswith", "!endswith",
    "matches", "<",        "<=",        ">",          ">="};

constexpr std::array<std::string_view, 8> kUnitsOfTime{"ns", "us", "ms", "s", "m", "h", "d", "w"};
constexpr std::array<std::string_view, 4> kUnitsOfSize{"b", "kb", "mb", "gb"};

}  // namespace

std::span<const std::string_view> operators_for(ValueType type) {
  switch (type) {
    case ValueType::kBool:
      return kOfBool;
    case ValueType::kInteger:
    case ValueType::kDouble:
    case ValueType::kDuration:
    case ValueType::kTime:
      return kOfOrder;
    default:
      return kOfText;
  }
}

std::span<const std::string_view> units_for(FieldId field) {
  if (field_info(field).type == ValueType::kDuration) return kUnitsOfTime;
  if (field == FieldId::kRequestSize || field == FieldId::kResponseSize) return kUnitsOfSize;
  return {};
}

std::string literal_text(const Value& value) {
  if (value.is_null()) return "null";
  std::string quoted;
  switch (value.type()) {
    case ValueType::kText:
    case ValueType::kJson:
      json::append_string(value.as_text(), quoted);
      return quoted;
    case ValueType::kTime:
      return "\"" + to_text(value) + "\"";
    default:
      return to_text(value);
  }
}

}  // namespace apitoolkit::server::query
