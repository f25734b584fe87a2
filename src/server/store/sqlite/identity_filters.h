// The identity filters of blocks that are in memory, of all days together. What is not here is read
// from the block.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "src/server/store/block/bloom_filter.h"

namespace apitoolkit::server::store {

// Thread-safe.
class IdentityFilters {
 public:
  // Whose a block is; ids of blocks are unique to it.
  using Owner = const void*;

  // At most so many bytes of filters are kept.
  explicit IdentityFilters(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  // Null where it is not in memory.
  std::shared_ptr<const BloomFilter> find(Owner owner, std::int64_t block) const;
  // In the place of those that have been kept for longest.
  void keep(Owner owner, std::int64_t block, std::shared_ptr<const BloomFilter> filter);
  void forget(Owner owner, std::int64_t block);
  // Before another may have its address.
  void forget(Owner owner);

  std::int64_t bytes() const;

 private:
  using Key = std::pair<Owner, std::int64_t>;
  struct Kept {
    Key key;
    std::shared_ptr<const BloomFilter> filter;
  };
  using ByAge = std::list<Kept>;
  using ByKey = std::map<Key, ByAge::iterator>;
  ByKey::iterator drop(ByKey::iterator one);

  const std::int64_t bytes_max_;
  mutable std::mutex mutex_;
  std::int64_t bytes_ = 0;
  ByAge by_age_;  // kept for longest in front
  ByKey by_key_;
};

}  // namespace apitoolkit::server::store
