// Format 2 of the inbox:
//
//   letters  the dead letters, oldest first; ids are never given twice
//   staged   blocks and logs that are committed here and not yet known to be in their days' files
//   self     one row: an id of this file
//
// Emptying `staged` into the days can be repeated, since a day remembers what it has taken: the
// file's id and the highest of the row's, which are never given twice.
#include "src/server/store/sqlite/inbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/tagged_fields.h"

namespace apitoolkit::server::store {
namespace {

constexpr FileFormat kInboxFormat = {3, R"sql(
  CREATE TABLE letters(
    id INTEGER PRIMARY KEY AUTOINCREMENT, project BLOB NOT NULL, received_ns INTEGER NOT NULL,
    source TEXT NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE INDEX letters_project ON letters(project);
  CREATE TABLE staged(
    id INTEGER PRIMARY KEY AUTOINCREMENT, day INTEGER NOT NULL, kind INTEGER NOT NULL,
    bytes BLOB NOT NULL) STRICT;
  CREATE TABLE self(id INTEGER PRIMARY KEY CHECK(id = 1), name BLOB NOT NULL) STRICT;
  INSERT INTO self VALUES(1, randomblob(16));
)sql",
                                     3};

enum StagedKind { kBlock = 0, kLog = 1 };

template <class Io, class T>
void log_fields(Io& io, T& entry) {
  io.id(1, entry.project);
  io.text(2, entry.trace_id);
  io.text(3, entry.span_id);
  io.integer(4, entry.time_ns, 0);
  io.integer(5, entry.severity, 0);
  io.text(6, entry.body);
  io.text(7, entry.attributes_json);
}

}  // namespace

Inbox::Inbox(Database writer, Database reader)
    : writer_(std::move(writer)), reader_(std::move(reader)) {}

Result<std::unique_ptr<Inbox>> Inbox::open(const std::string& path) {
  if (const auto created = create_file(path); !created) return tl::unexpected(created.error());
  Result<Database> writer = Database::open(path, Database::Access::kWrite);
  if (!writer) return tl::unexpected(writer.error());
  if (Status ready = prepare_format(*writer, path, kInboxFormat); !ready) {
    return tl::unexpected(ready.error());
  }
  Result<Database> reader = Database::open(path, Database::Access::kRead);
  if (!reader) return tl::unexpected(reader.error());
  std::unique_ptr<Inbox> inbox(new Inbox(std::move(*writer), std::move(*reader)));
  if (Status prepared = inbox->prepare(); !prepared) return tl::unexpected(prepared.error());
  return inbox;
}

Status Inbox::prepare() {
  const std::pair<Statement*, const char*> statements[] = {
      {&insert_letter_,
       "INSERT INTO letters(project, received_ns, source, reason, bytes)"
       " VALUES(?1, ?2, ?3, ?4, ?5)"},
      {&delete_oldest_,
       "DELETE FROM letters WHERE id = (SELECT min(id) FROM letters) RETURNING length(bytes)"},
      {&insert_staged_, "INSERT INTO staged(day, kind, bytes) VALUES(?1, ?2, ?3)"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = writer_.prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  const Result<std::int64_t> last = writer_.integer("SELECT max(id) FROM staged");
  if (!last) return tl::unexpected(last.error());
  has_staged_ = *last > 0;
  last_staged_ = *last;
  if (Status read = read_id(); !read) return read;
  return count_letters();
}

Status Inbox::read_id() {
  Result<Statement> statement = writer_.prepare("SELECT name FROM self");
  if (!statement) return tl::unexpected(statement.error());
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  const Result<Uuid> id =
      *row ? statement->uuid(0) : fail(ErrorCode::kCorrupt, "inbox.db is damaged: it has no name");
  if (!id) return tl::unexpected(id.error());
  id_ = *id;
  return {};
}

Status Inbox::count_letters() {
  const Result<std::int64_t> count = writer_.integer("SELECT count(*) FROM letters");
  if (!count) return tl::unexpected(count.error());
  const Result<std::int64_t> bytes = writer_.integer("SELECT sum(length(bytes)) FROM letters");
  if (!bytes) return tl::unexpected(bytes.error());
  count_ = *count;
  bytes_ = *bytes;
  return {};
}

Status Inbox::put(std::span<const DeadLetter> letters, std::span<const DayBatch> staged) {
  Result<Transaction> transaction = Transaction::begin(writer_);
  if (!transaction) return tl::unexpected(transaction.error());
  std::int64_t count = count_ + static_cast<std::int64_t>(letters.size());
  std::int64_t bytes = bytes_;
  for (const DeadLetter& letter : letters) {
    if (Status put = put_letter(letter); !put) return put;
    bytes += static_cast<std::int64_t>(letter.bytes.size());
  }
  if (Status dropped = drop_surplus(count, bytes); !dropped) return dropped;
  for (const DayBatch& batch : staged) {
    for (const EncodedBlock& block : batch.blocks) {
      if (Status put = put_staged(batch.day, kBlock, pack_block(block)); !put) return put;
    }
    for (const LogEntry& entry : batch.logs) {
      std::string fields;
      FieldWriter writer(fields);
      log_fields(writer, entry);
      if (Status put = put_staged(batch.day, kLog, fields); !put) return put;
    }
  }
  const Result<std::int64_t> last = writer_.integer("SELECT max(id) FROM staged");
  if (!last) return tl::unexpected(last.error());
  if (Status committed = transaction->commit(); !committed) return committed;
  count_ = count;
  bytes_ = bytes;
  has_staged_ = *last > 0;
  last_staged_ = *last;
  return {};
}

Status Inbox::put_letter(const DeadLetter& letter) {
  insert_letter_.bind_uuid(1, letter.project);
  insert_letter_.bind(2, letter.received_ns);
  insert_letter_.bind_text(3, letter.source);
  insert_letter_.bind_text(4, letter.reason);
  insert_letter_.bind_blob(5, letter.bytes);
  return insert_letter_.run();
}

Status Inbox::put_staged(std::int64_t day, int kind, std::string_view bytes) {
  insert_staged_.bind(1, day);
  insert_staged_.bind(2, kind);
  insert_staged_.bind_blob(3, bytes);
  return insert_staged_.run();
}

Status Inbox::drop_surplus(std::int64_t& count, std::int64_t& bytes) {
  while (count > limits::kDeadLettersMax || (bytes > limits::kDeadLettersBytesMax && count > 1)) {
    const Result<bool> row = delete_oldest_.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    bytes -= delete_oldest_.integer(0);
    --count;
    if (Status done = delete_oldest_.run(); !done) return done;
  }
  return {};
}

Result<std::vector<DayBatch>> Inbox::staged() {
  Result<Statement> statement =
      writer_.prepare("SELECT day, kind, bytes FROM staged ORDER BY day, id");
  if (!statement) return tl::unexpected(statement.error());
  std::vector<DayBatch> batches;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return batches;
    const std::int64_t day = statement->integer(0);
    if (batches.empty() || batches.back().day != day) batches.emplace_back().day = day;
    if (statement->integer(1) == kBlock) {
      Result<EncodedBlock> block = unpack_block(statement->bytes(2));
      if (!block) return tl::unexpected(block.error());
      batches.back().blocks.push_back(std::move(*block));
      continue;
    }
    LogEntry entry;
    FieldReader reader(statement->bytes(2));
    while (reader.next()) log_fields(reader, entry);
    if (!reader.ok()) return fail(ErrorCode::kCorrupt, "inbox.db is damaged: a log is no fields");
    batches.back().logs.push_back(std::move(entry));
  }
}

Status Inbox::clear_staged() {
  Status cleared = writer_.execute("DELETE FROM staged");
  if (cleared) has_staged_ = false;
  return cleared;
}

Result<std::vector<DeadLetter>> Inbox::dead_letters(const Uuid& project,
                                                    std::optional<std::int64_t> before,
                                                    int limit) const {
  const std::lock_guard lock(reader_mutex_);
  Result<Statement> statement = reader_.prepare(
      "SELECT id, project, received_ns, source, reason, bytes FROM letters"
      " INDEXED BY letters_project WHERE project = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  statement->bind(2, before.value_or(std::numeric_limits<std::int64_t>::max()));
  statement->bind(3, std::max(limit, 0));
  std::vector<DeadLetter> found;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return found;
    const Result<Uuid> owner = statement->uuid(1);
    if (!owner) return tl::unexpected(owner.error());
    DeadLetter& letter = found.emplace_back();
    letter.id = statement->integer(0);
    letter.project = *owner;
    letter.received_ns = statement->integer(2);
    letter.source = statement->bytes(3);
    letter.reason = statement->bytes(4);
    letter.bytes = statement->bytes(5);
  }
}

Result<std::int64_t> Inbox::dead_letter_count(const Uuid& project) const {
  const std::lock_guard lock(reader_mutex_);
  Result<Statement> statement =
      reader_.prepare("SELECT count(*) FROM letters INDEXED BY letters_project WHERE project = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return statement->integer(0);
}

Result<bool> Inbox::delete_letter(const Uuid& project, std::int64_t id) {
  Result<Statement> statement =
      writer_.prepare("DELETE FROM letters WHERE id = ?1 AND project = ?2");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, id);
  statement->bind_uuid(2, project);
  if (Status done = statement->run(); !done) return tl::unexpected(done.error());
  if (writer_.changes() == 0) return false;
  if (Status counted = count_letters(); !counted) return tl::unexpected(counted.error());
  return true;
}

Status Inbox::erase(const Uuid& project) {
  Result<Statement> statement = writer_.prepare("DELETE FROM letters WHERE project = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  if (Status done = statement->run(); !done) return done;
  if (Status counted = count_letters(); !counted) return counted;
  // What was staged here has gone to the days, and is still in free pages.
  if (Status done = writer_.vacuum(); !done) return done;
  return writer_.empty_log();
}

Status Inbox::prune(std::int64_t before_ns) {
  Result<Statement> statement = writer_.prepare("DELETE FROM letters WHERE received_ns < ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, before_ns);
  if (Status done = statement->run(); !done) return done;
  return writer_.changes() == 0 ? Status{} : count_letters();
}

}  // namespace apitoolkit::server::store
