#include "src/server/store/sqlite/day_blocks.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::store {

DayBlocks::DayBlocks(std::vector<StoredBlock> blocks, IdentityFilters& filters)
    : filters_(filters) {
  for (StoredBlock& block : blocks) headers_.emplace(block.id, std::move(block.header));
}

DayBlocks::~DayBlocks() {
  filters_.forget(this);
}

void DayBlocks::change(std::span<const StoredBlock> added, std::span<const std::int64_t> removed) {
  const std::lock_guard lock(mutex_);
  for (const StoredBlock& block : added) headers_.emplace(block.id, block.header);
  for (const std::int64_t id : removed) {
    headers_.erase(id);
    filters_.forget(this, id);
  }
}

std::shared_ptr<const BlockHeader> DayBlocks::header(std::int64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto found = headers_.find(id);
  return found == headers_.end() ? nullptr : found->second;
}

DaySummary DayBlocks::summary() const {
  const std::lock_guard lock(mutex_);
  DaySummary summary;
  for (const auto& [id, header] : headers_) {
    const bool first = summary.exchanges == 0;
    summary.oldest_ns =
        first ? header->first_ns() : std::min(summary.oldest_ns, header->first_ns());
    summary.newest_ns = first ? header->last_ns() : std::max(summary.newest_ns, header->last_ns());
    summary.exchanges += header->rows;
  }
  return summary;
}

std::shared_ptr<const BloomFilter> DayBlocks::filter(std::int64_t id) const {
  return filters_.find(this, id);
}

void DayBlocks::keep_filter(std::int64_t id, std::shared_ptr<const BloomFilter> filter) {
  filters_.keep(this, id, std::move(filter));
}

Result<std::shared_ptr<const BloomFilter>> filter_of(std::int64_t block, DayBlocks& blocks,
                                                     PartSource& parts, FrameReader& frames) {
  if (auto kept = blocks.filter(block)) return kept;
  const Result<std::string_view> frame = parts.part(kFilterPart);
  if (!frame) return tl::unexpected(frame.error());
  Result<std::string> bytes = frames.inflate(*frame, limits::kBlockRowsMax * 8);
  if (!bytes) return tl::unexpected(bytes.error());
  auto filter = std::make_shared<const BloomFilter>(std::move(*bytes));
  blocks.keep_filter(block, filter);
  return filter;
}

}  // namespace apitoolkit::server::store
