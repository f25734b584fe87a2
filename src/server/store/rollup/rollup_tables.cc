#include "src/server/store/rollup/rollup_tables.h"

#include <utility>

namespace apitoolkit::server::store {
namespace {

constexpr int kLevel = 1;
constexpr std::int64_t kRowBytesMax = 256 << 20;  // inflated

constexpr const char* kTables = R"sql(
  CREATE TABLE rollups(key INTEGER PRIMARY KEY, frame BLOB NOT NULL) STRICT;
  CREATE TABLE rollup_projects(
    id INTEGER PRIMARY KEY, project BLOB NOT NULL UNIQUE) STRICT;
  CREATE TABLE rollup_endpoints(
    id INTEGER PRIMARY KEY, project INTEGER NOT NULL, direction INTEGER NOT NULL,
    method BLOB NOT NULL, host BLOB NOT NULL, path BLOB NOT NULL) STRICT;
  CREATE INDEX rollup_endpoints_project ON rollup_endpoints(project);
  CREATE TABLE rolled_up(
    block INTEGER PRIMARY KEY, unreadable INTEGER NOT NULL) STRICT;
)sql";

// Rows of one project, kind and span lie together, in the order of their time.
constexpr int kMinuteBits = 11;
constexpr int kSpanBits = 2;
std::int64_t key_of(std::int64_t project, RollupKind kind, RollupSpan span, std::int64_t minute) {
  std::int64_t key = project << 1 | static_cast<std::int64_t>(kind);
  key = key << kSpanBits | static_cast<std::int64_t>(span);
  return key << kMinuteBits | minute;
}

}  // namespace

Status make_rollup_tables(Database& database) {
  // The last of them.
  const Result<std::int64_t> there =
      database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'rolled_up'");
  if (!there) return tl::unexpected(there.error());
  if (*there > 0) return {};
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  Status made = database.execute(kTables);
  return made ? transaction->commit() : made;
}

Status empty_rollup_tables(Database& database) {
  return database.execute(
      "DELETE FROM rolled_up; DELETE FROM rollups; DELETE FROM rollup_endpoints;"
      "DELETE FROM rollup_projects");
}

Status clear_rollup_tables(Database& database) {
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  Status cleared = empty_rollup_tables(database);
  return cleared ? transaction->commit() : cleared;
}

Result<bool> RollupTables::is_rolled_up(std::int64_t block) const {
  Result<Statement> statement = database_.prepare("SELECT 1 FROM rolled_up WHERE block = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, block);
  return statement->step();
}

Result<std::map<std::int64_t, std::int64_t>> RollupTables::rolled_up() const {
  Result<Statement> statement = database_.prepare("SELECT block, unreadable FROM rolled_up");
  if (!statement) return tl::unexpected(statement.error());
  std::map<std::int64_t, std::int64_t> blocks;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return blocks;
    blocks.emplace_hint(blocks.end(), statement->integer(0), statement->integer(1));
  }
}

Result<std::optional<std::int64_t>> RollupTables::project_number(const Uuid& project) const {
  Result<Statement> statement =
      database_.prepare("SELECT id FROM rollup_projects WHERE project = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return *row ? std::optional(statement->integer(0)) : std::nullopt;
}

Result<std::vector<RollupTables::Endpoint>> RollupTables::endpoints(std::int64_t project) const {
  Result<Statement> statement = database_.prepare(
      "SELECT id, direction, method, host, path FROM rollup_endpoints"
      " INDEXED BY rollup_endpoints_project WHERE project = ?1");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, project);
  std::vector<Endpoint> found;
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return found;
    found.push_back({statement->integer(0),
                     statement->integer(1) == 0 ? Direction::kIncoming : Direction::kOutgoing,
                     std::string(statement->bytes(2)), std::string(statement->bytes(3)),
                     std::string(statement->bytes(4))});
  }
}

std::int64_t RollupTables::minute_of(std::int64_t key) {
  return key & ((1 << kMinuteBits) - 1);
}

Result<Statement> RollupTables::select(std::int64_t project, RollupKind kind,
                                       const RollupPiece& piece) const {
  Result<Statement> statement =
      database_.prepare("SELECT key, frame FROM rollups WHERE key BETWEEN ?1 AND ?2 ORDER BY key");
  if (!statement) return statement;
  statement->bind(1, key_of(project, kind, piece.span, piece.begin_minute));
  statement->bind(2, key_of(project, kind, piece.span, piece.end_minute - 1));
  return statement;
}

Result<std::string> RollupTables::inflate(std::string_view frame) {
  return reader_.inflate(frame, kRowBytesMax);
}

Result<std::int64_t> RollupTables::add_project(const Uuid& project) {
  Result<Statement> statement =
      database_.prepare("INSERT INTO rollup_projects(project) VALUES(?1) RETURNING id");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_uuid(1, project);
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t number = statement->integer(0);
  if (Status done = statement->run(); !done) return tl::unexpected(done.error());
  return number;
}

Result<std::int64_t> RollupTables::add_endpoint(std::int64_t project, const Endpoint& endpoint) {
  Result<Statement> statement = database_.prepare(
      "INSERT INTO rollup_endpoints(project, direction, method, host, path)"
      " VALUES(?1, ?2, ?3, ?4, ?5) RETURNING id");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, project);
  statement->bind(2, endpoint.direction == Direction::kIncoming ? 0 : 1);
  statement->bind_blob(3, endpoint.method);
  statement->bind_blob(4, endpoint.host);
  statement->bind_blob(5, endpoint.path);
  const Result<bool> row = statement->step();
  if (!row) return tl::unexpected(row.error());
  const std::int64_t number = statement->integer(0);
  if (Status done = statement->run(); !done) return tl::unexpected(done.error());
  return number;
}

Status RollupTables::put_row(std::int64_t project, RollupKind kind, RollupSpan span,
                             std::int64_t minute, std::string_view bytes) {
  const Result<std::string> frame = writer_.compress(bytes, kLevel);
  if (!frame) return tl::unexpected(frame.error());
  Result<Statement> statement =
      database_.prepare("INSERT OR REPLACE INTO rollups(key, frame) VALUES(?1, ?2)");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, key_of(project, kind, span, minute));
  statement->bind_blob(2, *frame);
  return statement->run();
}

Status RollupTables::put_rolled_up(std::int64_t block, std::int64_t unreadable) {
  Result<Statement> statement =
      database_.prepare("INSERT INTO rolled_up(block, unreadable) VALUES(?1, ?2)");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind(1, block);
  statement->bind(2, unreadable);
  return statement->run();
}

}  // namespace apitoolkit::server::store
