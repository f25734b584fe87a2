// The store in SQLite: a file a day, an inbox for what spans them, one writer.
//
// What holds, also through kill -9 and power failure:
// - A batch that belongs to one day and has no dead letters is one transaction of that day's file.
// - Any other batch is one transaction of the inbox: from its commit on it is stored. It is then
//   moved to its days, which may be repeated (each day remembers what it has taken), so a crash
//   between two days is made good by the next start, before anything is read.
// - Where moving fails, the disk being full for example, append still reports success, because the
//   batch is durable; what has not been moved is seen by readers only once it has been, which every
//   later append, prune and start tries first. An append that cannot do so fails.
// - Identities are looked up in every block that may hold them before a batch is stored.
// - Small blocks are merged by the transaction that stores what arrives.
// - What has been stored is counted in the rollups later, many blocks at a time (rollup/); until
//   then it is counted from its columns by whoever asks for traffic.
#include <algorithm>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/page_builder.h"
#include "src/server/store/rollup/day_traffic.h"
#include "src/server/store/sqlite/block_merge.h"
#include "src/server/store/sqlite/day_batches.h"
#include "src/server/store/sqlite/day_catalog.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/sqlite/day_scan.h"
#include "src/server/store/sqlite/directory.h"
#include "src/server/store/sqlite/inbox.h"
#include "src/server/store/sqlite/known_identities.h"
#include "src/server/store/sqlite/query_run.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

constexpr const char* kInboxName = "inbox.db";
constexpr std::size_t kNoticesMax = 100;
constexpr std::int64_t kRollUpRowsMax = 64 << 10;  // by one transaction

class SqliteStore final : public Store {
 public:
  SqliteStore(Directory directory, SqliteOptions options)
      : directory_(std::move(directory)), options_(options) {}

  Status open();

  Result<Appended> append(const Batch& batch) override;
  Result<Page> scan(const Filter& filter, std::optional<Position> after,
                    PageLimit limit) const override;
  Result<query::Answer> query(const query::Query& query, const QueryScope& scope,
                              const QueryBudget& budget) const override;
  Result<Traffic> traffic(const TrafficRange& range) const override;
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
  Result<std::int64_t> erase(const Uuid& project) override;
  Result<StoreStats> stats() const override;
  Result<std::vector<DayStats>> days() const override;
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
  // Stores a batch in its day, and merges blocks there.
  Status insert(const DayBatch& batch, std::optional<StagedMark> staged);
  // Adds the arriving block to the change, or one that it was merged into.
  Status add_block(const EncodedBlock& arriving, Day& day, DayWriter& writer, DayChange& change);
  Status move_staged();
  Status move_staged_past_damage();
  // Counts blocks in the rollups until few are left that are not. What fails is tried again with
  // the next append; meanwhile nothing is missing.
  void roll_up_surplus();
  Status roll_up_some(Day& day);
  Status count_anew(Day& day);
  Result<DayWriter*> writer_of(std::int64_t day);
  // Closes its writer and drops what is known of it.
  void forget(std::int64_t day);
  // Moves aside the file of the day that an operation found damaged; false if there was none.
  Result<bool> set_damaged_day_aside();
  void notice(std::string sentence);

  const Directory directory_;
  const SqliteOptions options_;

  mutable std::mutex notices_mutex_;
  std::vector<std::string> notices_;

