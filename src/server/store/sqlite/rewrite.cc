#include "src/server/store/sqlite/rewrite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "src/server/store/block/block_writer.h"
#include "src/server/store/sqlite/day_file.h"
#include "src/server/store/sqlite/directory.h"

namespace apitoolkit::server::store {
namespace {

constexpr const char* kInboxName = "inbox.db";
constexpr const char* kSuffix = ".rewrite";  // of the copy

tl::unexpected<Error> fail_system(const std::string& what) {
  return fail(ErrorCode::kIo, what + ": " + std::system_category().message(errno));
}

void remove_copy(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

// The copy takes the file's place. Neither is open, so both logs are in their files.
Status put_in_place(const std::string& copy, const std::string& path) {
  for (const std::string& log : {copy + "-wal", path + "-wal"}) {
    if (::access(log.c_str(), F_OK) == 0) {
      return fail(ErrorCode::kUnavailable, log + " is in use: stop what has the store open");
    }
  }
  const int file = ::open(copy.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 || ::fsync(file) != 0) return fail_system("cannot sync " + copy);
  ::close(file);
  if (std::rename(copy.c_str(), path.c_str()) != 0) return fail_system("cannot replace " + path);
  const int folder = ::open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_CLOEXEC);
  if (folder < 0 || ::fsync(folder) != 0) return fail_system("cannot sync the folder of " + path);
  ::close(folder);
  return {};
}

// Removes its file where it is left behind.
class Copy {
 public:
  explicit Copy(std::string path) : path_(std::move(path)) { remove_copy(path_); }
  ~Copy() { remove_copy(path_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  // Of a file that nobody writes to.
  Status make(const std::string& from) const {
    if (const auto created = create_file(path_); !created) {
      return tl::unexpected(created.error());
    }
    Result<Database> database = Database::open(from, Database::Access::kWrite);
    if (!database) return tl::unexpected(database.error());
    return database->copy_to(path_, [](std::int64_t) {});
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// Drops what free pages still hold. Readers and writers of the file must be gone.
Status vacuum(const std::string& path) {
  Result<Database> database = Database::open(path, Database::Access::kWrite);
  if (!database) return tl::unexpected(database.error());
  return database->vacuum();
}

class Rewriter {
 public:
  Rewriter(const Directory& directory, const Rewriting& rewriting)
      : directory_(directory), rewriting_(rewriting) {}

  Result<Rewritten> run() {
    const Result<std::vector<std::string>> names = directory_.names();
    if (!names) return tl::unexpected(names.error());
    for (const std::string& name : *names) {
      if (!day_of_file_name(name)) continue;
      if (Status done = rewrite_day(directory_.file(name)); !done) {
        return tl::unexpected(done.error());
      }
    }
    if (Status done = rewrite_inbox(directory_.file(kInboxName)); !done) {
      return tl::unexpected(done.error());
    }
    return rewritten_;
  }

 private:
  Status rewrite_day(const std::string& path) {
    const Copy copy(path + kSuffix);
    bool changed = false;
    {
      // Changes are found in the file itself, since most days may need none.
      Result<DayWriter> day = DayWriter::open(path);
      if (!day) return tl::unexpected(day.error());
      const Result<std::vector<StoredBlock>> blocks = day->blocks();
      if (!blocks) return tl::unexpected(blocks.error());
      std::optional<DayWriter> target;
      const auto open_target = [&]() -> Result<DayWriter*> {
        if (target) return &*target;
        if (Status made = copy.make(path); !made) return tl::unexpected(made.error());
        Result<DayWriter> opened = DayWriter::open(copy.path());
        if (!opened) return tl::unexpected(opened.error());
        return &target.emplace(std::move(*opened));
      };
      for (const StoredBlock& block : *blocks) {
        if (Status going = check_interrupt(); !going) return going;
        if (!rewriting_.wants(block.header->project)) continue;
        std::vector<Record> records;
        const Result<bool> differs = read_block(block, *day, records);
        if (!differs) return tl::unexpected(differs.error());
        if (!*differs || rewriting_.dry_run) continue;
        const Result<DayWriter*> writer = open_target();
        if (!writer) return tl::unexpected(writer.error());
        if (Status replaced = replace_block(block, records, **writer); !replaced) return replaced;
      }
      const Result<bool> logs = rewrite_logs(
          path,
          [&]() -> Status {
            const Result<DayWriter*> writer = open_target();
            return writer ? Status() : tl::unexpected(writer.error());
          },
          copy.path());
      if (!logs) return tl::unexpected(logs.error());
      changed = target.has_value();
    }
    if (!changed) return {};
    if (Status clean = vacuum(copy.path()); !clean) return clean;
    return put_in_place(copy.path(), path);
  }

  Status check_interrupt() const {
    if (rewriting_.interrupt != nullptr && *rewriting_.interrupt) {
      return fail(ErrorCode::kUnavailable, "interrupted");
    }
    return {};
  }

  // What becomes of the block's records; whether any of them is not as it was.
  Result<bool> read_block(const StoredBlock& block, DayWriter& day, std::vector<Record>& records) {
    const auto parts = day.parts_of(block.id);
    BlockReader reader(block.header, *parts, frames_);
    bool differs = false;
    for (std::size_t row = 0; row < reader.rows(); ++row) {
      Result<Record> record = reader.record(row);
      if (!record) {
        if (record.error().code != ErrorCode::kCorrupt) return tl::unexpected(record.error());
        ++rewritten_.unreadable;
        differs = true;
        continue;
      }
      ++rewritten_.exchanges;
      if (rewriting_.record(*record)) {
        ++rewritten_.exchanges_changed;
        differs = true;
      }
      records.push_back(std::move(*record));
    }
    if (rewriting_.progress) rewriting_.progress(static_cast<std::int64_t>(reader.rows()));
    return differs;
  }

  Status replace_block(const StoredBlock& block, const std::vector<Record>& records,
                       DayWriter& target) {
    DayChange change;
    change.removed.push_back(block.id);
    std::vector<const Record*> rows;
    rows.reserve(records.size());
    for (const Record& record : records) rows.push_back(&record);
    if (!rows.empty()) {
      Result<EncodedBlock> encoded = block_writer_.encode(rows);
      if (!encoded) return tl::unexpected(encoded.error());
      change.added.push_back(&change.merged.emplace_back(std::move(*encoded)));
    }
    const auto applied = target.apply(change);
    return applied ? Status() : tl::unexpected(applied.error());
  }

  // Of the day's file into the copy, which `open` makes where it is not there yet. Whether there
  // was anything to change.
  template <class Open>
  Result<bool> rewrite_logs(const std::string& path, Open open, const std::string& copy) {
    std::vector<std::pair<std::int64_t, LogEntry>> changed;
    {
      Result<Database> database = Database::open(path, Database::Access::kRead);
      if (!database) return tl::unexpected(database.error());
      Result<Statement> rows = database->prepare(
          "SELECT id, project, trace_id, span_id, time_ns, severity, body, attributes FROM logs");
      if (!rows) return tl::unexpected(rows.error());
      for (;;) {
        const Result<bool> row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) break;
        const Result<Uuid> project = rows->uuid(1);
        if (!project) return tl::unexpected(project.error());
        if (!rewriting_.wants(*project)) continue;
        LogEntry entry;
        entry.project = *project;
        entry.trace_id = rows->bytes(2);
        entry.span_id = rows->bytes(3);
        entry.time_ns = rows->integer(4);
        entry.severity = static_cast<int>(rows->integer(5));
        entry.body = rows->bytes(6);
        entry.attributes_json = rows->bytes(7);
        if (rewriting_.log(entry)) changed.emplace_back(rows->integer(0), std::move(entry));
      }
    }
    rewritten_.logs_changed += static_cast<std::int64_t>(changed.size());
    if (changed.empty() || rewriting_.dry_run) return !changed.empty();
    if (Status opened = open(); !opened) return tl::unexpected(opened.error());
    Result<Database> database = Database::open(copy, Database::Access::kWrite);
    if (!database) return tl::unexpected(database.error());
    Result<Transaction> transaction = Transaction::begin(*database);
    if (!transaction) return tl::unexpected(transaction.error());
    Result<Statement> update =
        database->prepare("UPDATE logs SET body = ?2, attributes = ?3 WHERE id = ?1");
    if (!update) return tl::unexpected(update.error());
    for (const auto& [id, entry] : changed) {
      update->bind(1, id);
      update->bind_text(2, entry.body);
      update->bind_text(3, entry.attributes_json);
      if (Status done = update->run(); !done) return tl::unexpected(done.error());
    }
    if (Status done = transaction->commit(); !done) return tl::unexpected(done.error());
    return true;
  }

  // Its dead letters. Batches that have passed through it are in its free pages.
  Status rewrite_inbox(const std::string& path) {
    const Copy copy(path + kSuffix);
    std::vector<DeadLetter> changed;
    {
      Result<Database> database = Database::open(path, Database::Access::kWrite);
      if (!database) return tl::unexpected(database.error());
      Result<Statement> rows =
          database->prepare("SELECT id, project, received_ns, source, reason, bytes FROM letters");
      if (!rows) return tl::unexpected(rows.error());
      for (;;) {
        const Result<bool> row = rows->step();
        if (!row) return tl::unexpected(row.error());
        if (!*row) break;
        const Result<Uuid> project = rows->uuid(1);
        if (!project) return tl::unexpected(project.error());
        if (!rewriting_.wants(*project)) continue;
        DeadLetter letter;
        letter.id = rows->integer(0);
        letter.project = *project;
        letter.received_ns = rows->integer(2);
        letter.source = rows->bytes(3);
        letter.reason = rows->bytes(4);
        letter.bytes = rows->bytes(5);
        if (rewriting_.letter(letter)) changed.push_back(std::move(letter));
      }
    }
    rewritten_.letters_changed += static_cast<std::int64_t>(changed.size());
    if (rewriting_.dry_run) return {};
    if (Status made = copy.make(path); !made) return made;
    {
      Result<Database> database = Database::open(copy.path(), Database::Access::kWrite);
      if (!database) return tl::unexpected(database.error());
      Result<Transaction> transaction = Transaction::begin(*database);
      if (!transaction) return tl::unexpected(transaction.error());
      Result<Statement> update = database->prepare("UPDATE letters SET bytes = ?2 WHERE id = ?1");
      if (!update) return tl::unexpected(update.error());
      for (const DeadLetter& letter : changed) {
        update->bind(1, letter.id);
        update->bind_blob(2, letter.bytes);
        if (Status done = update->run(); !done) return done;
      }
      if (Status done = transaction->commit(); !done) return done;
    }
    if (Status clean = vacuum(copy.path()); !clean) return clean;
    return put_in_place(copy.path(), path);
  }

  const Directory& directory_;
  const Rewriting& rewriting_;
  FrameReader frames_;
  BlockWriter block_writer_;
  Rewritten rewritten_;
};

}  // namespace

Result<Rewritten> rewrite_sqlite_store(const std::string& directory, const Rewriting& rewriting) {
  {
    // What a crash has left in logs and in the inbox comes to its place.
    const Result<std::unique_ptr<Store>> opened = open_sqlite_store(directory);
    if (!opened) return tl::unexpected(opened.error());
  }
  const Result<Directory> locked = Directory::open(directory);
  if (!locked) return tl::unexpected(locked.error());
  return Rewriter(*locked, rewriting).run();
}

}  // namespace apitoolkit::server::store
