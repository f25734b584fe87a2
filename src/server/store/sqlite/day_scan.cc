#include "src/server/store/sqlite/day_scan.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "src/base/limits.h"
#include "src/server/store/sqlite/cursors_ahead.h"

namespace apitoolkit::server::store {
namespace {

Uuid last_identity() {
  Uuid id;
  id.fill(0xff);
  return id;
}

// The cursors of the blocks that have been reached, as a heap with the newest row on top.
class Cursors {
 public:
  bool empty() const { return heap_.empty(); }
  BlockCursor& top() { return *heap_.front(); }
  void push(std::unique_ptr<BlockCursor> cursor) {
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
  static bool is_older(const std::unique_ptr<BlockCursor>& a,
                       const std::unique_ptr<BlockCursor>& b) {
    return is_newer(b->position(), a->position());
  }
  std::vector<std::unique_ptr<BlockCursor>> heap_;
};

}  // namespace

Status walk_day(DayReader& day, const Search& search,
                const std::function<Result<bool>(BlockCursor&)>& row,
                const std::function<void(const Position&, std::int64_t)>& damaged,
                query::Scanned& scanned) {
  std::vector<StoredBlock> blocks;
  for (const StoredBlock& block : day.blocks()) {
    const bool wanted = search.may_be_in(*block.header);
    if (wanted) blocks.push_back(block);
    if (wanted || block.header->project != search.filter.project) continue;
    ++scanned.blocks_skipped;
    search.control.pass(static_cast<std::int64_t>(block.header->rows));
  }
  std::sort(blocks.begin(), blocks.end(), [](const StoredBlock& a, const StoredBlock& b) {
    return a.header->last_ns() > b.header->last_ns();
  });
  CursorsAhead ahead(day, search, std::move(blocks));
  Cursors cursors;
  for (;;) {
    while (!ahead.at_end() && (cursors.empty() || ahead.block().header->last_ns() >=
                                                      cursors.top().position().start_ns)) {
      if (Status fine = search.control.check(); !fine) return fine;
      const BlockHeader& header = *ahead.block().header;
      ++scanned.blocks_read;
      Result<std::unique_ptr<BlockCursor>> cursor = ahead.open(scanned);
      // Its rows come one by one, newest first; for a figure that grows this is near enough.
      search.control.pass(static_cast<std::int64_t>(header.rows));
      if (cursor) {
        cursors.push(std::move(*cursor));
      } else if (cursor.error().code == ErrorCode::kCorrupt) {
        // All of it counts where the block would begin, so once in all pages together.
        const Position begin{header.last_ns(), last_identity()};
        if (!search.after || is_newer(*search.after, begin)) {
          damaged(begin, static_cast<std::int64_t>(header.rows));
        }
      } else {
        return tl::unexpected(cursor.error());
      }
    }
    if (cursors.empty()) return {};
    const Result<bool> more = row(cursors.top());
    if (more && !*more) return {};
    if (!more && more.error().code != ErrorCode::kCorrupt) return tl::unexpected(more.error());
    if (!more) damaged(cursors.top().position(), 1);
    cursors.next();
  }
}

Status scan_day(DayReader& day, const Search& search, PageBuilder& page) {
  query::Scanned scanned;
  int until_look = limits::kQueryRowsPerLook;
  const auto row = [&](BlockCursor& cursor) -> Result<bool> {
    if (--until_look == 0) {
      until_look = limits::kQueryRowsPerLook;
      if (Status fine = search.control.check(); !fine) return tl::unexpected(fine.error());
    }
    const Result<bool> passes = cursor.passes(search);
    if (!passes) return tl::unexpected(passes.error());
    if (!*passes) return true;
    if (page.rows_left() == 0) {
      page.end_with_more();
      return false;
    }
    Result<Record> record = cursor.record();
    if (!record) return tl::unexpected(record.error());
    return page.add(std::move(*record));
  };
  const auto damaged = [&](const Position& position, std::int64_t rows) {
    page.skip_unreadable(position, rows);
  };
  return walk_day(day, search, row, damaged, scanned);
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
