// Opens the cursors of a day's blocks, one after the other. Where more than the first few are asked
// for, matches are rare: then threads look through the blocks ahead, and read the records that will
// be wanted first.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "src/server/query/answer.h"
#include "src/server/store/sqlite/block_cursor.h"
#include "src/server/store/sqlite/day_reader.h"

namespace apitoolkit::server::store {

// Used by one thread, the one that reads the day; meanwhile the day's connection is used through
// this only.
class CursorsAhead {
 public:
  // All must outlive it.
  CursorsAhead(DayReader& day, const Search& search, std::vector<StoredBlock> blocks);
  // Waits for the block that each thread is at.
  ~CursorsAhead();
  CursorsAhead(const CursorsAhead&) = delete;
  CursorsAhead& operator=(const CursorsAhead&) = delete;

  // The next block, whose cursor open() returns.
  const StoredBlock& block() const { return blocks_[taken_]; }
  bool at_end() const { return taken_ == blocks_.size(); }
  // At its end where no row of the block is wanted. Its errors are those of reading the block.
  Result<std::unique_ptr<BlockCursor>> open(query::Scanned& scanned);

 private:
  struct Slot {
    bool is_done = false;
    Result<std::unique_ptr<BlockCursor>> cursor;
    query::Scanned scanned;
  };
  void work();
  // Claims the next block ahead, if there is one, and looks through it with the lock released.
  bool open_one_ahead(std::unique_lock<std::mutex>& lock, FrameReader& frames);
  std::unique_ptr<BlockCursor> cursor_of(std::size_t number, FrameReader& frames);

  DayReader& day_;
  const Search& search_;
  const std::vector<StoredBlock> blocks_;
  std::size_t taken_ = 0;
  std::mutex connection_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<Slot> slots_;     // of the block `number`: slots_[number % slots_.size()]
  std::size_t claimed_ = 0;     // blocks that have been opened, or are being
  std::size_t wanted_end_ = 0;  // blocks in front of it may be claimed
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace apitoolkit::server::store
