// Makes blocks: of records that arrive, and of smaller blocks.
#pragma once

#include <span>

#include "src/server/store/block/block.h"
#include "src/server/store/block/block_reader.h"
#include "src/server/store/block/frame.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {

// Used by one thread at a time.
class BlockWriter {
 public:
  // Of records of one project and day, in order, at least one and at most limits::kBlockRowsMax.
  // kInvalidArgument where a record is too big.
  Result<EncodedBlock> encode(std::span<const Record* const> records);

  // Of blocks of one project and day with at most limits::kBlockRowsMax rows together. Pages that
  // are large enough are taken over as they are. On kCorrupt, `at_work` is the place of the block
  // that is damaged.
  Result<EncodedBlock> merge(std::span<BlockReader* const> blocks, std::size_t& at_work);

 private:
  FrameWriter frames_;
  PageEncoder pages_;
};

}  // namespace apitoolkit::server::store
