// The store in SQLite: a file a day, an inbox for what spans them, one writer.
//
// What holds, also through kill -9 and power failure:
// - A batch that belongs to one day and has no dead letters is one transaction of that day's file.
// - Any other batch is one transaction of the inbox: from its commit on it is stored. It is then
//   moved to its days, which may be repeated (each day leaves out what it has), so a crash between
//   two days is made good by the next start, before anything is read.
// - Where moving fails, the disk being full for example, append still reports success, because the
//   batch is durable; what has not been moved is seen by readers only once it has been, which every
//   later append, prune and start tries first. An append that cannot do so fails.
// - Identities are looked up in every day that may hold them (may_hold) before a batch is stored.
#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/page_builder.h"
#include "src/server/store/sqlite/day_catalog.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/sqlite/directory.h"
#include "src/server/store/sqlite/inbox.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

constexpr const char* kInboxName = "inbox.db";
constexpr std::size_t kNoticesMax = 100;

using RecordsByDay = std::map<std::int64_t, std::vector<const Record*>>;

RecordsByDay by_day(std::span<const Record* const> records) {
  RecordsByDay days;
  for (const Record* record : records) days[day_of(record->exchange.start_ns)].push_back(record);
  return days;
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(Directory directory) : directory_(std::move(directory)) {}

  Status open();

  Result<Appended> append(const Batch& batch) override;
  Result<Page> scan(const Filter& filter, std::optional<Position> after,
                    PageLimit limit) const override;
  Result<std::optional<Record>> fetch(const Uuid& project, const Uuid& identity) const override;
  Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                               std::optional<std::int64_t> before,
                                               int limit) const override;
  Result<std::optional<DeadLetter>> dead_letter(const Uuid& project,
                                                std::int64_t id) const override;
  Result<bool> delete_dead_letter(const Uuid& project, std::int64_t id) override;
  Result<std::vector<LogEntry>> logs(const Uuid& project, std::string_view trace_id,
                                     int limit) const override;
  Result<std::int64_t> prune(std::int64_t before_ns) override;
  Result<StoreStats> stats() const override;
  Result<ProjectStats> project_stats(const Uuid& project) const override;
  std::vector<std::string> take_notices() override;

 private:
  struct OpenWriter {
    std::int64_t day;
    DayWriter writer;
  };

  Status open_inbox();
  Status open_day(const std::string& name, std::int64_t day);
  Result<Appended> append_once(const Batch& batch);
  Result<std::vector<const Record*>> without_duplicates(std::span<const Record> records);
  Status insert(std::int64_t day, std::span<const Record* const> records);
  Status move_staged();
  Status move_staged_past_damage();
  Result<DayWriter*> writer_of(std::int64_t day);
  void close_writer(std::int64_t day);
  // Moves aside the file of the day that an operation found damaged; false if there was none.
  Result<bool> set_damaged_day_aside();
  void notice(std::string sentence);

  const Directory directory_;

  mutable std::mutex notices_mutex_;
  std::vector<std::string> notices_;

  std::mutex write_mutex_;  // append and prune; taken before any other
  std::unique_ptr<Inbox> inbox_;
  std::list<OpenWriter> writers_;  // last used first
  std::int64_t day_at_work_ = 0;   // in which the last operation of the writing thread ran
  bool is_in_day_ = false;

  // Destroyed before the writers: the last connection to close puts the log into the file.
  DayCatalog days_;
};

Status SqliteStore::open() {
  if (Status removed = directory_.remove_orphaned_logs(); !removed) return removed;
  if (Status opened = open_inbox(); !opened) return opened;
  const Result<std::vector<std::string>> names = directory_.names();
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names) {
    const std::optional<std::int64_t> day = day_of_file_name(name);
    if (!day) continue;
    if (Status opened = open_day(name, *day); !opened) return opened;
  }
  if (!inbox_->has_staged()) return {};
  if (Status moved = move_staged_past_damage(); !moved) {
    if (moved.error().code != ErrorCode::kResourceExhausted) return moved;
    notice("a batch waits in " + std::string(kInboxName) + ": " + moved.error().message);
  }
  return {};
}

