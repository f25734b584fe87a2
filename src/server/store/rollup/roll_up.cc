#include "src/server/store/rollup/roll_up.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/server/store/block/tagged_fields.h"
#include "src/server/store/rollup/rollup_cells.h"
#include "src/server/store/rollup/rollup_tables.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kNamesBytesMax = 4 << 20;  // of a project's endpoints on one day

// The numbers of a project's endpoints; new ones are added to the file. Beyond the bounds all are
// one, of each direction.
class EndpointNumbers {
 public:
  EndpointNumbers(RollupTables& tables, std::int64_t project)
      : tables_(tables), project_(project) {}

  Status load() {
    const auto known = tables_.endpoints(project_);
    if (!known) return tl::unexpected(known.error());
    for (const RollupTables::Endpoint& endpoint : *known) {
      keep({endpoint.direction, endpoint.method, endpoint.host, endpoint.path}, endpoint.number);
    }
    return {};
  }

  Result<std::int64_t> of(const BlockTraffic::Endpoint& endpoint) {
    const auto found = numbers_.find(name_of(endpoint));
    if (found != numbers_.end()) return found->second;
    if (numbers_.size() >= kTrafficEndpointsMax || bytes_ >= kNamesBytesMax) {
      const BlockTraffic::Endpoint other{endpoint.direction, "", "", std::string(kOtherEndpoints)};
      const auto others = numbers_.find(name_of(other));
      return others != numbers_.end() ? others->second : add(other);
    }
    return add(endpoint);
  }

 private:
  static std::string name_of(const BlockTraffic::Endpoint& endpoint) {
    std::string name(1, endpoint.direction == Direction::kIncoming ? 'i' : 'o');
    append_varint(endpoint.method.size(), name);
    append_varint(endpoint.host.size(), name);
    return name + endpoint.method + endpoint.host + endpoint.path;
  }

  void keep(const BlockTraffic::Endpoint& endpoint, std::int64_t number) {
    std::string name = name_of(endpoint);
    bytes_ += name.size();
    numbers_.emplace(std::move(name), number);
  }

  Result<std::int64_t> add(const BlockTraffic::Endpoint& endpoint) {
    Result<std::int64_t> number = tables_.add_endpoint(
        project_, {0, endpoint.direction, endpoint.method, endpoint.host, endpoint.path});
    if (number) keep(endpoint, *number);
    return number;
  }

  RollupTables& tables_;
  const std::int64_t project_;
  std::unordered_map<std::string, std::int64_t> numbers_;
  std::size_t bytes_ = 0;
};

// Adds cells to the row, if it is there already.
Status merge_row(RollupTables& tables, std::int64_t project, RollupKind kind, RollupSpan span,
                 std::int64_t minute, const RollupCells& cells) {
  RollupCells all;
  Status merged = tables.rows(project, kind, {span, minute, minute + 1},
                              [&](std::int64_t, std::string_view row) { return all.merge(row); });
  if (!merged) return merged;
  all.merge(cells);
  return tables.put_row(project, kind, span, minute, all.encode());
}

// Both kinds of cells of one span, while its exchanges come one after the other.
struct SpanCells {
  std::int64_t minute = -1;  // where it begins; none yet
  RollupCells totals;
  RollupCells endpoints;

  bool holds(std::int64_t other, RollupSpan span) const {
    return minute >= 0 && other / minutes_of(span) == minute / minutes_of(span);
  }
  void begin(std::int64_t at, RollupSpan span) {
    *this = {};
    minute = at / minutes_of(span) * minutes_of(span);
  }
  void merge(const SpanCells& other) {
    totals.merge(other.totals);
    endpoints.merge(other.endpoints);
  }
};

// Takes a project's exchanges minute by minute and writes the rows that are complete.
class ProjectRollup {
 public:
  ProjectRollup(RollupTables& tables, std::int64_t project) : tables_(tables), project_(project) {}

