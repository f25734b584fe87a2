#include "src/server/store/sqlite/day_scan.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace apitoolkit::server::store {
namespace {

Uuid last_identity() {
  Uuid id;
  id.fill(0xff);
  return id;
}

// What a header says without its columns: false only where no row can match.
bool may_match(const BlockHeader& header, const Filter& filter,
               const std::optional<Position>& after) {
  const Range& status = header.range(NumberColumn::kStatus);
  const auto lists = [&](TextColumn column, std::string_view wanted) {
    std::string_view listed = header.summary(column).listed;
    if (listed.empty()) return true;
    Texts texts;
    if (!texts.take_values(listed, header.rows)) return true;
    for (std::uint32_t code = 0; code < texts.distinct(); ++code) {
      if (texts.value(code) == wanted) return true;
    }
    return false;
  };
  return header.project == filter.project &&
         (!filter.since_ns || header.last_ns() >= *filter.since_ns) &&
         (!filter.until_ns || header.first_ns() < *filter.until_ns) &&
         (!after || header.first_ns() <= after->start_ns) &&
         (!filter.status_min || status.max >= *filter.status_min) &&
         (!filter.status_max || status.min <= *filter.status_max) &&
         (!filter.method || lists(TextColumn::kMethod, *filter.method)) &&
         (!filter.url_path || lists(TextColumn::kUrlPath, *filter.url_path));
}

// The rows of a block that match, the newest first.
class Cursor {
 public:
  Cursor(const StoredBlock& block, DayReader& day)
      : parts_(day.parts_of(block.id)),
        reader_(std::make_unique<BlockReader>(block.header, *parts_, day.frames())) {}

  Status select(const Filter& filter, const std::optional<Position>& after);

  bool at_end() const { return rows_.empty(); }
  Position position() const { return {starts_[rows_.back()], ids_[rows_.back()]}; }
  Result<Record> record() { return reader_->record(rows_.back()); }
  void next() { rows_.pop_back(); }

 private:
  Status keep_texts(TextColumn column, std::string_view wanted);

  std::unique_ptr<PartSource> parts_;
  std::unique_ptr<BlockReader> reader_;
  std::span<const std::int64_t> starts_;
  std::span<const Uuid> ids_;
  std::vector<std::uint32_t> rows_;  // oldest first
};

Status Cursor::keep_texts(TextColumn column, std::string_view wanted) {
  const Result<const Texts*> texts = reader_->texts(column);
  if (!texts) return tl::unexpected(texts.error());
  std::erase_if(rows_, [&](std::uint32_t row) { return (*texts)->at(row) != wanted; });
  return {};
}

Status Cursor::select(const Filter& filter, const std::optional<Position>& after) {
  const auto starts = reader_->numbers(NumberColumn::kStart);
  if (!starts) return tl::unexpected(starts.error());
  const auto ids = reader_->identities();
  if (!ids) return tl::unexpected(ids.error());
  starts_ = *starts;
  ids_ = *ids;
  for (std::uint32_t row = 0; row < starts_.size(); ++row) {
    if (filter.since_ns && starts_[row] < *filter.since_ns) continue;
    if (filter.until_ns && starts_[row] >= *filter.until_ns) break;
    if (after && !is_newer(*after, Position{starts_[row], ids_[row]})) continue;
    rows_.push_back(row);
  }
  if (filter.status_min || filter.status_max) {
    const auto statuses = reader_->numbers(NumberColumn::kStatus);
    if (!statuses) return tl::unexpected(statuses.error());
    std::erase_if(rows_, [&](std::uint32_t row) {
      const std::int64_t status = (*statuses)[row];
      return (filter.status_min && status < *filter.status_min) ||
             (filter.status_max && status > *filter.status_max);
    });
  }
  if (filter.kind) {
    const auto flags = reader_->numbers(NumberColumn::kFlags);
    if (!flags) return tl::unexpected(flags.error());
    std::erase_if(rows_, [&](std::uint32_t row) {
      const bool outgoing = ((*flags)[row] & kFlagOutgoing) != 0;
      return outgoing != (*filter.kind == Direction::kOutgoing);
    });
  }
  if (filter.method) {
    if (Status kept = keep_texts(TextColumn::kMethod, *filter.method); !kept) return kept;
  }
  if (filter.url_path) {
    if (Status kept = keep_texts(TextColumn::kUrlPath, *filter.url_path); !kept) return kept;
  }
  if (!filter.parent_id) return {};
  return keep_texts(TextColumn::kParent,
                    {reinterpret_cast<const char*>(filter.parent_id->data()), sizeof(Uuid)});
}

// The cursors of the blocks that have been reached, as a heap with the newest row on top.
class Cursors {
 public:
  bool empty() const { return heap_.empty(); }
  Cursor& top() { return *heap_.front(); }
  void push(std::unique_ptr<Cursor> cursor) {
    if (cursor->at_end()) return;
    heap_.push_back(std::move(cursor));
    std::push_heap(heap_.begin(), heap_.end(), is_older);
  }
  void next() {
    std::pop_heap(heap_.begin(), heap_.end(), is_older);
    heap_.back()->next();
    if (heap_.back()->at_end()) {
      heap_.pop_back();
    } else {
      std::push_heap(heap_.begin(), heap_.end(), is_older);
    }
  }

