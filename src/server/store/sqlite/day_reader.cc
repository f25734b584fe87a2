#include "src/server/store/sqlite/day_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

// The index that a filter is served by; by time alone where there is no better one. Named in the
// query, because without statistics SQLite would guess.
const char* index_for(const Filter& filter) {
  if (filter.parent_id) return "INDEXED BY exchanges_children";
  if (filter.status_min && *filter.status_min >= 400) return "INDEXED BY exchanges_errors";
  return "NOT INDEXED";
}

template <class Candidate>
bool comes_first(const Candidate& a, const Candidate& b) {
  return is_newer(a.position, b.position);
}

}  // namespace

DayReader::DayReader(Database database, std::int64_t day)
    : day_(day), database_(std::move(database)) {}

Result<DayReader> DayReader::open(const std::string& path, std::int64_t day) {
  Result<Database> database = Database::open(path, Database::Access::kRead);
  if (!database) return tl::unexpected(database.error());
  DayReader reader(std::move(*database), day);
  if (Status prepared = reader.prepare(); !prepared) return tl::unexpected(prepared.error());
  // The first read opens the log, after which the file's name does not matter any more.
  const Result<DaySummary> summary = read_summary(reader.database_);
  if (!summary) return tl::unexpected(summary.error());
  return reader;
}

Status DayReader::prepare() {
  Result<Statement> find = database_.prepare(
      "SELECT key FROM exchanges INDEXED BY exchanges_identity"
      " WHERE identity = ?1 AND project = ?2");
  if (!find) return tl::unexpected(find.error());
  Result<Statement> row = database_.prepare(
      "SELECT nanos, project, identity, parent, direction, status, method, url_path, payload"
      " FROM exchanges LEFT JOIN payloads USING(key) WHERE key = ?1");
  if (!row) return tl::unexpected(row.error());
  find_ = std::move(*find);
  load_ = std::move(*row);
  return {};
}

Result<bool> DayReader::contains(const Uuid& project, const Uuid& identity) {
  find_.bind_uuid(1, identity);
  find_.bind_uuid(2, project);
  Result<bool> row = find_.step();
  find_.reset();
  return row;
}

Result<std::optional<Record>> DayReader::fetch(const Uuid& project, const Uuid& identity) {
  find_.bind_uuid(1, identity);
  find_.bind_uuid(2, project);
  const Result<bool> row = find_.step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t key = *row ? find_.integer(0) : 0;
  find_.reset();
  if (!*row) return std::optional<Record>();
  Result<Record> record = load(key);
  if (!record) return tl::unexpected(record.error());
  return std::optional<Record>(std::move(*record));
}

Status DayReader::scan(const Filter& filter, const std::optional<Position>& after,
                       PageBuilder& page) {
  // One more than fits tells whether another page follows.
  const auto wanted = static_cast<std::size_t>(page.rows_left()) + 1;
  const Result<std::vector<Candidate>> found = candidates(filter, after, wanted);
  if (!found) return tl::unexpected(found.error());
  for (const Candidate& candidate : *found) {
    if (page.rows_left() == 0) {
      page.end_with_more();
      break;
    }
    Result<Record> record = load(candidate.key);
    if (record) {
      if (!page.add(std::move(*record))) break;
    } else if (record.error().code == ErrorCode::kCorrupt) {
      page.skip_unreadable(candidate.position);
    } else {
      return tl::unexpected(record.error());
    }
  }
  return {};
}

Result<std::vector<DayReader::Candidate>> DayReader::candidates(
    const Filter& filter, const std::optional<Position>& after, std::size_t wanted) const {
  Result<Statement> statement = prepare_scan(filter, after);
  if (!statement) return tl::unexpected(statement.error());
  std::vector<Candidate> found;
  std::vector<Candidate> same_microsecond;  // which keys do not order; cut when it grows
  const auto keep_first = [&](std::size_t count) {
    std::sort(same_microsecond.begin(), same_microsecond.end(), comes_first<Candidate>);
    if (same_microsecond.size() > count) same_microsecond.resize(count);
  };
  const auto flush = [&] {
    keep_first(wanted - found.size());
    found.insert(found.end(), same_microsecond.begin(), same_microsecond.end());
    same_microsecond.clear();
  };
  std::int64_t microsecond = -1;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    const std::int64_t key = statement->integer(0);
    if (key >> kArrivalBits != microsecond) {
      flush();
      if (found.size() == wanted) return found;
      microsecond = key >> kArrivalBits;
    }
    const Result<Uuid> identity = statement->uuid(2);
    if (!identity) return tl::unexpected(identity.error());
    const Position position{start_of_key(day_, key, statement->integer(1)), *identity};
    if (!is_wanted(filter, after, position)) continue;
    same_microsecond.push_back({key, position});
    if (same_microsecond.size() > 2 * wanted + 1024) keep_first(wanted);
  }
  flush();
  return found;
}

