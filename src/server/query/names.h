// The words of the language and how they are spelt: functions, aggregates, operators.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/query/ast.h"

namespace apitoolkit::server::query {

inline constexpr int kAnyCount = -1;

struct FunctionInfo {
  Function function;
  std::string_view name;
  int values_min;
  int values_max;  // kAnyCount: of limits.h
  std::string_view usage;
};
const FunctionInfo& function_info(Function function);
const FunctionInfo* find_function(std::string_view name);

struct AggregateInfo {
  AggregateKind kind;
  std::string_view name;
  double percentile;  // of p50 and the like, else 0
  std::string_view usage;
};
std::span<const AggregateInfo> aggregates();
const AggregateInfo* find_aggregate(std::string_view name);
// As it is written: "p99", "percentile".
std::string_view name_of(const Aggregate& aggregate);

std::string_view name_of(CompareOp op);
std::string_view name_of(TextOp op);
std::string_view name_of(TestKind kind);
std::optional<TextOp> find_text_op(std::string_view lower_case_name);
std::optional<TestKind> find_test(std::string_view name);

// Words that cannot name a column.
bool is_reserved(std::string_view name);

// The field that other systems call so: "status" is status_code; empty for no such name.
std::string_view field_elsewhere_called(std::string_view name);

// All that can be called, and all that can stand between two values, for suggestions.
std::vector<std::string_view> callable_names();
std::vector<std::string_view> operator_names();
std::vector<std::string_view> section_names();

// The candidate that was most likely meant, or empty: the nearest by insertions, deletions,
// replacements and swaps of neighbours, if that is near enough.
std::string suggest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace apitoolkit::server::query
