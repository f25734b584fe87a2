#include "src/server/store/rollup/day_rollups.h"

#include <utility>

namespace apitoolkit::server::store {
namespace {

// Of all open blocks that are kept in memory, 32 bytes each. More are open only where rolling up
// fails, or has not begun.
constexpr std::int64_t kRowsKeptMax = 256 << 10;

}  // namespace

DayRollups::~DayRollups() {
  open_rows_ -= own_rows_;
}

void DayRollups::open(std::span<const StoredBlock> blocks) {
  const std::lock_guard lock(mutex_);
  for (const StoredBlock& block : blocks) {
    if (!open_.emplace(block.id, Open{block, nullptr}).second) continue;
    own_rows_ += block.header->rows;
    open_rows_ += block.header->rows;
  }
}

void DayRollups::close(std::span<const std::int64_t> blocks) {
  const std::lock_guard lock(mutex_);
  for (const std::int64_t id : blocks) {
    const auto found = open_.find(id);
    if (found == open_.end()) continue;
    own_rows_ -= found->second.block.header->rows;
    open_rows_ -= found->second.block.header->rows;
    open_.erase(found);
  }
}

bool DayRollups::is_open(std::int64_t block) const {
  const std::lock_guard lock(mutex_);
  return open_.contains(block);
}

std::int64_t DayRollups::open_rows() const {
  const std::lock_guard lock(mutex_);
  return own_rows_;
}

std::vector<StoredBlock> DayRollups::open_blocks(std::int64_t rows_max) const {
  const std::lock_guard lock(mutex_);
  std::vector<StoredBlock> blocks;
  std::int64_t rows = 0;
  for (const auto& [id, open] : open_) {
    rows += open.block.header->rows;
    if (rows > rows_max && !blocks.empty()) break;
    blocks.push_back(open.block);
  }
  return blocks;
}

std::shared_ptr<const BlockTraffic> DayRollups::traffic(std::int64_t block) const {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(block);
  return found == open_.end() ? nullptr : found->second.traffic;
}

void DayRollups::keep(std::int64_t block, std::shared_ptr<const BlockTraffic> traffic) {
  if (open_rows_ > kRowsKeptMax) return;
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(block);
  if (found != open_.end()) found->second.traffic = std::move(traffic);
}

Result<std::shared_ptr<const BlockTraffic>> traffic_of(const StoredBlock& block, DayRollups& known,
                                                       PartSource& parts, FrameReader& frames) {
  if (auto kept = known.traffic(block.id)) return kept;
  BlockReader reader(block.header, parts, frames);
  Result<BlockTraffic> read = read_block_traffic(reader);
  if (!read) return tl::unexpected(read.error());
  auto traffic = std::make_shared<const BlockTraffic>(std::move(*read));
  known.keep(block.id, traffic);
  return traffic;
}

}  // namespace apitoolkit::server::store
