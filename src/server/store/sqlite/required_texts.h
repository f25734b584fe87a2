// The texts that a query's matches must have somewhere, looked for in a block's columns and pages
// before any row is put together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/server/query/analysis.h"
#include "src/server/store/block/block_reader.h"

namespace apitoolkit::server::store {

// Immutable; threads may share it.
class RequiredTexts {
 public:
  RequiredTexts() = default;
  // As Analysis::required has them: of each element one alternative must be there.
  explicit RequiredTexts(const std::vector<std::vector<query::RequiredText>>& required);

  // False only where no row of the block has them, by what its pages say of their numbers: looked
  // at before any column is read. True also where that cannot be read.
  Result<bool> may_be_in(BlockReader& block) const;
  // Leaves those of the rows that may have them. Rows that cannot be read are left, too.
  Status select(BlockReader& block, std::vector<std::uint32_t>& rows) const;

 private:
  struct Alternative {
    SoughtText text;  // its parts may be none
    std::vector<TextColumn> columns;
  };
  using Alternatives = std::vector<Alternative>;

  // Marks of the rows (one mark each) those that have one of the texts in a column.
  static Status mark_by_columns(BlockReader& block, const Alternatives& alternatives,
                                const std::vector<std::uint32_t>& rows, std::vector<char>& marks);
  // Whether nothing but numbers in bodies is looked for.
  static bool are_numbers(const Alternatives& alternatives);
  // False only where no row of the page has what is required.
  Result<bool> may_be_in_page(BlockReader& block, std::size_t page) const;
  // Leaves those marked that may have what is required.
  Status select_in_page(PageReader& page, std::span<const std::vector<char>> by_columns,
                        std::vector<char>& marked) const;

  std::vector<Alternatives> required_;
};

}  // namespace apitoolkit::server::store
