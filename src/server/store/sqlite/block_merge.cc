#include "src/server/store/sqlite/block_merge.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::uint32_t kSmallRowsMax = 64;
constexpr std::uint32_t kMediumRowsMax = 1024;
constexpr std::size_t kWorthMerging = 3;

class EncodedParts final : public PartSource {
 public:
  explicit EncodedParts(const EncodedBlock& block) : block_(block) {}
  Result<std::string_view> part(int number) override {
    for (const BlockPart& part : block_.parts) {
      if (part.number == number) return std::string_view(part.frame);
    }
    return fail(ErrorCode::kInternal, "a block has been made without one of its parts");
  }

 private:
  const EncodedBlock& block_;
};

bool is_of_tier(const BlockHeader& header, std::uint32_t rows_min, std::uint32_t rows_max) {
  return header.rows >= rows_min && header.rows <= rows_max;
}

// Those of the tier, the oldest first, as many as one block can hold.
MergePlan plan_tier(std::span<const StoredBlock> blocks, const BlockHeader& arriving,
                    std::uint32_t rows_min, std::uint32_t rows_max, std::size_t count_max) {
  std::vector<StoredBlock> tier;
  for (const StoredBlock& block : blocks) {
    if (is_of_tier(*block.header, rows_min, rows_max)) tier.push_back(block);
  }
  MergePlan plan;
  plan.takes_arriving = is_of_tier(arriving, rows_min, rows_max);
  if (tier.size() + (plan.takes_arriving ? 1 : 0) < count_max) return {};
  std::uint32_t rows = plan.takes_arriving ? arriving.rows : 0;
  std::int64_t bytes = plan.takes_arriving ? arriving.stored_bytes : 0;
  for (StoredBlock& block : tier) {
    rows += block.header->rows;
    bytes += block.header->stored_bytes;
    if (rows > static_cast<std::uint32_t>(limits::kBlockRowsMax) ||
        bytes > limits::kBlockMergeBytesMax) {
      break;
    }
    plan.blocks.push_back(std::move(block));
  }
  if (plan.blocks.size() < kWorthMerging) return {};
  return plan;
}

}  // namespace

bool is_mergeable(const BlockHeader& header) {
  return header.rows <= kMediumRowsMax;
}

MergePlan plan_merge(std::span<const StoredBlock> blocks, const BlockHeader& arriving) {
  MergePlan plan =
      plan_tier(blocks, arriving, kSmallRowsMax + 1, kMediumRowsMax, limits::kBlocksMediumMax);
  if (!plan.blocks.empty()) return plan;
  return plan_tier(blocks, arriving, 1, kSmallRowsMax, limits::kBlocksSmallMax);
}

Result<EncodedBlock> merge_blocks(const MergePlan& plan, const EncodedBlock& arriving,
                                  DayWriter& day, BlockWriter& writer, std::int64_t& damaged) {
  FrameReader frames;
  std::vector<std::unique_ptr<PartSource>> parts;
  std::vector<std::unique_ptr<BlockReader>> readers;
  std::vector<BlockReader*> blocks;
  for (const StoredBlock& block : plan.blocks) {
    parts.push_back(day.parts_of(block.id));
    readers.push_back(std::make_unique<BlockReader>(block.header, *parts.back(), frames));
    blocks.push_back(readers.back().get());
  }
  if (plan.takes_arriving) {
    parts.push_back(std::make_unique<EncodedParts>(arriving));
    readers.push_back(std::make_unique<BlockReader>(arriving.header, *parts.back(), frames));
    blocks.push_back(readers.back().get());
  }
  std::size_t at_work = 0;
  Result<EncodedBlock> merged = writer.merge(blocks, at_work);
  if (!merged && at_work < plan.blocks.size()) damaged = plan.blocks[at_work].id;
  return merged;
}

}  // namespace apitoolkit::server::store
