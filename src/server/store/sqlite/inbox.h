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

#include "src/server/store/sqlite/database.h"
#include "src/server/store/sqlite/record_codec.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// put, staged, clear_staged, delete_letter and prune are called by one thread at a time; the others
// by any.
class Inbox {
 public:
  // Opens the file, or makes it.
  static Result<std::unique_ptr<Inbox>> open(const std::string& path);

  // One transaction, durable when it returns; on an error nothing is stored.
  Status put(std::span<const DeadLetter> letters, std::span<const LogEntry> logs,
             std::span<const Record* const> staged);

  bool has_staged() const { return has_staged_; }
  Result<std::vector<Record>> staged();
  Status clear_staged();

  Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                               std::optional<std::int64_t> before, int limit) const;
  std::int64_t dead_letter_count() const { return count_; }
  Result<std::int64_t> dead_letter_count(const Uuid& project) const;

  Result<bool> delete_letter(const Uuid& project, std::int64_t id);

  // The first `limit` of a trace, oldest first.
  Result<std::vector<LogEntry>> logs(const Uuid& project, std::string_view trace_id,
                                     int limit) const;

  // Drops the dead letters received before that time, and the logs of the days before its day.
  Status prune(std::int64_t before_ns);

 private:
  Inbox(Database writer, Database reader);
  Status prepare();
  Status count_letters();
  Status put_letter(const DeadLetter& letter);
  Status put_log(const LogEntry& entry);
  Status put_staged(const Record& record);
  // Deletes the oldest letters until what is left is within its bounds.
  Status drop_surplus(std::int64_t& count, std::int64_t& bytes);

  Database writer_;
  RecordEncoder encoder_;
  RecordDecoder decoder_;
  Statement insert_letter_;
  Statement delete_oldest_;
  Statement insert_log_;
  Statement insert_staged_;
  bool has_staged_ = false;
  std::atomic<std::int64_t> count_{0};
  std::int64_t bytes_ = 0;

  mutable std::mutex reader_mutex_;
  Database reader_;
};

}  // namespace apitoolkit::server::store