Status SqliteStore::open_inbox() {
  const std::string path = directory_.file(kInboxName);
  Result<std::unique_ptr<Inbox>> opened = Inbox::open(path);
  if (!opened && opened.error().code == ErrorCode::kCorrupt) {
    const Result<std::string> aside = set_file_aside(path);
    if (!aside) return tl::unexpected(aside.error());
    notice(opened.error().message + ": moved to " + *aside +
           "; its dead letters are lost from view");
    opened = Inbox::open(path);
  }
  if (!opened) return tl::unexpected(opened.error());
  inbox_ = std::move(*opened);
  return {};
}

Status SqliteStore::open_day(const std::string& name, std::int64_t day) {
  const std::string path = directory_.file(name);
  // Opened for writing once, which recovers and shortens the log that a crash has left.
  const Result<DayWriter> opened = DayWriter::open(path, day);
  if (opened) {
    days_.add(path, day, opened->summary());
    return {};
  }
  if (opened.error().code != ErrorCode::kCorrupt) return tl::unexpected(opened.error());
  const Result<std::string> aside = set_file_aside(path);
  if (!aside) return tl::unexpected(aside.error());
  notice(opened.error().message + ": moved to " + *aside + "; the other days are served");
  return {};
}

Result<Appended> SqliteStore::append(const Batch& batch) {
  const std::lock_guard lock(write_mutex_);
  for (;;) {
    Result<Appended> appended = append_once(batch);
    if (appended || appended.error().code != ErrorCode::kCorrupt) return appended;
    const Result<bool> set_aside = set_damaged_day_aside();
    if (!set_aside) return tl::unexpected(set_aside.error());
    if (!*set_aside) return appended;
  }
}

Result<Appended> SqliteStore::append_once(const Batch& batch) {
  if (Status moved = move_staged(); !moved) return tl::unexpected(moved.error());
  const Result<std::vector<const Record*>> fresh = without_duplicates(batch.records);
  if (!fresh) return tl::unexpected(fresh.error());
  Appended appended;
  appended.stored = static_cast<std::int64_t>(fresh->size());
  appended.duplicates = static_cast<std::int64_t>(batch.records.size()) - appended.stored;

  const RecordsByDay days = by_day(*fresh);
  if (batch.dead_letters.empty() && batch.logs.empty() && days.size() <= 1) {
    for (const auto& [day, of_day] : days) {
      if (Status inserted = insert(day, of_day); !inserted) return tl::unexpected(inserted.error());
    }
    return appended;
  }
  is_in_day_ = false;
  if (Status put = inbox_->put(batch.dead_letters, batch.logs, *fresh); !put) {
    return tl::unexpected(put.error());
  }
  if (Status moved = move_staged_past_damage(); !moved) {
    notice("a batch waits in " + std::string(kInboxName) + ": " + moved.error().message);
  }
  return appended;
}

Result<std::vector<const Record*>> SqliteStore::without_duplicates(
    std::span<const Record> records) {
  std::vector<const Record*> fresh;
  std::set<std::pair<Uuid, Uuid>> met;
  for (const Record& record : records) {
    if (met.insert({record.project, record.identity}).second) fresh.push_back(&record);
  }
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    const DaySummary summary = day->summary();
    const auto possible = [&](const Record* record) {
      return may_hold(summary, day->number(), record->identity);
    };
    if (std::none_of(fresh.begin(), fresh.end(), possible)) continue;
    day_at_work_ = day->number();
    is_in_day_ = true;
    Status looked_up = day->read([&](DayReader& reader) -> Status {
      std::vector<const Record*> kept;
      for (const Record* record : fresh) {
        const Result<bool> known =
            possible(record) ? reader.contains(record->project, record->identity) : false;
        if (!known) return tl::unexpected(known.error());
        if (!*known) kept.push_back(record);
      }
      fresh = std::move(kept);
      return {};
    });
    if (!looked_up) return tl::unexpected(looked_up.error());
  }
  return fresh;
}

