// What is known in memory of a day's rollups: which blocks are not counted in them yet, and what
// those hold.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "src/server/store/rollup/block_traffic.h"
#include "src/server/store/sqlite/day_file.h"

namespace apitoolkit::server::store {

// Thread-safe. The writing thread says which blocks are open; readers go by their snapshot of the
// file, and find here what they would have to read again.
class DayRollups {
 public:
  // `open_rows` counts for all days and must outlive this.
  explicit DayRollups(std::atomic<std::int64_t>& open_rows) : open_rows_(open_rows) {}
  ~DayRollups();
  DayRollups(const DayRollups&) = delete;
  DayRollups& operator=(const DayRollups&) = delete;

  void open(std::span<const StoredBlock> blocks);
  void close(std::span<const std::int64_t> blocks);
  bool is_open(std::int64_t block) const;
  std::int64_t open_rows() const;
  // The oldest, at least one, with no more than so many rows together.
  std::vector<StoredBlock> open_blocks(std::int64_t rows_max) const;

  // Null where it is not known.
  std::shared_ptr<const BlockTraffic> traffic(std::int64_t block) const;
  // Keeps it while the block is open.
  void keep(std::int64_t block, std::shared_ptr<const BlockTraffic> traffic);

  // Whether a reader has found damage in what is counted, so that it is to be counted anew.
  bool is_damaged() const { return damaged_; }
  void set_damaged(bool damaged) { damaged_ = damaged; }

 private:
  struct Open {
    StoredBlock block;
    std::shared_ptr<const BlockTraffic> traffic;  // shared with whoever reads it
  };
  std::atomic<std::int64_t>& open_rows_;
  std::atomic<bool> damaged_{false};
  mutable std::mutex mutex_;
  std::map<std::int64_t, Open> open_;
  std::int64_t own_rows_ = 0;
};

// What the block holds, which is read from `parts` if it is not in memory.
Result<std::shared_ptr<const BlockTraffic>> traffic_of(const StoredBlock& block, DayRollups& known,
                                                       PartSource& parts, FrameReader& frames);

}  // namespace apitoolkit::server::store
