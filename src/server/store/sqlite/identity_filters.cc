#include "src/server/store/sqlite/identity_filters.h"

#include <limits>

namespace apitoolkit::server::store {
namespace {

std::int64_t bytes_of(const BloomFilter& filter) {
  return static_cast<std::int64_t>(filter.bytes().size());
}

}  // namespace

std::shared_ptr<const BloomFilter> IdentityFilters::find(Owner owner, std::int64_t block) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find({owner, block});
  return found == by_key_.end() ? nullptr : found->second->filter;
}

void IdentityFilters::keep(Owner owner, std::int64_t block,
                           std::shared_ptr<const BloomFilter> filter) {
  const std::lock_guard lock(mutex_);
  const Key key{owner, block};
  if (by_key_.contains(key)) return;
  bytes_ += bytes_of(*filter);
  by_age_.push_back({key, std::move(filter)});
  by_key_.emplace(key, std::prev(by_age_.end()));
  while (bytes_ > bytes_max_) drop(by_key_.find(by_age_.front().key));
}

void IdentityFilters::forget(Owner owner, std::int64_t block) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find({owner, block});
  if (found != by_key_.end()) drop(found);
}

void IdentityFilters::forget(Owner owner) {
  const std::lock_guard lock(mutex_);
  auto one = by_key_.lower_bound({owner, std::numeric_limits<std::int64_t>::min()});
  while (one != by_key_.end() && one->first.first == owner) one = drop(one);
}

std::int64_t IdentityFilters::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

IdentityFilters::ByKey::iterator IdentityFilters::drop(ByKey::iterator one) {
  bytes_ -= bytes_of(*one->second->filter);
  by_age_.erase(one->second);
  return by_key_.erase(one);
}

}  // namespace apitoolkit::server::store