Status SqliteStore::insert(std::int64_t day, std::span<const Record* const> records) {
  day_at_work_ = day;
  is_in_day_ = true;
  const Result<DayWriter*> writer = writer_of(day);
  if (!writer) return tl::unexpected(writer.error());
  if (Status inserted = (*writer)->insert(records); !inserted) return inserted;
  days_.find(day)->set_summary((*writer)->summary());
  return {};
}

Status SqliteStore::move_staged() {
  if (!inbox_->has_staged()) return {};
  is_in_day_ = false;
  const Result<std::vector<Record>> staged = inbox_->staged();
  if (!staged) return tl::unexpected(staged.error());
  std::vector<const Record*> records;
  for (const Record& record : *staged) records.push_back(&record);
  for (const auto& [day, of_day] : by_day(records)) {
    if (Status inserted = insert(day, of_day); !inserted) return inserted;
  }
  is_in_day_ = false;
  return inbox_->clear_staged();
}

Status SqliteStore::move_staged_past_damage() {
  for (;;) {
    Status moved = move_staged();
    if (moved || moved.error().code != ErrorCode::kCorrupt) return moved;
    const Result<bool> set_aside = set_damaged_day_aside();
    if (!set_aside) return tl::unexpected(set_aside.error());
    if (!*set_aside) return moved;
  }
}

Result<DayWriter*> SqliteStore::writer_of(std::int64_t day) {
  const auto found = std::find_if(writers_.begin(), writers_.end(),
                                  [&](const OpenWriter& open) { return open.day == day; });
  if (found != writers_.end()) {
    writers_.splice(writers_.begin(), writers_, found);
    return &writers_.front().writer;
  }
  const std::string path = directory_.file(day_file_name(day));
  Result<DayWriter> opened = DayWriter::open(path, day);
  if (!opened) return tl::unexpected(opened.error());
  if (days_.find(day) == nullptr) days_.add(path, day, opened->summary());
  writers_.push_front(OpenWriter{day, std::move(*opened)});
  if (writers_.size() > limits::kStoreWritersOpenMax) writers_.pop_back();
  return &writers_.front().writer;
}

void SqliteStore::close_writer(std::int64_t day) {
  writers_.remove_if([&](const OpenWriter& open) { return open.day == day; });
}

Result<bool> SqliteStore::set_damaged_day_aside() {
  const std::int64_t number = day_at_work_;
  const std::shared_ptr<Day> day = is_in_day_ ? days_.find(number) : nullptr;
  if (day == nullptr) return false;
  close_writer(number);
  const Result<std::string> aside = day->set_aside();
  if (!aside) return tl::unexpected(aside.error());
  days_.erase(number);
  is_in_day_ = false;
  notice(day->path() + " is damaged: moved to " + *aside + "; the day begins anew");
  return true;
}

Result<Page> SqliteStore::scan(const Filter& filter, std::optional<Position> after,
                               PageLimit limit) const {
  PageBuilder page(limit);
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    if (after && day->number() > day_of(after->start_ns)) continue;
    if (filter.until_ns && day->number() > day_of(*filter.until_ns)) continue;
    if (filter.since_ns && day->number() < day_of(*filter.since_ns)) break;
    Status scanned = day->read([&](DayReader& reader) { return reader.scan(filter, after, page); });
    if (!scanned) return tl::unexpected(scanned.error());
    if (page.ended()) break;
  }
  return page.take();
}