  std::mutex write_mutex_;  // append and prune; taken before any other
  std::unique_ptr<Inbox> inbox_;
  std::list<OpenWriter> writers_;  // last used first
  BlockWriter block_writer_;
  KnownIdentities known_;
  std::set<std::pair<std::int64_t, std::int64_t>> damaged_blocks_;  // day and id: never merged
  // In which the writing thread works, or worked when it failed.
  std::optional<std::int64_t> day_at_work_;
  std::set<std::int64_t> days_not_counted_;  // whose rollups could not be written, until the end

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
  if (inbox_->has_staged()) {
    if (Status moved = move_staged_past_damage(); !moved) {
      if (moved.error().code != ErrorCode::kResourceExhausted) return moved;
      notice("a batch waits in " + std::string(kInboxName) + ": " + moved.error().message);
    }
  }
  roll_up_surplus();
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
  std::vector<StoredBlock> open;
  Result<std::vector<StoredBlock>> blocks = [&]() -> Result<std::vector<StoredBlock>> {
    Result<DayWriter> opened = DayWriter::open(path);
    if (!opened) return tl::unexpected(opened.error());
    Result<std::vector<StoredBlock>> all = opened->blocks();
    if (!all) return all;
    Result<std::vector<StoredBlock>> not_rolled_up = opened->not_rolled_up(*all);
    if (!not_rolled_up) return not_rolled_up;
    open = std::move(*not_rolled_up);
    return all;
  }();
  if (blocks) {
    days_.add(path, day, std::move(*blocks))->rollups().open(open);
    return {};
  }
  if (blocks.error().code != ErrorCode::kCorrupt) return tl::unexpected(blocks.error());
  const Result<std::string> aside = set_file_aside(path);
  if (!aside) return tl::unexpected(aside.error());
  notice(path + " is damaged: " + blocks.error().message + ": moved to " + *aside +
         "; the other days are served");
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
  const Result<std::vector<const Record*>> fresh =
      known_.unknown(batch.records, days_.newest_first(), day_at_work_);
  if (!fresh) return tl::unexpected(fresh.error());
  Appended appended;
  appended.stored = static_cast<std::int64_t>(fresh->size());
  appended.duplicates = static_cast<std::int64_t>(batch.records.size()) - appended.stored;

  const Result<std::vector<DayBatch>> days = make_day_batches(*fresh, batch.logs, block_writer_);
  if (!days) return tl::unexpected(days.error());
  if (batch.dead_letters.empty() && days->size() <= 1) {
    for (const DayBatch& day : *days) {
      if (Status inserted = insert(day, {}); !inserted) return tl::unexpected(inserted.error());
    }
    roll_up_surplus();
    return appended;
  }
  day_at_work_.reset();
  if (Status put = inbox_->put(batch.dead_letters, *days); !put) {
    return tl::unexpected(put.error());
  }
  if (Status moved = move_staged_past_damage(); !moved) {
    notice("a batch waits in " + std::string(kInboxName) + ": " + moved.error().message);
  }
  roll_up_surplus();
  return appended;
}

Status SqliteStore::insert(const DayBatch& batch, std::optional<StagedMark> staged) {
  day_at_work_ = batch.day;
  const Result<DayWriter*> writer = writer_of(batch.day);
  if (!writer) return tl::unexpected(writer.error());
  if (staged) {
    const Result<StagedMark> mark = (*writer)->staged_mark();
    if (!mark) return tl::unexpected(mark.error());
    if (mark->inbox == staged->inbox && mark->last_id >= staged->last_id) return {};
  }
  const std::shared_ptr<Day> day = days_.find(batch.day);
  DayChange change;
  change.logs = batch.logs;
  change.staged = staged;
  for (const EncodedBlock& block : batch.blocks) {
    if (Status added = add_block(block, *day, **writer, change); !added) return added;
  }
  const Result<std::vector<StoredBlock>> added = (*writer)->apply(change);
  if (!added) return tl::unexpected(added.error());
  day->blocks().change(*added, change.removed);
  day->rollups().close(change.removed);
  day->rollups().open(*added);
  for (std::size_t i = 0; i < added->size(); ++i) {
    day->blocks().keep_filter((*added)[i].id, change.added[i]->filter);
  }
  for (const EncodedBlock& block : batch.blocks) known_.stored(batch.day, block.stray_hashes);
  day_at_work_.reset();
  return {};
}

