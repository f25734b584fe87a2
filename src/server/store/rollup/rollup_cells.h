// One row of the rollups: what happened in a minute, an hour or a day, a cell for each endpoint and
// class of status.
//
//   row   := 1:u8 count cell* durations*     all numbers but the first are varints
//   cell  := endpoint class requests request_bytes response_bytes size
//
// Cells ascend by (endpoint, class). `durations` is a cell's QuantileSketch, serialised, of `size`
// bytes; they follow in the order of the cells, so that whoever counts does not read them. A row is
// stored in a frame (frame.h), which notices when it is damaged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/server/store/rollup/block_traffic.h"
#include "src/server/store/traffic.h"

namespace apitoolkit::server::store {

// A cell as it is stored.
struct StoredCell {
  std::int64_t endpoint = 0;
  std::size_t status_class = 0;
  std::int64_t requests = 0;  // at least 1
  std::int64_t request_bytes = 0;
  std::int64_t response_bytes = 0;
  std::string_view durations;  // a QuantileSketch of `requests` numbers

  // Adds it up. kCorrupt where the durations are none; they are not looked at without
  // `with_durations`.
  Status add_to(TrafficMeasure& measure, bool with_durations) const;
};

// The cells of a row, which must outlive them. Any bytes may be given; kCorrupt.
Result<std::vector<StoredCell>> parse_cells(std::string_view row);

// The cells of a row that is being made.
class RollupCells {
 public:
  bool empty() const { return cells_.empty(); }
  void add(std::int64_t endpoint, const BlockTraffic::Row& row);
  void merge(const RollupCells& other);
  // Of bytes that encode() has made; kCorrupt of others, and then the cells are worth nothing.
  Status merge(std::string_view row);
  std::string encode() const;

 private:
  struct Cell {
    std::int64_t requests = 0;
    std::int64_t request_bytes = 0;
    std::int64_t response_bytes = 0;
    query::QuantileSketch durations;
  };
  Cell& cell(std::int64_t endpoint, std::size_t status_class);

  std::unordered_map<std::int64_t, Cell> cells_;  // by endpoint * kStatusClasses + class
};

}  // namespace apitoolkit::server::store