Result<std::optional<Record>> SqliteStore::fetch(const Uuid& project, const Uuid& identity) const {
  std::optional<Record> found;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    if (!may_hold(day->summary(), day->number(), identity)) continue;
    Status fetched = day->read([&](DayReader& reader) -> Status {
      Result<std::optional<Record>> record = reader.fetch(project, identity);
      if (!record) return tl::unexpected(record.error());
      found = std::move(*record);
      return {};
    });
    if (!fetched) return tl::unexpected(fetched.error());
    if (found) break;
  }
  return found;
}

Result<std::vector<DeadLetter>> SqliteStore::dead_letters(const Uuid& project,
                                                          std::optional<std::int64_t> before,
                                                          int limit) const {
  return inbox_->dead_letters(project, before, limit);
}

Result<std::optional<DeadLetter>> SqliteStore::dead_letter(const Uuid& project,
                                                           std::int64_t id) const {
  Result<std::vector<DeadLetter>> found = inbox_->dead_letters(project, id + 1, 1);
  if (!found) return tl::unexpected(found.error());
  if (found->empty() || found->front().id != id) return std::optional<DeadLetter>();
  return std::optional(std::move(found->front()));
}

Result<bool> SqliteStore::delete_dead_letter(const Uuid& project, std::int64_t id) {
  const std::lock_guard lock(write_mutex_);
  return inbox_->delete_letter(project, id);
}

Result<std::vector<LogEntry>> SqliteStore::logs(const Uuid& project, std::string_view trace_id,
                                                int limit) const {
  return inbox_->logs(project, trace_id, limit);
}

Result<std::int64_t> SqliteStore::prune(std::int64_t before_ns) {
  const std::lock_guard lock(write_mutex_);
  // Otherwise what waits would come back after its day has gone. A full disk is no hindrance: to
  // prune is what makes room.
  if (Status moved = move_staged_past_damage();
      !moved && moved.error().code != ErrorCode::kResourceExhausted) {
    return tl::unexpected(moved.error());
  }
  std::int64_t dropped = 0;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    if (day->number() >= day_of(before_ns)) continue;
    close_writer(day->number());
    if (Status removed = day->remove(); !removed) return tl::unexpected(removed.error());
    days_.erase(day->number());
    dropped += day->summary().exchanges;
  }
  if (Status pruned = inbox_->prune(before_ns); !pruned) return tl::unexpected(pruned.error());
  return dropped;
}

Result<StoreStats> SqliteStore::stats() const {
  StoreStats stats;
  stats.dead_letters = inbox_->dead_letter_count();
  stats.bytes = directory_.bytes();
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    const DaySummary summary = day->summary();
    if (summary.exchanges == 0) continue;
    if (stats.exchanges == 0) stats.newest_ns = summary.newest_ns;
    stats.oldest_ns = summary.oldest_ns;
    stats.exchanges += summary.exchanges;
  }
  return stats;
}

Result<ProjectStats> SqliteStore::project_stats(const Uuid& project) const {
  ProjectStats stats;
  const Result<std::int64_t> letters = inbox_->dead_letter_count(project);
  if (!letters) return tl::unexpected(letters.error());
  stats.dead_letters = *letters;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    Status added =
        day->read([&](const DayReader& reader) { return reader.add_to(stats, project); });
    if (!added) return tl::unexpected(added.error());
  }
  return stats;
}

std::vector<std::string> SqliteStore::take_notices() {
  const std::lock_guard lock(notices_mutex_);
  return std::exchange(notices_, {});
}

void SqliteStore::notice(std::string sentence) {
  const std::lock_guard lock(notices_mutex_);
  if (notices_.size() < kNoticesMax) notices_.push_back(std::move(sentence));
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path) {
  Result<Directory> directory = Directory::open(path);
  if (!directory) return tl::unexpected(directory.error());
  auto store = std::make_unique<SqliteStore>(std::move(*directory));
  if (Status opened = store->open(); !opened) return tl::unexpected(opened.error());
  return store;
}

}  // namespace apitoolkit::server::store
