// Small blocks become larger ones, so that a server with little traffic does not end with millions
// of blocks of a few exchanges.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "src/server/store/block/block_writer.h"
#include "src/server/store/sqlite/day_file.h"

namespace apitoolkit::server::store {

// Whether a block is small enough for a merge to be worth it.
bool is_mergeable(const BlockHeader& header);

// Which blocks of one project and day to merge now, with or without the one that arrives; none if
// there are not enough of about the same size. What a merge reads is bounded, and every exchange
// takes part in a few of them at most.
struct MergePlan {
  std::vector<StoredBlock> blocks;
  bool takes_arriving = false;
};
MergePlan plan_merge(std::span<const StoredBlock> blocks, const BlockHeader& arriving);

// Of the plan. kCorrupt where a block cannot be read; `damaged` is then its id.
Result<EncodedBlock> merge_blocks(const MergePlan& plan, const EncodedBlock& arriving,
                                  DayWriter& day, BlockWriter& writer, std::int64_t& damaged);

}  // namespace apitoolkit::server::store
