#include "src/server/store/rollup/rollup_summarize.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "src/server/query/walk.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/rollup/rollup_cells.h"

namespace apitoolkit::server::store {
namespace {

using query::AggregateKind;
using query::FieldId;
using query::Value;

// Where doubles hold every integer, so that an extreme of a sketch is the number itself.
constexpr double kWholeMax = 9'007'199'254'740'992.0;
constexpr std::int64_t kSumBytes = 512;  // that one sum takes, about

const query::FieldRef* field_of(const query::ValueExpr& value) {
  const auto* field = std::get_if<query::FieldRef>(&value.node);
  return field != nullptr && field->id && field->steps.empty() ? field : nullptr;
}

bool is_of_endpoint(FieldId field) {
  return field == FieldId::kMethod || field == FieldId::kHost || field == FieldId::kUrlPath;
}

// Whether the condition looks at nothing but what an endpoint is.
bool is_about_endpoints(const query::Expr& condition) {
  bool fine = true;
  query::Visitor visitor;
  visitor.field = [&](const query::FieldRef& field) {
    fine = fine && field.id && field.steps.empty() &&
           (is_of_endpoint(*field.id) || *field.id == FieldId::kRequestType);
  };
  visitor.search = [&](const query::FreeText&) { fine = false; };
  visitor.aggregate = [&](const query::Aggregate&) { fine = false; };
  query::walk(condition, visitor);
  return fine;
}

bool is_bin_of_time(const query::ValueExpr& value) {
  const auto* call = std::get_if<query::Call>(&value.node);
  if (call == nullptr || call->values.empty()) return false;
  if (call->function != query::Function::kBin && call->function != query::Function::kBinAuto) {
    return false;
  }
  const query::FieldRef* field = field_of(call->values[0]);
  if (field == nullptr || *field->id != FieldId::kTimestamp) return false;
  return call->values.size() == 1 || std::holds_alternative<query::Literal>(call->values[1].node);
}

bool is_of_durations(const query::Aggregate& aggregate) {
  switch (aggregate.kind) {
    case AggregateKind::kPercentile:
    case AggregateKind::kMedian:
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kRange:
      break;
    default:
      return false;
  }
  const query::FieldRef* field =
      aggregate.value.size() == 1 ? field_of(aggregate.value[0]) : nullptr;
  return field != nullptr && *field->id == FieldId::kDuration;
}

Value text_value(const std::string& text) {
  return text.empty() ? Value() : Value::text(text);
}

std::int64_t whole_minutes_up(std::int64_t unix_ns) {
  const std::int64_t into_ns = time_of_day_ns(unix_ns) % kTrafficStepNs;
  return into_ns == 0 ? unix_ns : unix_ns - into_ns + kTrafficStepNs;
}

}  // namespace

// By the values of the groups.
class RollupSummarize::Sums {
 public:
  struct Sum {
    std::vector<Value> key;
    std::int64_t requests = 0;
    query::QuantileSketch durations;
  };

  Sum& of(std::vector<Value> key) {
    bytes_.clear();
    for (const Value& value : key) query::append_key(value, bytes_);
    const auto [found, is_new] = index_.try_emplace(bytes_, sums_.size());
    if (is_new) sums_.push_back({std::move(key), 0, {}});
    return sums_[found->second];
  }
  std::vector<Sum>& all() { return sums_; }

 private:
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<Sum> sums_;
  std::string bytes_;  // kept for its memory
};

std::optional<RollupSummarize> RollupSummarize::of(const query::Plan& plan, std::int64_t now_ns) {
  const auto& leading = plan.leading_summarize();
  const auto* stage = std::get_if<query::SummarizeStage>(&plan.collect());
  if (!leading || stage == nullptr) return std::nullopt;
  RollupSummarize rollups;
  for (const query::Expr* condition : leading->conditions) {
    if (!is_about_endpoints(*condition)) return std::nullopt;
    rollups.conditions_.emplace_back(*condition, now_ns);
  }
  bool has_bin = false;
  for (std::size_t i = 0; i < leading->section->groups.size(); ++i) {
    const query::ValueExpr& value = leading->section->groups[i].value;
    if (const query::FieldRef* field = field_of(value)) {
      if (!is_of_endpoint(*field->id)) return std::nullopt;
      rollups.groups_.push_back({*field->id, nullptr});
    } else if (is_bin_of_time(value) && !has_bin) {
      has_bin = true;
      rollups.groups_.push_back({std::nullopt, stage->groups[i].get()});
    } else {
      return std::nullopt;
    }
  }
  for (const query::Aggregate* aggregate : leading->slots) {
    const bool is_count = aggregate->kind == AggregateKind::kCount;
    if (!is_count && !is_of_durations(*aggregate)) return std::nullopt;
    rollups.with_durations_ = rollups.with_durations_ || !is_count;
    rollups.slots_.push_back(aggregate->kind);
  }
  return rollups;
}

bool RollupSummarize::by_endpoint() const {
  return !conditions_.empty() ||
         std::any_of(groups_.begin(), groups_.end(),
                     [](const GroupBy& group) { return group.text.has_value(); });
}

Value RollupSummarize::bin_at(std::int64_t unix_ns) const {
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [](const GroupBy& each) { return each.bin != nullptr; });
  if (group == groups_.end()) return {};
  Exchange exchange;
  exchange.start_ns = unix_ns;
  query::ExchangeSource source;
  source.reset({&exchange});
  return group->bin->evaluate({&source, {}});
}

bool RollupSummarize::is_one_bin(std::int64_t first_ns, std::int64_t last_ns) const {
  return bin_at(first_ns) == bin_at(last_ns);
}

