// What is searched for, and the rows of one block that may be it.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/server/query/answer.h"
#include "src/server/query/execution.h"
#include "src/server/query/source.h"
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
  // The filter's `where`, or those sections that a query begins with; none: everything passes.
  // Threads share it.
  std::function<bool(query::Source&)> passes;
  std::bitset<query::kFieldCount> where_fields;  // that `passes` looks at
  std::bitset<query::kFieldCount> fields;        // that are wanted of what passes
  bool wants_records = false;                    // all of what passes, by record()
  query::Control control;
};

// The rows of a block that match, the newest first.
class BlockCursor {
 public:
  // `frames` must live as long as the cursor, or until use().
  BlockCursor(const StoredBlock& block, std::unique_ptr<PartSource> parts, FrameReader& frames)
      : parts_(std::move(parts)),
        reader_(std::make_unique<BlockReader>(block.header, *parts_, frames)) {}

  // Leaves the rows that the search's filter and conditions do not rule out.
  Status select(const Search& search);
  // Leaves of those the rows that pass, and counts the others.
  Status keep_passing(const Search& search, query::Scanned& scanned);
  // Reads records of the rows that will be reached first, where they are wanted; not many, since
  // they may not be reached.
  void read_ahead(const Search& search);
  // Hands it over to another thread.
  void use(FrameReader& frames) { reader_->use(frames); }

  bool at_end() const { return rows_.empty(); }
  Position position() const { return {starts_[rows_.back()], ids_[rows_.back()]}; }
  std::size_t row() const { return rows_.back(); }
  // Whether the row that has been reached passes.
  Result<bool> passes(const Search& search);
  // Sets the fields that the search wants, in the row that has been reached.
  Result<const Record*> load(const Search& search);
  // All of the row that has been reached; once.
  Result<Record> record();
  void next();

 private:
  Status keep_texts(TextColumn column, std::string_view wanted);

  std::unique_ptr<PartSource> parts_;
  std::unique_ptr<BlockReader> reader_;
  std::optional<RowLoader> where_loader_;
  std::optional<RowLoader> loader_;
  bool all_pass_ = false;
  query::ExchangeSource source_;
  std::span<const std::int64_t> starts_;
  std::span<const Uuid> ids_;
  std::vector<std::uint32_t> rows_;  // oldest first
  std::vector<Record> records_;      // of the last rows, the very last in front; read ahead
  std::size_t records_passed_ = 0;   // of them
};

}  // namespace apitoolkit::server::store
