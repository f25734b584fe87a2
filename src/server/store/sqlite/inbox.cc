// Format 1 of the inbox:
//
//   letters  the dead letters, oldest first; ids are never given twice
//   logs     lines of logs, by trace
//   staged   records that are committed here and not yet known to be in their days' files
//
// Emptying `staged` into the days can be repeated, since a day leaves out what it has.
#include "src/server/store/sqlite/inbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

constexpr FileFormat kInboxFormat = {1, R"sql(
  CREATE TABLE letters(
    id INTEGER PRIMARY KEY AUTOINCREMENT, project BLOB NOT NULL, received_ns INTEGER NOT NULL,
    source TEXT NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE INDEX letters_project ON letters(project);
  CREATE TABLE logs(
    id INTEGER PRIMARY KEY, project BLOB NOT NULL, trace_id TEXT NOT NULL, span_id TEXT NOT NULL,
    time_ns INTEGER NOT NULL, severity INTEGER NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL) STRICT;
  CREATE INDEX logs_trace ON logs(trace_id, project, time_ns);
  CREATE TABLE staged(seq INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
)sql"};

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
      {&insert_log_,
       "INSERT INTO logs(project, trace_id, span_id, time_ns, severity, body, attributes)"
       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
      {&insert_staged_, "INSERT INTO staged(record) VALUES(?1)"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = writer_.prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  const Result<std::int64_t> staged = writer_.integer("SELECT count(*) FROM staged");
  if (!staged) return tl::unexpected(staged.error());
  has_staged_ = *staged > 0;
  return count_letters();
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

Status Inbox::put(std::span<const DeadLetter> letters, std::span<const LogEntry> logs,
                  std::span<const Record* const> staged) {
  Result<Transaction> transaction = Transaction::begin(writer_);
  if (!transaction) return tl::unexpected(transaction.error());
  std::int64_t count = count_ + static_cast<std::int64_t>(letters.size());
  std::int64_t bytes = bytes_;
  for (const DeadLetter& letter : letters) {
    if (Status put = put_letter(letter); !put) return put;
    bytes += static_cast<std::int64_t>(letter.bytes.size());
  }
  if (Status dropped = drop_surplus(count, bytes); !dropped) return dropped;
  for (const LogEntry& entry : logs) {
    if (Status put = put_log(entry); !put) return put;
  }
  for (const Record* record : staged) {
    if (Status put = put_staged(*record); !put) return put;
  }
  if (Status committed = transaction->commit(); !committed) return committed;
  count_ = count;
  bytes_ = bytes;
  has_staged_ = has_staged_ || !staged.empty();
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

Status Inbox::put_log(const LogEntry& entry) {
  insert_log_.bind_uuid(1, entry.project);
  insert_log_.bind_text(2, entry.trace_id);
  insert_log_.bind_text(3, entry.span_id);
  insert_log_.bind(4, entry.time_ns);
  insert_log_.bind(5, entry.severity);
  insert_log_.bind_text(6, entry.body);
  insert_log_.bind_text(7, entry.attributes_json);
  return insert_log_.run();
}

Status Inbox::put_staged(const Record& record) {
  const Result<std::string_view> bytes = encoder_.encode(record, RecordPart::kWhole);
  if (!bytes) return tl::unexpected(bytes.error());
  insert_staged_.bind_blob(1, *bytes);
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

Result<std::vector<Record>> Inbox::staged() {
  Result<Statement> statement = writer_.prepare("SELECT record FROM staged ORDER BY seq");
  if (!statement) return tl::unexpected(statement.error());
  std::vector<Record> records;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return records;
    Record record;
    if (Status decoded = decoder_.decode(statement->bytes(0), record); !decoded) {
      return tl::unexpected(decoded.error());
    }
    records.push_back(std::move(record));
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

Result<std::vector<LogEntry>> Inbox::logs(const Uuid& project, std::string_view trace_id,
                                          int limit) const {
  const std::lock_guard lock(reader_mutex_);
  Result<Statement> statement = reader_.prepare(
      "SELECT span_id, time_ns, severity, body, attributes FROM logs INDEXED BY logs_trace"
      " WHERE trace_id = ?1 AND project = ?2 ORDER BY time_ns, id LIMIT ?3");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_text(1, trace_id);
  statement->bind_uuid(2, project);
  statement->bind(3, std::max(limit, 0));
  std::vector<LogEntry> found;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return found;
    LogEntry& entry = found.emplace_back();
    entry.project = project;
    entry.trace_id = trace_id;
    entry.span_id = statement->bytes(0);
    entry.time_ns = statement->integer(1);
    entry.severity = static_cast<int>(statement->integer(2));
    entry.body = statement->bytes(3);
    entry.attributes_json = statement->bytes(4);
  }
}

Status Inbox::prune(std::int64_t before_ns) {
  Result<Statement> logs = writer_.prepare("DELETE FROM logs WHERE time_ns < ?1");
  if (!logs) return tl::unexpected(logs.error());
  logs->bind(1, before_ns - time_of_day_ns(before_ns));
  if (Status done = logs->run(); !done) return done;
  Result<Statement> statement = writer_.prepare("DELETE FROM letters WHERE received_ns < ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, before_ns);
  if (Status done = statement->run(); !done) return done;
  return writer_.changes() == 0 ? Status{} : count_letters();
}

}  // namespace apitoolkit::server::store
