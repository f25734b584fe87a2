// The file of one UTC day, "exchanges-2026-01-02.db": its name, its schema, its writer. Reading is
// day_reader.h's.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/block.h"
#include "src/server/store/block/block_reader.h"
#include "src/server/store/rollup/roll_up.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

std::string day_file_name(std::int64_t day);
// nullopt for the names of other files, such as the logs beside a day's.
std::optional<std::int64_t> day_of_file_name(std::string_view name);

// A block as it is known without reading its file. Immutable.
struct StoredBlock {
  std::int64_t id = 0;  // never given twice in a file
  std::shared_ptr<const BlockHeader> header;
};

// The row of `parts` that holds a block's part.
constexpr std::int64_t part_key(std::int64_t block, int part) {
  return block << 16 | part;
}

// Of a statement that selects `frame` by `key`.
Result<std::string_view> read_part(Statement& statement, std::int64_t block, int part);

// What one append brings for one day.
struct DayBatch {
  std::int64_t day = 0;
  std::vector<EncodedBlock> blocks;
  std::vector<LogEntry> logs;
};

// Which of the inbox's staged rows a day has taken.
struct StagedMark {
  Uuid inbox{};
  std::int64_t last_id = 0;
};

// What one transaction changes.
struct DayChange {
  std::vector<const EncodedBlock*> added;  // which must stay alive, or are of `merged`
  std::deque<EncodedBlock> merged;
  std::vector<std::int64_t> removed;  // blocks that were merged into one of `added`
  std::span<const LogEntry> logs;
  std::optional<StagedMark> staged;
  std::optional<Uuid> project_gone;  // whose logs go
};

// Used by one thread at a time.
class DayWriter {
 public:
  // Opens the day's file, or makes it.
  static Result<DayWriter> open(const std::string& path);

  // Reads the headers of all blocks.
  Result<std::vector<StoredBlock>> blocks();
  Result<StagedMark> staged_mark() const;

  // One transaction, durable when it returns; on an error nothing is changed. Returns the added
  // blocks as they are stored.
  Result<std::vector<StoredBlock>> apply(const DayChange& change);

  // Leaves nothing of projects that have gone in the file and its log, also where a crash came
  // between. Costs nothing where none has.
  Status wipe();

  // Of the rollups (rollup/): the blocks that are not counted in them, and counting them.
  Result<std::vector<StoredBlock>> not_rolled_up(std::vector<StoredBlock> blocks);
  Status roll_up(std::span<const OpenBlock> blocks);
  Status clear_rollups();

  // A source of a block's parts; valid as long as this writer is.
  std::unique_ptr<PartSource> parts_of(std::int64_t block);

 private:
  explicit DayWriter(Database database);

  Status prepare();
  Result<std::int64_t> insert_block(const EncodedBlock& block);
  Status remove_block(std::int64_t id);
  Status insert_log(const LogEntry& entry);

  std::unique_ptr<Database> database_;  // stays in place: statements and transactions point to it
  Statement insert_block_;
  Statement insert_part_;
  Statement remove_block_;
  Statement remove_parts_;
  Statement insert_log_;
  std::unique_ptr<Statement> select_part_;  // stays in place: sources point to it
};

}  // namespace apitoolkit::server::store
