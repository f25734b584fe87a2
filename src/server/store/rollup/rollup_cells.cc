#include "src/server/store/rollup/rollup_cells.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/server/store/block/tagged_fields.h"

namespace apitoolkit::server::store {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kCellBytesMin = 6;  // a byte each number
// Of an endpoint and of requests: in no danger of reaching 2^63 when they are added up.
constexpr std::int64_t kNumberMax = std::int64_t{1} << 50;

tl::unexpected<Error> damaged() {
  return fail(ErrorCode::kCorrupt, "a rollup is damaged");
}

void put(std::int64_t number, std::string& out) {
  append_varint(static_cast<std::uint64_t>(number), out);
}

// -1 where there is none.
std::int64_t take(std::string_view& bytes) {
  const std::optional<std::uint64_t> number = take_varint(bytes);
  if (!number || *number > INT64_MAX) return -1;
  return static_cast<std::int64_t>(*number);
}

}  // namespace

Status StoredCell::add_to(TrafficMeasure& measure, bool with_durations) const {
  if (with_durations) {
    const Result<query::QuantileSketch> sketch = query::QuantileSketch::parse(durations);
    if (!sketch || sketch->count() != requests) return damaged();
    measure.duration_ns.merge(*sketch);
  }
  measure.requests_by_class[status_class] += requests;
  add_to_sum(measure.request_bytes, request_bytes);
  add_to_sum(measure.response_bytes, response_bytes);
  return {};
}

Result<std::vector<StoredCell>> parse_cells(std::string_view row) {
  if (row.empty() || row[0] != kFormat) return damaged();
  row.remove_prefix(1);
  const std::int64_t count = take(row);
  if (count < 0 || static_cast<std::size_t>(count) > row.size() / kCellBytesMin) return damaged();
  std::vector<StoredCell> cells(static_cast<std::size_t>(count));
  std::vector<std::size_t> sizes;
  sizes.reserve(cells.size());
  for (StoredCell& cell : cells) {
    cell.endpoint = take(row);
    const std::int64_t status_class = take(row);
    cell.requests = take(row);
    cell.request_bytes = take(row);
    cell.response_bytes = take(row);
    const std::int64_t size = take(row);
    if (cell.endpoint < 0 || status_class < 0 ||
        status_class >= static_cast<std::int64_t>(kStatusClasses) || cell.requests < 1 ||
        cell.requests > kNumberMax || cell.endpoint > kNumberMax || cell.request_bytes < 0 ||
        cell.response_bytes < 0 || size < 0) {
      return damaged();
    }
    cell.status_class = static_cast<std::size_t>(status_class);
    sizes.push_back(static_cast<std::size_t>(size));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (sizes[i] > row.size()) return damaged();
    cells[i].durations = row.substr(0, sizes[i]);
    row.remove_prefix(sizes[i]);
  }
  if (!row.empty()) return damaged();
  return cells;
}

RollupCells::Cell& RollupCells::cell(std::int64_t endpoint, std::size_t status_class) {
  constexpr auto kClasses = static_cast<std::int64_t>(kStatusClasses);
  return cells_[endpoint * kClasses + static_cast<std::int64_t>(status_class)];
}

void RollupCells::add(std::int64_t endpoint, const BlockTraffic::Row& row) {
  Cell& ours = cell(endpoint, row.status_class);
  ++ours.requests;
  add_to_sum(ours.request_bytes, row.request_bytes);
  add_to_sum(ours.response_bytes, row.response_bytes);
  ours.durations.add(static_cast<double>(row.duration_ns));
}

void RollupCells::merge(const RollupCells& other) {
  for (const auto& [key, theirs] : other.cells_) {
    Cell& ours = cells_[key];
    ours.requests += theirs.requests;
    add_to_sum(ours.request_bytes, theirs.request_bytes);
    add_to_sum(ours.response_bytes, theirs.response_bytes);
    ours.durations.merge(theirs.durations);
  }
}

Status RollupCells::merge(std::string_view row) {
  const Result<std::vector<StoredCell>> stored = parse_cells(row);
  if (!stored) return tl::unexpected(stored.error());
  for (const StoredCell& theirs : *stored) {
    const Result<query::QuantileSketch> sketch = query::QuantileSketch::parse(theirs.durations);
    if (!sketch || sketch->count() != theirs.requests) return damaged();
    Cell& ours = cell(theirs.endpoint, theirs.status_class);
    ours.requests += theirs.requests;
    add_to_sum(ours.request_bytes, theirs.request_bytes);
    add_to_sum(ours.response_bytes, theirs.response_bytes);
    ours.durations.merge(*sketch);
  }
  return {};
}

std::string RollupCells::encode() const {
  std::vector<std::int64_t> keys;
  keys.reserve(cells_.size());
  for (const auto& [key, cell] : cells_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  std::string out(1, kFormat);
  put(static_cast<std::int64_t>(keys.size()), out);
  std::string durations;
  for (const std::int64_t key : keys) {
    const Cell& cell = cells_.at(key);
    const std::size_t before = durations.size();
    cell.durations.serialize(durations);
    put(key / static_cast<std::int64_t>(kStatusClasses), out);
    put(key % static_cast<std::int64_t>(kStatusClasses), out);
    put(cell.requests, out);
    put(cell.request_bytes, out);
    put(cell.response_bytes, out);
    put(static_cast<std::int64_t>(durations.size() - before), out);
  }
  return out + durations;
}

}  // namespace apitoolkit::server::store