Status DayReader::add_to(ProjectStats& stats, const Uuid& project) const {
  // The table itself: its rows are small, as payloads are kept apart.
  Result<Statement> statement = database_.prepare(
      "SELECT count(*), min(key), max(key) FROM exchanges NOT INDEXED WHERE project = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t exchanges = statement->integer(0);
  if (exchanges == 0) return {};
  stats.oldest_ns = start_of_key(day_, statement->integer(1), 0);
  if (stats.exchanges == 0) stats.newest_ns = start_of_key(day_, statement->integer(2), 0);
  stats.exchanges += exchanges;
  return {};
}

// The keys' bounds are microseconds; this is exact.
bool DayReader::is_wanted(const Filter& filter, const std::optional<Position>& after,
                          const Position& position) const {
  return (!filter.since_ns || position.start_ns >= *filter.since_ns) &&
         (!filter.until_ns || position.start_ns < *filter.until_ns) &&
         (!after || is_newer(*after, position));
}

Result<Statement> DayReader::prepare_scan(const Filter& filter,
                                          const std::optional<Position>& after) const {
  std::int64_t first = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  const auto last_of = [](std::int64_t time_ns) {
    return first_key_of(time_ns) + (std::int64_t{1} << kArrivalBits) - 1;
  };
  if (filter.since_ns && day_of(*filter.since_ns) == day_) first = first_key_of(*filter.since_ns);
  if (filter.until_ns && day_of(*filter.until_ns) == day_) last = last_of(*filter.until_ns);
  if (after && day_of(after->start_ns) == day_) last = std::min(last, last_of(after->start_ns));

  std::string sql = std::string("SELECT key, nanos, identity FROM exchanges ") + index_for(filter) +
                    " WHERE project = ?1 AND key BETWEEN ?2 AND ?3";
  // The literal lets SQLite see that the partial index has every such row.
  if (filter.status_min && *filter.status_min >= 400) sql += " AND status >= 400";
  if (filter.status_min) sql += " AND status >= ?4";
  if (filter.status_max) sql += " AND status <= ?5";
  if (filter.method) sql += " AND method = ?6";
  if (filter.url_path) sql += " AND url_path = ?7";
  if (filter.kind) sql += " AND direction = ?8";
  if (filter.parent_id) sql += " AND parent = ?9";
  sql += " ORDER BY key DESC";
  Result<Statement> statement = database_.prepare(sql);
  if (!statement) return statement;
  statement->bind_uuid(1, filter.project);
  statement->bind(2, first);
  statement->bind(3, last);
  if (filter.status_min) statement->bind(4, *filter.status_min);
  if (filter.status_max) statement->bind(5, *filter.status_max);
  if (filter.method) statement->bind_text(6, *filter.method);
  if (filter.url_path) statement->bind_text(7, *filter.url_path);
  if (filter.kind) statement->bind(8, *filter.kind == Direction::kOutgoing ? 1 : 0);
  if (filter.parent_id) statement->bind_uuid(9, *filter.parent_id);
  return statement;
}

Result<Record> DayReader::load(std::int64_t key) {
  load_.reset();
  load_.bind(1, key);
  const Result<bool> row = load_.step();
  if (!row) return tl::unexpected(row.error());
  const std::string file = day_file_name(day_);
  if (!*row) return fail(ErrorCode::kCorrupt, file + " is damaged: an index names no row");
  Record record;
  Exchange& exchange = record.exchange;
  const Result<Uuid> project = load_.uuid(1);
  const Result<Uuid> identity = load_.uuid(2);
  if (!project || !identity) return fail(ErrorCode::kCorrupt, file + " is damaged: a wrong id");
  record.project = *project;
  record.identity = *identity;
  exchange.start_ns = start_of_key(day_, key, load_.integer(0));
  if (!load_.is_null(3)) {
    const Result<Uuid> parent = load_.uuid(3);
    if (!parent) return tl::unexpected(parent.error());
    exchange.parent_id = *parent;
  }
  exchange.direction = load_.integer(4) == 0 ? Direction::kIncoming : Direction::kOutgoing;
  exchange.status_code = static_cast<int>(load_.integer(5));
  exchange.method = load_.bytes(6);
  exchange.url_path = load_.bytes(7);
  Status decoded = decoder_.decode(load_.bytes(8), record);
  load_.reset();
  if (!decoded) return fail(decoded.error().code, file + ": " + decoded.error().message);
  return record;
}

}  // namespace apitoolkit::server::store