Status SqliteStore::add_block(const EncodedBlock& arriving, Day& day, DayWriter& writer,
                              DayChange& change) {
  const BlockHeader& header = *arriving.header;
  std::vector<StoredBlock> blocks = day.blocks().select([&](const BlockHeader& other) {
    return other.project == header.project && is_mergeable(other);
  });
  std::erase_if(blocks, [&](const StoredBlock& block) {
    return !day.rollups().is_open(block.id) || damaged_blocks_.contains({day.number(), block.id}) ||
           std::find(change.removed.begin(), change.removed.end(), block.id) !=
               change.removed.end();
  });
  const MergePlan plan = plan_merge(blocks, header);
  if (plan.blocks.empty()) {
    change.added.push_back(&arriving);
    return {};
  }
  std::int64_t damaged = 0;
  Result<EncodedBlock> merged = merge_blocks(plan, arriving, writer, block_writer_, damaged);
  if (!merged) {
    if (merged.error().code != ErrorCode::kCorrupt) return tl::unexpected(merged.error());
    // What is left of it can still be read by itself.
    damaged_blocks_.insert({day.number(), damaged});
    change.added.push_back(&arriving);
    return {};
  }
  change.added.push_back(&change.merged.emplace_back(std::move(*merged)));
  if (!plan.takes_arriving) change.added.push_back(&arriving);
  for (const StoredBlock& block : plan.blocks) change.removed.push_back(block.id);
  return {};
}

Status SqliteStore::move_staged() {
  if (!inbox_->has_staged()) return {};
  day_at_work_.reset();
  const Result<std::vector<DayBatch>> staged = inbox_->staged();
  if (!staged) return tl::unexpected(staged.error());
  for (const DayBatch& batch : *staged) {
    if (Status inserted = insert(batch, inbox_->mark()); !inserted) return inserted;
  }
  day_at_work_.reset();
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
  Result<DayWriter> opened = DayWriter::open(path);
  if (!opened) return tl::unexpected(opened.error());
  if (days_.find(day) == nullptr) {
    Result<std::vector<StoredBlock>> blocks = opened->blocks();
    if (!blocks) return tl::unexpected(blocks.error());
    const Result<std::vector<StoredBlock>> open = opened->not_rolled_up(*blocks);
    if (!open) return tl::unexpected(open.error());
    days_.add(path, day, std::move(*blocks))->rollups().open(*open);
  }
  writers_.push_front(OpenWriter{day, std::move(*opened)});
  if (writers_.size() > limits::kStoreWritersOpenMax) writers_.pop_back();
  return &writers_.front().writer;
}

void SqliteStore::roll_up_surplus() {
  std::set<std::int64_t> begun_anew;  // which does not help twice
  for (;;) {
    std::shared_ptr<Day> most;
    for (const std::shared_ptr<Day>& day : days_.newest_first()) {
      if (days_not_counted_.contains(day->number())) continue;
      if (day->rollups().is_damaged()) {
        most = day;
        break;
      }
      if (most == nullptr || day->rollups().open_rows() > most->rollups().open_rows()) most = day;
    }
    if (most == nullptr) return;
    bool anew = most->rollups().is_damaged();
    if (!anew &&
        (days_.open_rows() <= options_.uncounted_max || most->rollups().open_rows() == 0)) {
      return;
    }
    Status done;
    if (!anew) {
      done = roll_up_some(*most);
      anew = !done && done.error().code == ErrorCode::kCorrupt;
    }
    if (anew && begun_anew.insert(most->number()).second) done = count_anew(*most);
    if (done) continue;
    if (done.error().code != ErrorCode::kCorrupt) return;
    days_not_counted_.insert(most->number());
    notice(most->path() + ": its rollups cannot be written: " + done.error().message +
           "; charts of that day read its exchanges");
  }
}

