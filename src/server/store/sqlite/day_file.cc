// Format 3 of a day's file:
//
//   blocks  one row a block; ids are never given twice, so that what is known of one stays true
//   parts   the frames of the blocks (block/block.h), by block << 16 | number of the part
//   logs    lines of logs, by trace
//   staged  one row: which rows of the inbox are here already
//
// and the tables of rollup/rollup_tables.h, which files from before them get when they are opened.
// A table `unclean` is there while pages may hold what a project had that has gone.
//
// A merge adds a block and removes those it was made of, so the file's free pages are used again
// and it does not grow. A reader's snapshot keeps the old ones.
#include "src/server/store/sqlite/day_file.h"

#include <algorithm>
#include <utility>

#include "src/server/store/block/frame.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/rollup/rollup_tables.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::string_view kNameBegin = "exchanges-";
constexpr std::string_view kNameEnd = ".db";
constexpr std::int64_t kHeaderBytesMax = 1 << 20;

constexpr FileFormat kDayFormat = {3, R"sql(
  CREATE TABLE blocks(id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT;
  CREATE TABLE parts(key INTEGER PRIMARY KEY, frame BLOB NOT NULL) STRICT;
  CREATE TABLE logs(
    id INTEGER PRIMARY KEY, project BLOB NOT NULL, trace_id TEXT NOT NULL, span_id TEXT NOT NULL,
    time_ns INTEGER NOT NULL, severity INTEGER NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL) STRICT;
  CREATE INDEX logs_trace ON logs(trace_id, project, time_ns);
  CREATE TABLE staged(
    id INTEGER PRIMARY KEY CHECK(id = 1), inbox BLOB NOT NULL, last_id INTEGER NOT NULL) STRICT;
  INSERT INTO staged VALUES(1, zeroblob(16), 0);
)sql",
                                   3};

class WriterParts final : public PartSource {
 public:
  WriterParts(Statement& select, std::int64_t block) : select_(select), block_(block) {}
  Result<std::string_view> part(int number) override { return read_part(select_, block_, number); }

 private:
  Statement& select_;
  const std::int64_t block_;
};

}  // namespace

std::string day_file_name(std::int64_t day) {
  return std::string(kNameBegin) + format_day(day) + std::string(kNameEnd);
}

std::optional<std::int64_t> day_of_file_name(std::string_view name) {
  if (!name.starts_with(kNameBegin) || !name.ends_with(kNameEnd)) return std::nullopt;
  name.remove_prefix(kNameBegin.size());
  name.remove_suffix(std::min(kNameEnd.size(), name.size()));
  return parse_day(name);
}

Result<std::string_view> read_part(Statement& statement, std::int64_t block, int part) {
  statement.reset();
  statement.bind(1, part_key(block, part));
  const Result<bool> row = statement.step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorCode::kCorrupt, "a stored block is damaged: a part is missing");
  return statement.bytes(0);
}

DayWriter::DayWriter(Database database)
    : database_(std::make_unique<Database>(std::move(database))) {}

Result<DayWriter> DayWriter::open(const std::string& path) {
  if (const auto created = create_file(path); !created) return tl::unexpected(created.error());
  Result<Database> database = Database::open(path, Database::Access::kWrite);
  if (!database) return tl::unexpected(database.error());
  if (Status ready = prepare_format(*database, path, kDayFormat); !ready) {
    return tl::unexpected(ready.error());
  }
  if (Status made = make_rollup_tables(*database); !made) return tl::unexpected(made.error());
  DayWriter writer(std::move(*database));
  if (Status prepared = writer.prepare(); !prepared) return tl::unexpected(prepared.error());
  return writer;
}

