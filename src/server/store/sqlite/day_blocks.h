// What is known of a day's blocks in memory: their headers, and some of their identity filters.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/sqlite/identity_filters.h"

namespace apitoolkit::server::store {

// What a day holds, of all projects.
struct DaySummary {
  std::int64_t exchanges = 0;
  std::int64_t oldest_ns = 0;
  std::int64_t newest_ns = 0;
};

// Thread-safe. Changed by the writing thread after each commit; a reader's snapshot of the file may
// name blocks that are not here any more, or not yet.
class DayBlocks {
 public:
  // `filters` are those of all days, and must outlive this.
  DayBlocks(std::vector<StoredBlock> blocks, IdentityFilters& filters);
  ~DayBlocks();
  DayBlocks(const DayBlocks&) = delete;
  DayBlocks& operator=(const DayBlocks&) = delete;

  void change(std::span<const StoredBlock> added, std::span<const std::int64_t> removed);
  // Those for which `wanted(const BlockHeader&)`, in the order of their ids.
  template <class Wanted>
  std::vector<StoredBlock> select(Wanted wanted) const {
    const std::lock_guard lock(mutex_);
    std::vector<StoredBlock> blocks;
    for (const auto& [id, header] : headers_) {
      if (wanted(*header)) blocks.push_back({id, header});
    }
    return blocks;
  }
  // Null where it is not known.
  std::shared_ptr<const BlockHeader> header(std::int64_t id) const;
  DaySummary summary() const;

  std::shared_ptr<const BloomFilter> filter(std::int64_t id) const;
  void keep_filter(std::int64_t id, std::shared_ptr<const BloomFilter> filter);

 private:
  IdentityFilters& filters_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<const BlockHeader>> headers_;
};

// The block's filter, which is read from `parts` if it is not in memory.
Result<std::shared_ptr<const BloomFilter>> filter_of(std::int64_t block, DayBlocks& blocks,
                                                     PartSource& parts, FrameReader& frames);

}  // namespace apitoolkit::server::store
