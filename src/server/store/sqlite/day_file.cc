// Format 1 of a day's file:
//
//   exchanges  one narrow row an exchange: what is filtered by, nothing else
//   payloads   by the same key: the rest of the record (record_codec.cc)
//   summary    one row, so that counts, ends and strays cost no scan
//
//   key := microsecond_of_day << 26 | arrival
//
// `arrival` counts the rows of one microsecond from 0, so rows are appended in nearly the order of
// the b-tree, and the b-tree is in the order of scans except within a microsecond, which a reader
// sorts. `nanos` are the 0 to 999 ns that the key does not tell.
//
// Identities are indexed in (identity, project) order: UUIDv7s arrive in nearly that order, too.
#include "src/server/store/sqlite/day_file.h"

#include <algorithm>
#include <utility>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::string_view kNameBegin = "exchanges-";
constexpr std::string_view kNameEnd = ".db";
constexpr std::int64_t kMicrosecondNs = 1000;
constexpr std::int64_t kMillisecondNs = 1'000'000;

constexpr FileFormat kDayFormat = {1, R"sql(
  CREATE TABLE exchanges(
    key INTEGER PRIMARY KEY, nanos INTEGER NOT NULL, project BLOB NOT NULL, identity BLOB NOT NULL,
    parent BLOB, direction INTEGER NOT NULL, status INTEGER NOT NULL, method TEXT NOT NULL,
    url_path TEXT NOT NULL) STRICT;
  CREATE TABLE payloads(key INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT;
  CREATE UNIQUE INDEX exchanges_identity ON exchanges(identity, project);
  CREATE INDEX exchanges_errors ON exchanges(project) WHERE status >= 400;
  CREATE INDEX exchanges_children ON exchanges(parent) WHERE parent IS NOT NULL;
  CREATE TABLE summary(
    id INTEGER PRIMARY KEY CHECK(id = 1), exchanges INTEGER NOT NULL, strays INTEGER NOT NULL,
    oldest_ns INTEGER NOT NULL, newest_ns INTEGER NOT NULL) STRICT;
  INSERT INTO summary VALUES(1, 0, 0, 0, 0);
)sql"};

bool is_uuid_v7(const Uuid& id) {
  return id[6] >> 4 == 7 && id[8] >> 6 == 2;
}

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

bool is_of_day(const Uuid& identity, std::int64_t day) {
  if (!is_uuid_v7(identity)) return false;
  std::int64_t ms = 0;
  for (int i = 0; i < 6; ++i) ms = ms << 8 | identity[static_cast<std::size_t>(i)];
  const std::int64_t told_day = ms / (kDayNs / kMillisecondNs);
  return told_day >= day - 1 && told_day <= day + 1;
}

bool may_hold(const DaySummary& summary, std::int64_t day, const Uuid& identity) {
  return summary.strays > 0 || is_of_day(identity, day);
}

std::int64_t first_key_of(std::int64_t start_ns) {
  return (time_of_day_ns(start_ns) / kMicrosecondNs) << kArrivalBits;
}

std::int64_t start_of_key(std::int64_t day, std::int64_t key, std::int64_t nanos) {
  return time_at(day, (key >> kArrivalBits) * kMicrosecondNs + nanos);
}

Result<DaySummary> read_summary(const Database& database) {
  Result<Statement> statement =
      database.prepare("SELECT exchanges, strays, oldest_ns, newest_ns FROM summary");
  if (!statement) return tl::unexpected(statement.error());
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorCode::kCorrupt, "a day's file is damaged: it has no summary");
  return DaySummary{statement->integer(0), statement->integer(1), statement->integer(2),
                    statement->integer(3)};
}

DayWriter::DayWriter(Database database, std::int64_t day, DaySummary summary)
    : day_(day), summary_(summary), database_(std::make_unique<Database>(std::move(database))) {}

Result<DayWriter> DayWriter::open(const std::string& path, std::int64_t day) {
  if (const auto created = create_file(path); !created) return tl::unexpected(created.error());
  Result<Database> database = Database::open(path, Database::Access::kWrite);
  if (!database) return tl::unexpected(database.error());
  if (Status ready = prepare_format(*database, path, kDayFormat); !ready) {
    return tl::unexpected(ready.error());
  }
  const Result<DaySummary> summary = read_summary(*database);
  if (!summary) return tl::unexpected(summary.error());
  DayWriter writer(std::move(*database), day, *summary);
  if (Status prepared = writer.prepare(); !prepared) return tl::unexpected(prepared.error());
  return writer;
}

