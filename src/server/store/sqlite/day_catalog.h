// Which days there are, and the connections that read them. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/server/store/rollup/day_rollups.h"
#include "src/server/store/sqlite/day_reader.h"

namespace apitoolkit::server::store {

// Of all days, in memory. About the last 13 million exchanges, since dedupe asks for the newest
// most.
inline constexpr std::int64_t kIdentityFiltersBytesMax = 16 << 20;
static_assert(kIdentityFiltersBytesMax <= limits::kIdentityFilterBytesMax);

// One day's file, as readers see it. Thread-safe.
class Day {
 public:
  // Counted for all days together.
  struct Shared {
    std::atomic<int> idle_readers{0};
    IdentityFilters filters{kIdentityFiltersBytesMax};
    std::atomic<std::int64_t> open_rows{0};  // that no rollup has counted
  };
  // `shared` must outlive this.
  Day(std::string path, std::int64_t number, std::vector<StoredBlock> blocks, Shared& shared);
  ~Day();

  const std::string& path() const { return path_; }
  std::int64_t number() const { return number_; }
  DayBlocks& blocks() { return blocks_; }
  const DayBlocks& blocks() const { return blocks_; }
  DayRollups& rollups() { return rollups_; }

  // Calls `use(DayReader&)` with a snapshot that nobody else uses meanwhile. A day that is gone
  // is not used, which is no error: to the caller it is empty.
  template <class Use>
  Status read(Use use) {
    Result<std::unique_ptr<DayReader>> reader = borrow();
    if (!reader) return tl::unexpected(reader.error());
    if (*reader == nullptr) return {};
    if (Status begun = (*reader)->begin(blocks_); !begun) return begun;
    Status done = use(**reader);
    (*reader)->end();
    give_back(std::move(*reader));
    return done;
  }

  // Unlinks the file and its logs. From then on nobody opens it; who reads it already goes on.
  Status remove();
  // Moves the file and its logs aside and returns the new path; otherwise as remove().
  Result<std::string> set_aside();

 private:
  Result<std::unique_ptr<DayReader>> borrow();
  void give_back(std::unique_ptr<DayReader> reader);
  void drop_idle();

  const std::string path_;
  const std::int64_t number_;
  Shared& shared_;
  DayBlocks blocks_;
  DayRollups rollups_;

  mutable std::mutex mutex_;
  bool gone_ = false;
  std::vector<std::unique_ptr<DayReader>> idle_;
};

class DayCatalog {
 public:
  // A shared_ptr, because a reader may still be at work in a day that is removed.
  std::shared_ptr<Day> find(std::int64_t number) const;
  std::vector<std::shared_ptr<Day>> newest_first() const;
  std::shared_ptr<Day> add(std::string path, std::int64_t number, std::vector<StoredBlock> blocks);
  void erase(std::int64_t number);
  // Exchanges of all days that no rollup has counted.
  std::int64_t open_rows() const { return shared_.open_rows; }

 private:
  Day::Shared shared_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, std::shared_ptr<Day>, std::greater<>> days_;
};

// Renames a database with its logs to "<path>.corrupt", or "<path>.corrupt-2" and so on.
Result<std::string> set_file_aside(const std::string& path);

}  // namespace apitoolkit::server::store
