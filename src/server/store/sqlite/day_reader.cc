#include "src/server/store/sqlite/day_reader.h"

#include <algorithm>
#include <utility>

namespace apitoolkit::server::store {
namespace {

constexpr std::int64_t kHeaderBytesMax = 1 << 20;

class ReaderParts final : public PartSource {
 public:
  ReaderParts(Statement& select, std::int64_t block) : select_(select), block_(block) {}
  Result<std::string_view> part(int number) override { return read_part(select_, block_, number); }

 private:
  Statement& select_;
  const std::int64_t block_;
};

}  // namespace

Result<DayReader> DayReader::open(const std::string& path, std::int64_t day) {
  Result<Database> database = Database::open(path, Database::Access::kRead);
  if (!database) return tl::unexpected(database.error());
  DayReader reader(std::move(*database), day);
  Result<Statement> part = reader.database_->prepare("SELECT frame FROM parts WHERE key = ?1");
  if (!part) return tl::unexpected(part.error());
  Result<Statement> ids = reader.database_->prepare("SELECT id FROM blocks ORDER BY id");
  if (!ids) return tl::unexpected(ids.error());
  reader.select_part_ = std::make_unique<Statement>(std::move(*part));
  reader.select_ids_ = std::move(*ids);
  // The first read opens the log, after which the file's name does not matter any more.
  const Result<std::int64_t> opened = reader.database_->integer("SELECT max(id) FROM blocks");
  if (!opened) return tl::unexpected(opened.error());
  return reader;
}

Status DayReader::begin(DayBlocks& known) {
  known_ = &known;
  if (Status begun = database_->execute("BEGIN"); !begun) return begun;
  Status read = read_blocks();
  if (!read) end();
  return read;
}

void DayReader::end() {
  select_part_->reset();
  blocks_.clear();
  if (database_->in_transaction()) (void)database_->execute("ROLLBACK");
}

Status DayReader::read_blocks() {
  std::vector<std::int64_t> ids;
  for (;;) {
    const Result<bool> row = select_ids_.step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) break;
    ids.push_back(select_ids_.integer(0));
  }
  select_ids_.reset();
  for (const std::int64_t id : ids) {
    if (auto header = known_->header(id)) {
      blocks_.push_back({id, std::move(header)});
      continue;
    }
    const Result<std::string_view> frame = read_part(*select_part_, id, kHeaderPart);
    if (!frame) return tl::unexpected(frame.error());
    const Result<std::string> bytes = frames_.inflate(*frame, kHeaderBytesMax);
    if (!bytes) return tl::unexpected(bytes.error());
    Result<BlockHeader> header = decode_header(*bytes);
    if (!header) return tl::unexpected(header.error());
    blocks_.push_back({id, std::make_shared<const BlockHeader>(std::move(*header))});
  }
  return {};
}

std::unique_ptr<PartSource> DayReader::parts_of(std::int64_t block) {
  return std::make_unique<ReaderParts>(*select_part_, block);
}

Result<std::shared_ptr<const BloomFilter>> DayReader::filter(std::int64_t block) {
  ReaderParts parts(*select_part_, block);
  return filter_of(block, *known_, parts, frames_);
}

Status DayReader::logs(const Uuid& project, std::string_view trace_id, int limit,
                       std::vector<LogEntry>& found) const {
  Result<Statement> statement = database_->prepare(
      "SELECT span_id, time_ns, severity, body, attributes FROM logs INDEXED BY logs_trace"
      " WHERE trace_id = ?1 AND project = ?2 ORDER BY time_ns, id LIMIT ?3");
  if (!statement) return tl::unexpected(statement.error());
  statement->bind_text(1, trace_id);
  statement->bind_uuid(2, project);
  statement->bind(3, std::max(limit, 0));
  for (;;) {
    const Result<bool> row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
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

}  // namespace apitoolkit::server::store
