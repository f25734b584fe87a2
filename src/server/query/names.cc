#include "src/server/query/names.h"

#include <algorithm>
#include <array>

namespace apitoolkit::server::query {
namespace {

constexpr std::array kFunctions{
    FunctionInfo{Function::kNow, "now", 0, 0, "now()"},
    FunctionInfo{Function::kAgo, "ago", 1, 1, "ago(1h)"},
    FunctionInfo{Function::kBin, "bin", 2, 2, "bin(timestamp, 1h)"},
    FunctionInfo{Function::kBinAuto, "bin_auto", 1, 1, "bin_auto(timestamp)"},
    FunctionInfo{Function::kCoalesce, "coalesce", 1, kAnyCount, "coalesce(consumer, \"nobody\")"},
    FunctionInfo{Function::kStrcat, "strcat", 1, kAnyCount, "strcat(method, \" \", url_path)"},
    FunctionInfo{Function::kIff, "iff", 2, 2, "iff(status_code >= 500, \"bad\", \"good\")"},
    FunctionInfo{Function::kCase, "case", 2, kAnyCount,
                 "case(duration < 100ms, \"fast\", duration < 1s, \"fair\", \"slow\")"},
    FunctionInfo{Function::kRound, "round", 1, 2, "round(request_body.price, 2)"},
    FunctionInfo{Function::kToFloat, "tofloat", 1, 1, "tofloat(query_params.page)"},
    FunctionInfo{Function::kToInt, "toint", 1, 1, "toint(query_params.page)"},
    FunctionInfo{Function::kToString, "tostring", 1, 1, "tostring(status_code)"},
    FunctionInfo{Function::kToBool, "tobool", 1, 1, "tobool(query_params.debug)"},
    FunctionInfo{Function::kLower, "lower", 1, 1, "lower(host)"},
    FunctionInfo{Function::kUpper, "upper", 1, 1, "upper(method)"},
    FunctionInfo{Function::kHour, "hour", 1, 1, "hour(timestamp)"},
    FunctionInfo{Function::kDayOfWeek, "dayofweek", 1, 1, "dayofweek(timestamp)"},
};

constexpr std::array kAggregates{
    AggregateInfo{AggregateKind::kCount, "count", 0, "count()"},
    AggregateInfo{AggregateKind::kSum, "sum", 0, "sum(response_size)"},
    AggregateInfo{AggregateKind::kAvg, "avg", 0, "avg(duration)"},
    AggregateInfo{AggregateKind::kMin, "min", 0, "min(timestamp)"},
    AggregateInfo{AggregateKind::kMax, "max", 0, "max(timestamp)"},
    AggregateInfo{AggregateKind::kStdev, "stdev", 0, "stdev(duration)"},
    AggregateInfo{AggregateKind::kRange, "range", 0, "range(duration)"},
    AggregateInfo{AggregateKind::kMedian, "median", 50, "median(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "p50", 50, "p50(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "p75", 75, "p75(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "p90", 90, "p90(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "p95", 95, "p95(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "p99", 99, "p99(duration)"},
    AggregateInfo{AggregateKind::kPercentile, "percentile", 0, "percentile(duration, 99.9)"},
    AggregateInfo{AggregateKind::kCountIf, "countif", 0, "countif(status_code >= 500)"},
    AggregateInfo{AggregateKind::kDcount, "dcount", 0, "dcount(consumer)"},
};

constexpr std::array<std::string_view, 6> kCompareOps{"==", "!=", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 6> kTextOps{"has",      "has_any",    "has_all",
                                                   "contains", "startswith", "endswith"};
constexpr std::array<std::string_view, 4> kTests{"isnull", "isnotnull", "isempty", "isnotempty"};
constexpr std::array<std::string_view, 7> kSections{"where",  "summarize", "sort",    "take",
                                                    "extend", "project",   "distinct"};
constexpr std::array<std::string_view, 17> kOtherWords{
    "and",     "or",      "not",      "in",         "by",       "asc",  "desc",  "matches", "has",
    "has_any", "has_all", "contains", "startswith", "endswith", "true", "false", "null"};

struct OtherName {
  std::string_view name;
  std::string_view field;
};
constexpr std::array kOtherNames{
    OtherName{"status", "status_code"},
    OtherName{"code", "status_code"},
    OtherName{"path", "url_path"},
    OtherName{"route", "url_path"},
    OtherName{"endpoint", "url_path"},
    OtherName{"url", "raw_url"},
    OtherName{"uri", "raw_url"},
    OtherName{"latency", "duration"},
    OtherName{"time", "timestamp"},
    OtherName{"ts", "timestamp"},
    OtherName{"id", "msg_id"},
    OtherName{"kind", "request_type"},
    OtherName{"direction", "request_type"},
    OtherName{"user", "consumer"},
    OtherName{"ip", "client_ip"},
    OtherName{"headers", "request_headers"},
    OtherName{"body", "request_body"},
    OtherName{"params", "query_params"},
    OtherName{"query", "query_params"},
    OtherName{"error", "errors"},
    OtherName{"version", "service_version"},
    OtherName{"verb", "method"},
};

template <class Names>
std::size_t index_of(const Names& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

// Restricted Damerau-Levenshtein distance, without regard to ASCII case.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

const FunctionInfo& function_info(Function function) {
  return *std::find_if(kFunctions.begin(), kFunctions.end(),
                       [function](const FunctionInfo& info) { return info.function == function; });
}

const FunctionInfo* find_function(std::string_view name) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                  [name](const FunctionInfo& info) { return info.name == name; });
  return found == kFunctions.end() ? nullptr : &*found;
}

std::span<const AggregateInfo> aggregates() {
  return kAggregates;
}

const AggregateInfo* find_aggregate(std::string_view name) {
  const auto found = std::find_if(kAggregates.begin(), kAggregates.end(),
                                  [name](const AggregateInfo& info) { return info.name == name; });
  return found == kAggregates.end() ? nullptr : &*found;
}

std::string_view name_of(const Aggregate& aggregate) {
  for (const AggregateInfo& info : kAggregates) {
    if (info.kind != aggregate.kind) continue;
    const bool any = aggregate.kind != AggregateKind::kPercentile || info.percentile == 0;
    if (any || info.percentile == aggregate.percentile) return info.name;
  }
  return "";
}

std::string_view name_of(CompareOp op) {
  return kCompareOps.at(static_cast<std::size_t>(op));
}
std::string_view name_of(TextOp op) {
  return kTextOps.at(static_cast<std::size_t>(op));
}
std::string_view name_of(TestKind kind) {
  return kTests.at(static_cast<std::size_t>(kind));
}

std::optional<TextOp> find_text_op(std::string_view name) {
  const std::size_t i = index_of(kTextOps, name);
  if (i == kTextOps.size()) return std::nullopt;
  return static_cast<TextOp>(i);
}

std::optional<TestKind> find_test(std::string_view name) {
  const std::size_t i = index_of(kTests, name);
  if (i == kTests.size()) return std::nullopt;
  return static_cast<TestKind>(i);
}

bool is_reserved(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return index_of(kOtherWords, lower) != kOtherWords.size() ||
         index_of(kSections, lower) != kSections.size();
}

std::string_view field_elsewhere_called(std::string_view name) {
  const auto found = std::find_if(kOtherNames.begin(), kOtherNames.end(),
                                  [name](const OtherName& other) { return other.name == name; });
  return found == kOtherNames.end() ? std::string_view() : found->field;
}

std::vector<std::string_view> callable_names() {
  std::vector<std::string_view> names(kTests.begin(), kTests.end());
  for (const FunctionInfo& info : kFunctions) names.push_back(info.name);
  for (const AggregateInfo& info : kAggregates) names.push_back(info.name);
  return names;
}

std::vector<std::string_view> operator_names() {
  std::vector<std::string_view> names(kTextOps.begin(), kTextOps.end());
  for (const std::string_view name :
       {"in", "!in", "!has", "!contains", "!startswith", "!endswith", "matches", "and", "or"}) {
    names.push_back(name);
  }
  return names;
}

std::vector<std::string_view> section_names() {
  return {kSections.begin(), kSections.end()};
}

std::string suggest(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t kNameBytesMax = 64;
  if (name.size() > kNameBytesMax) return {};
  const std::size_t near_enough = name.size() < 4 ? 1 : 1 + name.size() / 4;
  std::size_t nearest = near_enough + 1;
  std::string_view best;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(name, candidate);
    if (d >= nearest || d >= candidate.size()) continue;
    nearest = d;
    best = candidate;
  }
  return std::string(best);
}

}  // namespace apitoolkit::server::query