Status SqliteStore::roll_up_some(Day& day) {
  const Result<DayWriter*> writer = writer_of(day.number());
  if (!writer) return tl::unexpected(writer.error());
  std::vector<OpenBlock> open;
  std::vector<std::int64_t> ids;
  FrameReader frames;
  for (const StoredBlock& block : day.rollups().open_blocks(kRollUpRowsMax)) {
    const auto parts = (*writer)->parts_of(block.id);
    auto traffic = traffic_of(block, day.rollups(), *parts, frames);
    if (!traffic && traffic.error().code != ErrorCode::kCorrupt) {
      return tl::unexpected(traffic.error());
    }
    open.push_back({block.id, block.header->rows, traffic ? std::move(*traffic) : nullptr});
    ids.push_back(block.id);
  }
  Status rolled_up = (*writer)->roll_up(open);
  if (rolled_up) day.rollups().close(ids);
  return rolled_up;
}

Status SqliteStore::count_anew(Day& day) {
  const Result<DayWriter*> writer = writer_of(day.number());
  if (!writer) return tl::unexpected(writer.error());
  if (Status cleared = (*writer)->clear_rollups(); !cleared) return cleared;
  notice(day.path() + ": its rollups were damaged and are counted anew");
  day.rollups().set_damaged(false);
  day.rollups().open(day.blocks().select([](const BlockHeader&) { return true; }));
  return {};
}

void SqliteStore::forget(std::int64_t day) {
  writers_.remove_if([&](const OpenWriter& open) { return open.day == day; });
  known_.forget(day);
  days_not_counted_.erase(day);
  std::erase_if(damaged_blocks_, [&](const auto& block) { return block.first == day; });
}

Result<bool> SqliteStore::set_damaged_day_aside() {
  const std::shared_ptr<Day> day = day_at_work_ ? days_.find(*day_at_work_) : nullptr;
  if (day == nullptr) return false;
  forget(day->number());
  const Result<std::string> aside = day->set_aside();
  if (!aside) return tl::unexpected(aside.error());
  days_.erase(day->number());
  day_at_work_.reset();
  notice(day->path() + " is damaged: moved to " + *aside + "; the day begins anew");
  return true;
}

Result<Page> SqliteStore::scan(const Filter& filter, std::optional<Position> after,
                               PageLimit limit) const {
  Result<Search> search = Search::of(filter);
  if (!search) return tl::unexpected(search.error());
  search->wants_records = true;
  search->after = after;
  search->control = limit.control;
  PageBuilder page(limit);
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    if (after && day->number() > day_of(after->start_ns)) continue;
    const Filter& narrowed = search->filter;
    if (narrowed.until_ns && day->number() > day_of(*narrowed.until_ns)) continue;
    if (narrowed.since_ns && day->number() < day_of(*narrowed.since_ns)) break;
    Status scanned = day->read([&](DayReader& reader) { return scan_day(reader, *search, page); });
    if (!scanned) return tl::unexpected(scanned.error());
    if (page.ended()) break;
  }
  return page.take();
}

Result<query::Answer> SqliteStore::query(const query::Query& query, const QueryScope& scope,
                                         const QueryBudget& budget) const {
  return run_query(days_.newest_first(), query, scope, budget);
}

Result<Traffic> SqliteStore::traffic(const TrafficRange& range) const {
  if (Status checked = check(range); !checked) return tl::unexpected(checked.error());
  TrafficBuilder traffic(range);
  bool from_exchanges = false;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    if (day->number() > day_of(range.until_ns - 1)) continue;
    if (day->number() < day_of(range.since_ns)) break;
    Status read = day->read([&](DayReader& reader) -> Status {
      const Result<bool> counted = add_day_traffic(reader, day->rollups(), range, traffic);
      if (!counted) return tl::unexpected(counted.error());
      from_exchanges = from_exchanges || *counted;
      return {};
    });
    if (!read) return tl::unexpected(read.error());
  }
  Traffic answer = traffic.take();
  answer.from_exchanges = from_exchanges;
  return answer;
}