Status DayWriter::prepare() {
  select_part_ = std::make_unique<Statement>();
  const std::pair<Statement*, const char*> statements[] = {
      {&insert_block_, "INSERT INTO blocks DEFAULT VALUES RETURNING id"},
      {&insert_part_, "INSERT INTO parts(key, frame) VALUES(?1, ?2)"},
      {&remove_block_, "DELETE FROM blocks WHERE id = ?1"},
      {&remove_parts_, "DELETE FROM parts WHERE key >= ?1 AND key < ?2"},
      {&insert_log_,
       "INSERT INTO logs(project, trace_id, span_id, time_ns, severity, body, attributes)"
       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {select_part_.get(), "SELECT frame FROM parts WHERE key = ?1"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = database_->prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return {};
}

Result<std::vector<StoredBlock>> DayWriter::blocks() {
  Result<Statement> ids = database_->prepare("SELECT id FROM blocks ORDER BY id");
  if (!ids) return tl::unexpected(ids.error());
  FrameReader frames;
  std::vector<StoredBlock> found;
  for (;;) {
    const Result<bool> row = ids->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    const std::int64_t id = ids->integer(0);
    const Result<std::string_view> frame = read_part(*select_part_, id, kHeaderPart);
    if (!frame) return tl::unexpected(frame.error());
    const Result<std::string> bytes = frames.inflate(*frame, kHeaderBytesMax);
    if (!bytes) return tl::unexpected(bytes.error());
    Result<BlockHeader> header = decode_header(*bytes);
    if (!header) return tl::unexpected(header.error());
    found.push_back({id, std::make_shared<const BlockHeader>(std::move(*header))});
  }
  select_part_->reset();
  return found;
}

Result<StagedMark> DayWriter::staged_mark() const {
  Result<Statement> statement = database_->prepare("SELECT inbox, last_id FROM staged");
  if (!statement) return tl::unexpected(statement.error());
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorCode::kCorrupt, "a day's file is damaged: it has no mark");
  const Result<Uuid> inbox = statement->uuid(0);
  if (!inbox) return tl::unexpected(inbox.error());
  return StagedMark{*inbox, statement->integer(1)};
}

Result<std::vector<StoredBlock>> DayWriter::apply(const DayChange& change) {
  select_part_->reset();
  Result<Transaction> transaction = Transaction::begin(*database_);
  if (!transaction) return tl::unexpected(transaction.error());
  std::vector<StoredBlock> added;
  for (const EncodedBlock* block : change.added) {
    const Result<std::int64_t> id = insert_block(*block);
    if (!id) return tl::unexpected(id.error());
    added.push_back({*id, block->header});
  }
  bool was_counted = false;
  for (const std::int64_t id : change.removed) {
    const Result<bool> rolled_up = RollupTables(*database_).is_rolled_up(id);
    if (!rolled_up) return tl::unexpected(rolled_up.error());
    was_counted = was_counted || *rolled_up;
    if (Status removed = remove_block(id); !removed) return tl::unexpected(removed.error());
  }
  if (was_counted) {
    if (Status emptied = empty_rollup_tables(*database_); !emptied) {
      return tl::unexpected(emptied.error());
    }
  }
  for (const LogEntry& entry : change.logs) {
    if (Status inserted = insert_log(entry); !inserted) return tl::unexpected(inserted.error());
  }
  if (change.project_gone) {
    Result<Statement> logs = database_->prepare("DELETE FROM logs WHERE project = ?1");
    if (!logs) return tl::unexpected(logs.error());
    logs->bind_uuid(1, *change.project_gone);
    if (Status gone = logs->run(); !gone) return tl::unexpected(gone.error());
    if (!change.removed.empty() || database_->changes() > 0) {
      Status marked = database_->execute("CREATE TABLE IF NOT EXISTS unclean(id INTEGER) STRICT");
      if (!marked) return tl::unexpected(marked.error());
    }
  }
  if (change.staged) {
    Result<Statement> mark =
        database_->prepare("UPDATE staged SET inbox = ?1, last_id = ?2 WHERE id = 1");
    if (!mark) return tl::unexpected(mark.error());
    mark->bind_uuid(1, change.staged->inbox);
    mark->bind(2, change.staged->last_id);
    if (Status marked = mark->run(); !marked) return tl::unexpected(marked.error());
  }
  if (Status committed = transaction->commit(); !committed) {
    return tl::unexpected(committed.error());
  }
  return added;
}

Status DayWriter::wipe() {
  select_part_->reset();
  const Result<std::int64_t> unclean =
      database_->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'unclean'");
  if (!unclean) return tl::unexpected(unclean.error());
  if (*unclean == 0) return {};
  if (Status done = database_->vacuum(); !done) return done;
  if (Status done = database_->empty_log(); !done) return done;
  return database_->execute("DROP TABLE unclean");
}

Result<std::vector<StoredBlock>> DayWriter::not_rolled_up(std::vector<StoredBlock> blocks) {
  const auto rolled_up = RollupTables(*database_).rolled_up();
  if (!rolled_up) return tl::unexpected(rolled_up.error());
  std::erase_if(blocks, [&](const StoredBlock& block) { return rolled_up->contains(block.id); });
  return blocks;
}

Status DayWriter::roll_up(std::span<const OpenBlock> blocks) {
  select_part_->reset();
  return store::roll_up(*database_, blocks);
}

Status DayWriter::clear_rollups() {
  select_part_->reset();
  return clear_rollup_tables(*database_);
}

std::unique_ptr<PartSource> DayWriter::parts_of(std::int64_t block) {
  return std::make_unique<WriterParts>(*select_part_, block);
}

Result<std::int64_t> DayWriter::insert_block(const EncodedBlock& block) {
  const Result<bool> row = insert_block_.step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t id = insert_block_.integer(0);
  if (Status done = insert_block_.run(); !done) return tl::unexpected(done.error());
  // In the order of the b-tree.
  std::vector<const BlockPart*> parts;
  for (const BlockPart& part : block.parts) parts.push_back(&part);
  std::sort(parts.begin(), parts.end(),
            [](const BlockPart* a, const BlockPart* b) { return a->number < b->number; });
  for (const BlockPart* part : parts) {
    insert_part_.bind(1, part_key(id, part->number));
    insert_part_.bind_blob(2, part->frame);
    if (Status done = insert_part_.run(); !done) return tl::unexpected(done.error());
  }
  return id;
}

Status DayWriter::remove_block(std::int64_t id) {
  remove_block_.bind(1, id);
  if (Status done = remove_block_.run(); !done) return done;
  remove_parts_.bind(1, part_key(id, 0));
  remove_parts_.bind(2, part_key(id + 1, 0));
  return remove_parts_.run();
}

Status DayWriter::insert_log(const LogEntry& entry) {
  insert_log_.bind_uuid(1, entry.project);
  insert_log_.bind_text(2, entry.trace_id);
  insert_log_.bind_text(3, entry.span_id);
  insert_log_.bind(4, entry.time_ns);
  insert_log_.bind(5, entry.severity);
  insert_log_.bind_text(6, entry.body);
  insert_log_.bind_text(7, entry.attributes_json);
  return insert_log_.run();
}

}  // namespace apitoolkit::server::store
