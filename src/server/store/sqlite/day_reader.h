// Reads one day's file, over a connection of its own, beside the writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "src/server/store/block/block_reader.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/sqlite/day_blocks.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Used by one thread at a time. Keeps working on a file that is removed or renamed meanwhile.
class DayReader {
 public:
  static Result<DayReader> open(const std::string& path, std::int64_t day);

  std::int64_t day() const { return day_; }

  // From begin to end everything is seen as it was committed when it began. `known` spares reading
  // headers, and must live until the end.
  Status begin(DayBlocks& known);
  void end();

  // The blocks of the snapshot.
  const std::vector<StoredBlock>& blocks() const { return blocks_; }
  // A source of a block's parts; valid as long as the snapshot is.
  std::unique_ptr<PartSource> parts_of(std::int64_t block);
  Result<std::shared_ptr<const BloomFilter>> filter(std::int64_t block);
  FrameReader& frames() { return frames_; }
  Database& database() { return *database_; }

  // Appends the first `limit` of the trace, oldest first.
  Status logs(const Uuid& project, std::string_view trace_id, int limit,
              std::vector<LogEntry>& found) const;

 private:
  DayReader(Database database, std::int64_t day)
      : day_(day), database_(std::make_unique<Database>(std::move(database))) {}
  Status read_blocks();

  std::int64_t day_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Statement> select_part_;  // stays in place: sources point to it
  Statement select_ids_;
  FrameReader frames_;
  DayBlocks* known_ = nullptr;
  std::vector<StoredBlock> blocks_;
};

}  // namespace apitoolkit::server::store
