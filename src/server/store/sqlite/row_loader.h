// A block's rows as records of which only the fields are set that somebody needs.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "src/server/query/fields.h"
#include "src/server/store/block/block_reader.h"

namespace apitoolkit::server::store {

// Sets what a query needs of a block's rows, and nothing else, in one record after the other.
class RowLoader {
 public:
  // `block` must outlive it.
  RowLoader(BlockReader& block, const std::bitset<query::kFieldCount>& fields);

  // Valid until the next call.
  Result<const Record*> load(std::size_t row);

 private:
  Status open();
  void clear_lists();

  BlockReader& block_;
  std::vector<NumberColumn> numbers_;
  std::vector<TextColumn> texts_;
  unsigned parts_ = 0;  // of what is in no column (block/page.h)
  bool opened_ = false;
  std::vector<std::span<const std::int64_t>> number_values_;
  std::vector<const Texts*> text_values_;
  std::span<const Uuid> ids_;
  Record record_;
};

}  // namespace apitoolkit::server::store
