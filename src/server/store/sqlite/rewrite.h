// Changes what is stored already: offline, day by day.
//
// A day is copied, changed and vacuumed beside its file, and takes its place by one rename, so a
// crash leaves every day as it was or as it is to be, and the next run does the rest. Nothing of
// what was replaced is left in the files: neither in free pages nor in a log.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "apitoolkit/result.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// What to do. Each function changes what it is given, and returns whether it did.
struct Rewriting {
  // Whether anything of that project may change; what does not is not even read.
  std::function<bool(const Uuid& project)> wants;
  // Not the project, the identity or the time.
  std::function<bool(Record&)> record;
  std::function<bool(LogEntry&)> log;
  std::function<bool(DeadLetter&)> letter;
  // Told how many exchanges have been looked at since the last call.
  std::function<void(std::int64_t)> progress;
  // Counts what would be changed, and changes nothing.
  bool dry_run = false;
  // Ends the work between two blocks: kUnavailable, with the days that are done changed.
  const std::atomic<bool>* interrupt = nullptr;
};

struct Rewritten {
  std::int64_t exchanges = 0;  // looked at
  std::int64_t exchanges_changed = 0;
  std::int64_t logs_changed = 0;
  std::int64_t letters_changed = 0;
  // Damaged on disk. They cannot be changed, so a block that has any is written without them.
  std::int64_t unreadable = 0;
};

// Of the store in `directory`. kUnavailable while another process has it open.
Result<Rewritten> rewrite_sqlite_store(const std::string& directory, const Rewriting& rewriting);

}  // namespace apitoolkit::server::store