  Status add(std::int64_t endpoint, Direction direction, const BlockTraffic::Row& row) {
    if (!minute_.holds(row.minute, RollupSpan::kMinute)) {
      if (Status ended = end_minute(); !ended) return ended;
      if (!hour_.holds(row.minute, RollupSpan::kHour)) {
        if (Status ended = end_hour(); !ended) return ended;
        hour_.begin(row.minute, RollupSpan::kHour);
      }
      minute_.begin(row.minute, RollupSpan::kMinute);
    }
    minute_.totals.add(direction == Direction::kIncoming ? 0 : 1, row);
    minute_.endpoints.add(endpoint, row);
    return {};
  }

  Status end() {
    if (Status ended = end_minute(); !ended) return ended;
    if (Status ended = end_hour(); !ended) return ended;
    if (day_.minute < 0) return {};
    return write(day_, RollupSpan::kDay);
  }

 private:
  Status end_minute() {
    if (minute_.minute < 0) return {};
    hour_.merge(minute_);
    Status written = write(minute_, RollupSpan::kMinute);
    minute_ = {};
    return written;
  }
  Status end_hour() {
    if (hour_.minute < 0) return {};
    if (day_.minute < 0) day_.begin(0, RollupSpan::kDay);
    day_.merge(hour_);
    Status written = write(hour_, RollupSpan::kHour);
    hour_ = {};
    return written;
  }
  Status write(const SpanCells& cells, RollupSpan span) {
    Status written =
        merge_row(tables_, project_, RollupKind::kTotals, span, cells.minute, cells.totals);
    if (!written) return written;
    return merge_row(tables_, project_, RollupKind::kEndpoints, span, cells.minute,
                     cells.endpoints);
  }

  RollupTables& tables_;
  const std::int64_t project_;
  SpanCells minute_;
  SpanCells hour_;
  SpanCells day_;
};

Status roll_up_project(RollupTables& tables, const Uuid& project,
                       std::span<const BlockTraffic* const> blocks) {
  const auto known = tables.project_number(project);
  if (!known) return tl::unexpected(known.error());
  const Result<std::int64_t> number = *known ? **known : tables.add_project(project);
  if (!number) return tl::unexpected(number.error());
  EndpointNumbers numbers(tables, *number);
  if (Status loaded = numbers.load(); !loaded) return loaded;

  struct Counted {
    const BlockTraffic::Row* row = nullptr;
    std::int64_t endpoint = 0;
    Direction direction = Direction::kIncoming;
  };
  std::vector<Counted> rows;
  for (const BlockTraffic* block : blocks) {
    std::vector<std::int64_t> endpoints;
    for (const BlockTraffic::Endpoint& endpoint : block->endpoints) {
      const Result<std::int64_t> endpoint_number = numbers.of(endpoint);
      if (!endpoint_number) return tl::unexpected(endpoint_number.error());
      endpoints.push_back(*endpoint_number);
    }
    for (const BlockTraffic::Row& row : block->rows) {
      rows.push_back({&row, endpoints[row.endpoint], block->endpoints[row.endpoint].direction});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Counted& a, const Counted& b) {
    return a.row->minute < b.row->minute;
  });
  ProjectRollup rollup(tables, *number);
  for (const Counted& one : rows) {
    if (Status added = rollup.add(one.endpoint, one.direction, *one.row); !added) return added;
  }
  return rollup.end();
}

}  // namespace

Status roll_up(Database& database, std::span<const OpenBlock> blocks) {
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  RollupTables tables(database);
  std::map<Uuid, std::vector<const BlockTraffic*>> projects;
  for (const OpenBlock& block : blocks) {
    if (block.traffic != nullptr) projects[block.traffic->project].push_back(block.traffic.get());
    Status put = tables.put_rolled_up(block.id, block.traffic != nullptr ? 0 : block.rows);
    if (!put) return put;
  }
  for (const auto& [project, traffic] : projects) {
    if (Status counted = roll_up_project(tables, project, traffic); !counted) return counted;
  }
  return transaction->commit();
}

}  // namespace apitoolkit::server::store