 private:
  static bool is_older(const std::unique_ptr<Cursor>& a, const std::unique_ptr<Cursor>& b) {
    return is_newer(b->position(), a->position());
  }
  std::vector<std::unique_ptr<Cursor>> heap_;
};

}  // namespace

Status scan_day(DayReader& day, const Filter& filter, const std::optional<Position>& after,
                PageBuilder& page) {
  std::vector<StoredBlock> blocks;
  for (const StoredBlock& block : day.blocks()) {
    if (may_match(*block.header, filter, after)) blocks.push_back(block);
  }
  std::sort(blocks.begin(), blocks.end(), [](const StoredBlock& a, const StoredBlock& b) {
    return a.header->last_ns() > b.header->last_ns();
  });
  Cursors cursors;
  std::size_t reached = 0;
  for (;;) {
    while (reached < blocks.size() && (cursors.empty() || blocks[reached].header->last_ns() >=
                                                              cursors.top().position().start_ns)) {
      const StoredBlock& block = blocks[reached++];
      auto cursor = std::make_unique<Cursor>(block, day);
      Status selected = cursor->select(filter, after);
      if (selected) {
        cursors.push(std::move(cursor));
      } else if (selected.error().code == ErrorCode::kCorrupt) {
        // All of it counts where the block would begin, so once in all pages together.
        const Position begin{block.header->last_ns(), last_identity()};
        if (!after || is_newer(*after, begin)) {
          page.skip_unreadable(begin, static_cast<std::int64_t>(block.header->rows));
        }
      } else {
        return selected;
      }
    }
    if (cursors.empty()) return {};
    if (page.rows_left() == 0) {
      page.end_with_more();
      return {};
    }
    Result<Record> record = cursors.top().record();
    if (record) {
      if (!page.add(std::move(*record))) return {};
    } else if (record.error().code == ErrorCode::kCorrupt) {
      page.skip_unreadable(cursors.top().position(), 1);
    } else {
      return tl::unexpected(record.error());
    }
    cursors.next();
  }
}

Result<std::optional<Record>> fetch_from_day(DayReader& day, const Uuid& project,
                                             const Uuid& identity) {
  const auto told = told_ms(identity);
  const std::uint64_t hash = identity_hash(identity);
  for (const StoredBlock& block : day.blocks()) {
    const BlockHeader& header = *block.header;
    if (header.project != project) continue;
    if (header.strays == 0 && (!told || !header.spans(*told))) continue;
    const auto filter = day.filter(block.id);
    if (!filter) return tl::unexpected(filter.error());
    if (!(*filter)->may_hold(hash)) continue;
    const std::unique_ptr<PartSource> parts = day.parts_of(block.id);
    BlockReader reader(block.header, *parts, day.frames());
    const auto ids = reader.identities();
    if (!ids) return tl::unexpected(ids.error());
    const auto found = std::find(ids->begin(), ids->end(), identity);
    if (found == ids->end()) continue;
    Result<Record> record = reader.record(static_cast<std::size_t>(found - ids->begin()));
    if (!record) return tl::unexpected(record.error());
    return std::optional(std::move(*record));
  }
  return std::optional<Record>();
}

void add_to_stats(const DayReader& day, const Uuid& project, ProjectStats& stats) {
  const bool newest_day = stats.exchanges == 0;
  bool first = true;
  for (const StoredBlock& block : day.blocks()) {
    const BlockHeader& header = *block.header;
    if (header.project != project) continue;
    if (newest_day) {
      stats.newest_ns = first ? header.last_ns() : std::max(stats.newest_ns, header.last_ns());
    }
    stats.oldest_ns = first ? header.first_ns() : std::min(stats.oldest_ns, header.first_ns());
    stats.exchanges += header.rows;
    first = false;
  }
}

}  // namespace apitoolkit::server::store
