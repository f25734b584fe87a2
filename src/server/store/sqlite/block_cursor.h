// What is searched for, and the rows of one block that may be it.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/server/query/evaluate.h"
#include "src/server/store/sqlite/block_conditions.h"
#include "src/server/store/sqlite/day_reader.h"
#include "src/server/store/sqlite/required_texts.h"
#include "src/server/store/sqlite/row_loader.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// What is searched for: a filter, and what is known of its `where`.
struct Search {
  // Of the filter. kInvalidArgument as Store::scan says.
  static Result<Search> of(const Filter& filter);

  // False only where no row of the block can be it.
  bool may_be_in(const BlockHeader& header) const;

  Filter filter;
  std::optional<Position> after;
  BlockConditions conditions;
  RequiredTexts required;
  std::optional<query::Matcher> matcher;
  std::bitset<query::kFieldCount> fields;  // that the matcher needs
  query::Control control;
};

// The rows of a block that match, the newest first.
class BlockCursor {
 public:
  BlockCursor(const StoredBlock& block, DayReader& day)
      : parts_(day.parts_of(block.id)),
        reader_(std::make_unique<BlockReader>(block.header, *parts_, day.frames())) {}

  Status select(const Search& search);

  bool at_end() const { return rows_.empty(); }
  Position position() const { return {starts_[rows_.back()], ids_[rows_.back()]}; }
  std::size_t row() const { return rows_.back(); }
  BlockReader& block() { return *reader_; }
  // Sets the fields that the search's matcher needs, in the row that has been reached.
  Result<const Record*> load(const Search& search);
  void next() { rows_.pop_back(); }

 private:
  Status keep_texts(TextColumn column, std::string_view wanted);

  std::unique_ptr<PartSource> parts_;
  std::unique_ptr<BlockReader> reader_;
  std::optional<RowLoader> loader_;
  std::span<const std::int64_t> starts_;
  std::span<const Uuid> ids_;
  std::vector<std::uint32_t> rows_;  // oldest first
};

}  // namespace apitoolkit::server::store
