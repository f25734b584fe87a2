// Which of the records that arrive are stored already.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/server/store/sqlite/day_catalog.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// The hashes of a day's strays (block.h), 32 bits each: open addressing, so that one is found or
// not with about one look.
class StraySet {
 public:
  void add(std::uint64_t hash);
  bool may_hold(std::uint64_t hash) const;
  std::size_t size() const { return size_; }

 private:
  void insert(std::uint32_t print);
  void grow();
  std::vector<std::uint32_t> table_;
  std::size_t size_ = 0;
};

// Used by the writing thread alone.
//
// An identity that tells its time is looked for in the blocks that span it; a stray in all days, by
// a set in memory for each, at most limits::kStrayIdentitiesMax in all. Where a filter says that
// it may be there, the block's identities decide.
class KnownIdentities {
 public:
  // The records that are neither stored in one of the days nor equal to one before them. While a
  // day is looked into, `day_at_work` is its number.
  Result<std::vector<const Record*>> unknown(std::span<const Record> records,
                                             std::span<const std::shared_ptr<Day>> days,
                                             std::optional<std::int64_t>& day_at_work);

  // What has been stored in the day just now.
  void stored(std::int64_t day, std::span<const std::uint64_t> stray_hashes);
  void forget(std::int64_t day);

 private:
  struct Candidate {
    const Record* record = nullptr;
    std::int64_t told_ms = -1;  // -1: none
    std::uint64_t hash = 0;
    bool known = false;
  };
  // A block, and the candidates that may be in it.
  struct Suspicion {
    StoredBlock block;
    std::vector<Candidate*> candidates;
  };
  Status look_in(Day& day, std::span<Candidate> candidates);
  Status read_strays(Day& day, std::span<const StoredBlock> blocks);
  std::vector<Suspicion> suspicions(const Day& day, std::span<const StoredBlock> blocks,
                                    std::span<Candidate> candidates) const;

  std::map<std::int64_t, std::optional<StraySet>> strays_;  // nullopt where there are too many
  std::size_t stray_count_ = 0;
};

}  // namespace apitoolkit::server::store