Status DayWriter::prepare() {
  const std::pair<Statement*, const char*> statements[] = {
      {&last_key_, "SELECT max(key) FROM exchanges WHERE key >= ?1 AND key < ?2"},
      {&insert_exchange_,
       "INSERT INTO exchanges(key, nanos, project, identity, parent, direction, status, method,"
       " url_path) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
       " ON CONFLICT(identity, project) DO NOTHING"},
      {&insert_payload_, "INSERT INTO payloads(key, payload) VALUES(?1, ?2)"},
      {&update_summary_,
       "UPDATE summary SET exchanges = ?1, strays = ?2, oldest_ns = ?3, newest_ns = ?4"},
  };
  for (const auto& [statement, sql] : statements) {
    Result<Statement> prepared = database_->prepare(sql);
    if (!prepared) return tl::unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return {};
}

Status DayWriter::insert(std::span<const Record* const> records) {
  Result<Transaction> transaction = Transaction::begin(*database_);
  if (!transaction) return tl::unexpected(transaction.error());
  DaySummary summary = summary_;
  for (const Record* record : records) {
    const Result<bool> inserted = insert_one(*record);
    if (!inserted) return tl::unexpected(inserted.error());
    if (!*inserted) continue;
    const std::int64_t start_ns = record->exchange.start_ns;
    const bool first = summary.exchanges == 0;
    summary.oldest_ns = first ? start_ns : std::min(summary.oldest_ns, start_ns);
    summary.newest_ns = first ? start_ns : std::max(summary.newest_ns, start_ns);
    ++summary.exchanges;
    if (!is_of_day(record->identity, day_)) ++summary.strays;
  }
  if (Status written = write_summary(summary); !written) return written;
  if (Status committed = transaction->commit(); !committed) return committed;
  summary_ = summary;
  return {};
}

Result<std::int64_t> DayWriter::next_key(std::int64_t start_ns) {
  const std::int64_t first = first_key_of(start_ns);
  const std::int64_t end = first + (std::int64_t{1} << kArrivalBits);
  last_key_.bind(1, first);
  last_key_.bind(2, end);
  const Result<bool> row = last_key_.step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t key = last_key_.is_null(0) ? first : last_key_.integer(0) + 1;
  last_key_.reset();
  if (key >= end) {
    return fail(ErrorCode::kResourceExhausted,
                day_file_name(day_) +
                    ": too many exchanges claim to have begun in the same"
                    " microsecond: correct the sender's clock");
  }
  return key;
}

Result<bool> DayWriter::insert_one(const Record& record) {
  const Exchange& exchange = record.exchange;
  const Result<std::int64_t> key = next_key(exchange.start_ns);
  if (!key) return tl::unexpected(key.error());
  insert_exchange_.bind(1, *key);
  insert_exchange_.bind(2, time_of_day_ns(exchange.start_ns) % kMicrosecondNs);
  insert_exchange_.bind_uuid(3, record.project);
  insert_exchange_.bind_uuid(4, record.identity);
  if (exchange.parent_id) {
    insert_exchange_.bind_uuid(5, *exchange.parent_id);
  } else {
    insert_exchange_.bind_null(5);
  }
  insert_exchange_.bind(6, exchange.direction == Direction::kOutgoing ? 1 : 0);
  insert_exchange_.bind(7, exchange.status_code);
  insert_exchange_.bind_text(8, exchange.method);
  insert_exchange_.bind_text(9, exchange.url_path);
  if (Status done = insert_exchange_.run(); !done) return tl::unexpected(done.error());
  if (database_->changes() == 0) return false;

  const Result<std::string_view> payload = encoder_.encode(record, RecordPart::kWithoutColumns);
  if (!payload) return tl::unexpected(payload.error());
  insert_payload_.bind(1, *key);
  insert_payload_.bind_blob(2, *payload);
  if (Status done = insert_payload_.run(); !done) return tl::unexpected(done.error());
  return true;
}

Status DayWriter::write_summary(const DaySummary& summary) {
  update_summary_.bind(1, summary.exchanges);
  update_summary_.bind(2, summary.strays);
  update_summary_.bind(3, summary.oldest_ns);
  update_summary_.bind(4, summary.newest_ns);
  return update_summary_.run();
}

}  // namespace apitoolkit::server::store
