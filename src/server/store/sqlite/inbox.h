// The file "inbox.db": what has no day. Dead letters stay here; batches that touch several files
// pass through, so that they are stored whole or not at all.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/server/store/block/block.h"
#include "src/server/store/sqlite/database.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// put, staged, clear_staged, delete_letter and prune are called by one thread at a time; the others
// by any.
class Inbox {
 public:
  // Opens the file, or makes it.
  static Result<std::unique_ptr<Inbox>> open(const std::string& path);

  // One transaction, durable when it returns; on an error nothing is stored.
  Status put(std::span<const DeadLetter> letters, std::span<const DayBatch> staged);

  bool has_staged() const { return has_staged_; }
  // By day, and what a day that takes them is to remember, so as not to take them twice.
  Result<std::vector<DayBatch>> staged();
  StagedMark mark() const { return {id_, last_staged_}; }
  Status clear_staged();

  Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                               std::optional<std::int64_t> before, int limit) const;
  std::int64_t dead_letter_count() const { return count_; }
  Result<std::int64_t> dead_letter_count(const Uuid& project) const;

  Result<bool> delete_letter(const Uuid& project, std::int64_t id);

  // Drops the dead letters of that project, and leaves nothing of it in the file and its log.
  Status erase(const Uuid& project);
  // Drops the dead letters received before that time.
  Status prune(std::int64_t before_ns);

 private:
  Inbox(Database writer, Database reader);
  Status prepare();
  Status count_letters();
  Status put_letter(const DeadLetter& letter);
  Status put_staged(std::int64_t day, int kind, std::string_view bytes);
  Status read_id();
  // Deletes the oldest letters until what is left is within its bounds.
  Status drop_surplus(std::int64_t& count, std::int64_t& bytes);

  Database writer_;
  Statement insert_letter_;
  Statement delete_oldest_;
  Statement insert_staged_;
  Uuid id_{};  // of this file, however it is called
  bool has_staged_ = false;
  std::int64_t last_staged_ = 0;
  std::atomic<std::int64_t> count_{0};
  std::int64_t bytes_ = 0;

  mutable std::mutex reader_mutex_;
  Database reader_;
};

}  // namespace apitoolkit::server::store