Result<std::optional<Record>> SqliteStore::fetch(const Uuid& project, const Uuid& identity) const {
  std::optional<Record> found;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    Status fetched = day->read([&](DayReader& reader) -> Status {
      Result<std::optional<Record>> record = fetch_from_day(reader, project, identity);
      if (!record) {
        const Error& error = record.error();
        return fail(error.code, day_file_name(reader.day()) + ": " + error.message);
      }
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
  std::vector<LogEntry> found;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    Status read = day->read(
        [&](const DayReader& reader) { return reader.logs(project, trace_id, limit, found); });
    if (!read) return tl::unexpected(read.error());
  }
  // Each day's are in order, and times are never in the wrong day.
  std::stable_sort(found.begin(), found.end(),
                   [](const LogEntry& a, const LogEntry& b) { return a.time_ns < b.time_ns; });
  const auto wanted = static_cast<std::size_t>(std::max(limit, 0));
  if (found.size() > wanted) found.resize(wanted);
  return found;
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
    forget(day->number());
    if (Status removed = day->remove(); !removed) return tl::unexpected(removed.error());
    days_.erase(day->number());
    dropped += day->blocks().summary().exchanges;
  }
  if (Status pruned = inbox_->prune(before_ns); !pruned) return tl::unexpected(pruned.error());
  return dropped;
}

Result<std::int64_t> SqliteStore::erase(const Uuid& project) {
  const std::lock_guard lock(write_mutex_);
  if (Status moved = move_staged_past_damage(); !moved) return tl::unexpected(moved.error());
  std::int64_t dropped = 0;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    DayChange change;
    change.project_gone = project;
    for (const StoredBlock& block : day->blocks().select(
             [&](const BlockHeader& header) { return header.project == project; })) {
      change.removed.push_back(block.id);
      dropped += block.header->rows;
    }
    const Result<DayWriter*> writer = writer_of(day->number());
    if (!writer) return tl::unexpected(writer.error());
    if (const auto applied = (*writer)->apply(change); !applied) {
      return tl::unexpected(applied.error());
    }
    day->blocks().change({}, change.removed);
    day->rollups().close(change.removed);
    const auto open =
        (*writer)->not_rolled_up(day->blocks().select([](const BlockHeader&) { return true; }));
    if (!open) return tl::unexpected(open.error());
    day->rollups().open(*open);
    if (Status wiped = (*writer)->wipe(); !wiped) return tl::unexpected(wiped.error());
  }
  if (Status erased = inbox_->erase(project); !erased) return tl::unexpected(erased.error());
  return dropped;
}

Result<StoreStats> SqliteStore::stats() const {
  StoreStats stats;
  stats.dead_letters = inbox_->dead_letter_count();
  stats.bytes = directory_.bytes();
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    const DaySummary summary = day->blocks().summary();
    if (summary.exchanges == 0) continue;
    if (stats.exchanges == 0) stats.newest_ns = summary.newest_ns;
    stats.oldest_ns = summary.oldest_ns;
    stats.exchanges += summary.exchanges;
  }
  return stats;
}

Result<std::vector<DayStats>> SqliteStore::days() const {
  std::vector<DayStats> found;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    const std::string name = day_file_name(day->number());
    found.push_back({time_at(day->number(), 0), day->blocks().summary().exchanges,
                     directory_.bytes_of(name) + directory_.bytes_of(name + "-wal")});
  }
  std::reverse(found.begin(), found.end());
  return found;
}

Result<ProjectStats> SqliteStore::project_stats(const Uuid& project) const {
  ProjectStats stats;
  const Result<std::int64_t> letters = inbox_->dead_letter_count(project);
  if (!letters) return tl::unexpected(letters.error());
  stats.dead_letters = *letters;
  for (const std::shared_ptr<Day>& day : days_.newest_first()) {
    Status added = day->read([&](const DayReader& reader) -> Status {
      add_to_stats(reader, project, stats);
      return {};
    });
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

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, SqliteOptions options) {
  Result<Directory> directory = Directory::open(path);
  if (!directory) return tl::unexpected(directory.error());
  auto store = std::make_unique<SqliteStore>(std::move(*directory), options);
  if (Status opened = store->open(); !opened) return tl::unexpected(opened.error());
  return store;
}

}  // namespace apitoolkit::server::store
