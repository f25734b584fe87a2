#include "src/server/store/rollup/day_traffic.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "src/server/store/calendar_day.h"
#include "src/server/store/rollup/rollup_cells.h"
#include "src/server/store/rollup/rollup_tables.h"

namespace apitoolkit::server::store {
namespace {

// One answer from one snapshot.
class DayTraffic {
 public:
  DayTraffic(DayReader& day, DayRollups& known, const TrafficRange& range)
      : day_(day), known_(known), range_(range), tables_(day.database()), traffic_(range) {}

  const TrafficBuilder& traffic() const { return traffic_; }

  // Without `with_rollups` every block is counted from its columns. False where the rollups cannot
  // tell.
  Result<bool> count(bool with_rollups) {
    std::map<std::int64_t, std::int64_t> rolled_up;
    if (with_rollups) {
      auto found = tables_.rolled_up();
      if (!found) return tl::unexpected(found.error());
      rolled_up = std::move(*found);
      Result<bool> counted = add_rollups();
      if (!counted || !*counted) return counted;
    }
    for (const StoredBlock& block : day_.blocks()) {
      const BlockHeader& header = *block.header;
      if (header.project != range_.project || header.last_ns() < range_.since_ns ||
          header.first_ns() >= range_.until_ns) {
        continue;
      }
      const auto found = rolled_up.find(block.id);
      if (found != rolled_up.end()) {
        traffic_.add_unreadable(found->second);
        continue;
      }
      if (Status added = add_open(block); !added) return tl::unexpected(added.error());
    }
    return true;
  }

 private:
  Status add_open(const StoredBlock& block) {
    if (Status goes_on = range_.control.check(); !goes_on) return goes_on;
    const auto parts = day_.parts_of(block.id);
    const auto traffic = traffic_of(block, known_, *parts, day_.frames());
    if (traffic) {
      traffic_.add(**traffic, day_.day());
    } else if (traffic.error().code == ErrorCode::kCorrupt) {
      traffic_.add_unreadable(block.header->rows);
    } else {
      return tl::unexpected(traffic.error());
    }
    return {};
  }

  Result<bool> add_rollups() {
    const auto project = tables_.project_number(range_.project);
    if (!project) return tl::unexpected(project.error());
    if (!*project) return true;
    const auto endpoints = tables_.endpoints(**project);
    if (!endpoints) return tl::unexpected(endpoints.error());
    std::unordered_map<std::int64_t, std::size_t> places;
    for (const RollupTables::Endpoint& each : *endpoints) {
      const bool is_other =
          each.method.empty() && each.host.empty() && each.path == kOtherEndpoints;
      if (is_other && traffic_.is_filtered() && each.direction == range_.direction) return false;
      const auto place = traffic_.place_of(each.direction, each.method, each.host, each.path);
      if (place) places.emplace(each.number, *place);
    }
    if (Status added = add_buckets(**project, places); !added) {
      return tl::unexpected(added.error());
    }
    if (Status added = add_endpoints(**project, places); !added) {
      return tl::unexpected(added.error());
    }
    return true;
  }

  // Calls `add(time, cell)` for the cells of that kind.
  template <class Add>
  Status for_each_cell(std::int64_t project, RollupKind kind, std::int64_t bucket_ns, Add add) {
    for (const RollupPiece& piece : cover(range_, bucket_ns, day_.day())) {
      Status read = tables_.rows(
          project, kind, piece, [&](std::int64_t minute, std::string_view row) -> Status {
            if (Status goes_on = range_.control.check(); !goes_on) return goes_on;
            const auto cells = parse_cells(row);
            if (!cells) return tl::unexpected(cells.error());
            const std::int64_t unix_ns = time_at(day_.day(), minute * kTrafficStepNs);
            for (const StoredCell& cell : *cells) {
              if (Status added = add(unix_ns, cell); !added) return added;
            }
            return {};
          });
      if (!read) return read;
    }
    return {};
  }

  Status add_buckets(std::int64_t project,
                     const std::unordered_map<std::int64_t, std::size_t>& places) {
    if (traffic_.is_filtered()) {
      return for_each_cell(project, RollupKind::kEndpoints, range_.bucket_ns,
                           [&](std::int64_t unix_ns, const StoredCell& cell) -> Status {
                             if (!places.contains(cell.endpoint)) return {};
                             return cell.add_to(traffic_.bucket(unix_ns), true);
                           });
    }
    const std::int64_t wanted = range_.direction == Direction::kIncoming ? 0 : 1;
    return for_each_cell(project, RollupKind::kTotals, range_.bucket_ns,
                         [&](std::int64_t unix_ns, const StoredCell& cell) -> Status {
                           if (cell.endpoint != wanted) return {};
                           return cell.add_to(traffic_.bucket(unix_ns), true);
                         });
  }

  Status add_endpoints(std::int64_t project,
                       const std::unordered_map<std::int64_t, std::size_t>& places) {
    return for_each_cell(project, RollupKind::kEndpoints, range_.until_ns - range_.since_ns,
                         [&](std::int64_t, const StoredCell& cell) -> Status {
                           const auto place = places.find(cell.endpoint);
                           if (place == places.end()) return {};
                           return cell.add_to(traffic_.endpoint(place->second),
                                              range_.endpoint_durations);
                         });
  }

  DayReader& day_;
  DayRollups& known_;
  const TrafficRange& range_;
  RollupTables tables_;
  TrafficBuilder traffic_;
};

}  // namespace

Result<bool> add_day_traffic(DayReader& day, DayRollups& known, const TrafficRange& range,
                             TrafficBuilder& traffic) {
  DayTraffic counted(day, known, range);
  Result<bool> answered = counted.count(true);
  if (!answered && answered.error().code != ErrorCode::kCorrupt) return answered;
  if (answered && *answered) {
    traffic.merge(counted.traffic());
    return false;
  }
  if (!answered) known.set_damaged(true);
  DayTraffic from_columns(day, known, range);
  Result<bool> done = from_columns.count(false);
  if (!done) return done;
  traffic.merge(from_columns.traffic());
  return true;
}

}  // namespace apitoolkit::server::store