bool RollupSummarize::matches(const RollupTables::Endpoint& endpoint) const {
  Exchange exchange;
  exchange.direction = endpoint.direction;
  exchange.method = endpoint.method;
  exchange.host = endpoint.host;
  exchange.url_path = endpoint.path;
  query::ExchangeSource source;
  source.reset({&exchange});
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const query::Matcher& each) { return each.matches(source); });
}

Result<std::optional<RollupSummarize::Added>> RollupSummarize::add(
    DayReader& day, DayRollups& known, const Uuid& project, const query::TimeRange& time,
    query::Execution& execution) const {
  if (execution.groups() == nullptr) return std::nullopt;
  Added added{time_at(day.day(), 0), time_at(day.day(), kDayNs - 1) + 1, {}};
  if (time.since_ns && *time.since_ns >= added.until_ns) return std::nullopt;
  if (time.since_ns) added.since_ns = std::max(added.since_ns, whole_minutes_up(*time.since_ns));
  if (time.until_ns && *time.until_ns < added.until_ns) {
    added.until_ns = *time.until_ns - time_of_day_ns(*time.until_ns) % kTrafficStepNs;
  }
  if (added.since_ns >= added.until_ns) return std::nullopt;
  RollupTables tables(day.database());
  Sums sums;
  const auto collected = [&]() -> Result<bool> {
    auto rolled_up = tables.rolled_up();
    if (!rolled_up) return tl::unexpected(rolled_up.error());
    added.blocks = std::move(*rolled_up);
    return collect(tables, day.day(), added, project, sums);
  }();
  if (!collected && collected.error().code == ErrorCode::kCorrupt) {
    known.set_damaged(true);
    return std::nullopt;
  }
  if (!collected) return tl::unexpected(collected.error());
  if (!*collected ||
      static_cast<std::int64_t>(sums.all().size()) * kSumBytes > execution.memory().bytes_left()) {
    return std::nullopt;
  }
  flush(sums, execution);
  if (Status fits = execution.memory().check(); !fits) return tl::unexpected(fits.error());
  return added;
}

Result<bool> RollupSummarize::collect(RollupTables& tables, std::int64_t day, const Added& added,
                                      const Uuid& project, Sums& sums) const {
  const auto number = tables.project_number(project);
  if (!number) return tl::unexpected(number.error());
  if (!*number) return true;
  std::unordered_map<std::int64_t, RollupTables::Endpoint> endpoints;
  if (by_endpoint()) {
    auto all = tables.endpoints(**number);
    if (!all) return tl::unexpected(all.error());
    for (RollupTables::Endpoint& each : *all) {
      if (each.method.empty() && each.host.empty() && each.path == kOtherEndpoints) return false;
      if (matches(each)) endpoints.emplace(each.number, std::move(each));
    }
  }
  const RollupKind kind = by_endpoint() ? RollupKind::kEndpoints : RollupKind::kTotals;
  const auto pieces =
      cover(added.since_ns, added.until_ns, day, [&](std::int64_t first_ns, std::int64_t last_ns) {
        return is_one_bin(first_ns, last_ns + kTrafficStepNs - 1);
      });
  bool fine = true;
  for (const RollupPiece& piece : pieces) {
    Status read = tables.rows(
        **number, kind, piece, [&](std::int64_t minute, std::string_view row) -> Status {
          const std::int64_t unix_ns = time_at(day, minute * kTrafficStepNs);
          if (piece.span == RollupSpan::kMinute) {
            fine = fine && is_one_bin(unix_ns, unix_ns + kTrafficStepNs - 1);
          }
          const auto cells = parse_cells(row);
          if (!cells) return tl::unexpected(cells.error());
          const Value bin = bin_at(unix_ns);
          for (const StoredCell& cell : *cells) {
            const auto endpoint = endpoints.find(cell.endpoint);
            if (by_endpoint() && endpoint == endpoints.end()) continue;
            std::vector<Value> key;
            for (const GroupBy& group : groups_) {
              if (!group.text) {
                key.push_back(bin);
              } else {
                const RollupTables::Endpoint& each = endpoint->second;
                key.push_back(text_value(*group.text == FieldId::kMethod ? each.method
                                         : *group.text == FieldId::kHost ? each.host
                                                                         : each.path));
              }
            }
            Sums::Sum& sum = sums.of(std::move(key));
            sum.requests += cell.requests;
            if (!with_durations_) continue;
            TrafficMeasure measure;
            if (Status measured = cell.add_to(measure, true); !measured) return measured;
            fine = fine && measure.duration_ns.min() >= -kWholeMax &&
                   measure.duration_ns.max() <= kWholeMax;
            sum.durations.merge(measure.duration_ns);
          }
          return {};
        });
    if (!read) return tl::unexpected(read.error());
    if (!fine) return false;
  }
  return true;
}

void RollupSummarize::flush(Sums& sums, query::Execution& execution) const {
  query::Groups& groups = *execution.groups();
  for (const Sums::Sum& sum : sums.all()) {
    const std::size_t group = groups.find_or_add(sum.key);
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      query::AggregateState& state = groups.state(group, slot);
      switch (slots_[slot]) {
        case AggregateKind::kCount:
          state.add_rows(sum.requests);
          break;
        case AggregateKind::kPercentile:
        case AggregateKind::kMedian:
          state.add_sketch(sum.durations, query::ValueType::kDuration);
          break;
        default:
          for (const double extreme : {sum.durations.min(), sum.durations.max()}) {
            state.add_number(static_cast<std::int64_t>(extreme), query::ValueType::kDuration);
          }
      }
    }
    groups.account(group);
    execution.scanned().counted_ahead += sum.requests;
  }
}

}  // namespace apitoolkit::server::store
