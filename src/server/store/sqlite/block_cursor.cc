#include "src/server/store/sqlite/block_cursor.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/query/analysis.h"
#include "src/server/store/exchange_size.h"
#include "src/server/store/matching.h"
#include "src/server/store/page_builder.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kRecordsAheadMax = 16;  // of a block
constexpr std::int64_t kRecordsAheadBytesMax = 1 << 20;

// What a header says without its columns: false only where no row can match.
bool may_match(const BlockHeader& header, const Filter& filter,
               const std::optional<Position>& after) {
  const Range& status = header.range(NumberColumn::kStatus);
  const auto lists = [&](TextColumn column, std::string_view wanted) {
    std::string_view listed = header.listed_in(column);
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

}  // namespace

Result<Search> Search::of(const Filter& filter) {
  Search search;
  search.filter = filter;
  Result<std::optional<query::Matcher>> matcher = matcher_of(filter);
  if (!matcher) return tl::unexpected(matcher.error());
  if (!*matcher) return search;
  search.passes = [matches = std::move(**matcher)](query::Source& exchange) {
    return matches.matches(exchange);
  };
  query::Analysis analysis = query::analyze(*filter.where, filter.now_ns);
  search.conditions = BlockConditions(std::move(analysis.narrow));
  search.required = RequiredTexts(analysis.required);
  search.where_fields = analysis.where_fields;
  search.fields = analysis.fields;
  const query::TimeRange time =
      query::intersection(analysis.time, {filter.since_ns, filter.until_ns});
  search.filter.since_ns = time.since_ns;
  search.filter.until_ns = time.until_ns;
  return search;
}

bool Search::may_be_in(const BlockHeader& header) const {
  return may_match(header, filter, after) && conditions.may_hold(header);
}

Status BlockCursor::keep_texts(TextColumn column, std::string_view wanted) {
  const Result<const Texts*> texts = reader_->texts(column);
  if (!texts) return tl::unexpected(texts.error());
  std::erase_if(rows_, [&](std::uint32_t row) { return (*texts)->at(row) != wanted; });
  return {};
}

Status BlockCursor::select(const Search& search) {
  const Filter& filter = search.filter;
  const std::optional<Position>& after = search.after;
  const Result<bool> may_be = search.required.may_be_in(*reader_);
  if (!may_be) return tl::unexpected(may_be.error());
  if (!*may_be) return {};
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
  if (filter.parent_id) {
    const std::string_view wanted(reinterpret_cast<const char*>(filter.parent_id->data()),
                                  sizeof(Uuid));
    if (Status kept = keep_texts(TextColumn::kParent, wanted); !kept) return kept;
  }
  if (Status selected = search.conditions.select(*reader_, rows_); !selected) return selected;
  return search.required.select(*reader_, rows_);
}

Status BlockCursor::keep_passing(const Search& search, query::Scanned& scanned) {
  all_pass_ = true;
  if (!search.passes) return {};
  RowLoader loader(*reader_, search.where_fields);
  int until_look = limits::kQueryRowsPerLook;
  std::size_t kept = 0;
  for (const std::uint32_t row : rows_) {
    if (--until_look == 0) {
      until_look = limits::kQueryRowsPerLook;
      if (Status fine = search.control.check(); !fine) return fine;
    }
    const Result<const Record*> record = loader.load(row);
    if (!record && record.error().code != ErrorCode::kCorrupt) {
      return tl::unexpected(record.error());
    }
    // One that cannot be read is told where it is reached.
    if (record) source_.reset(stored_exchange(**record));
    if (!record || search.passes(source_)) rows_[kept++] = row;
  }
  scanned.exchanges += static_cast<std::int64_t>(rows_.size() - kept);
  rows_.resize(kept);
  return {};
}

Result<bool> BlockCursor::passes(const Search& search) {
  if (all_pass_ || !search.passes) return true;
  if (!where_loader_) where_loader_.emplace(*reader_, search.where_fields);
  const Result<const Record*> record = where_loader_->load(row());
  if (!record) return tl::unexpected(record.error());
  source_.reset(stored_exchange(**record));
  return search.passes(source_);
}

void BlockCursor::read_ahead(const Search& search) {
  if (!search.wants_records) return;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < std::min(rows_.size(), kRecordsAheadMax); ++i) {
    Result<Record> record = reader_->record(rows_[rows_.size() - 1 - i]);
    if (!record) return;  // told where it is reached
    bytes += memory_bytes(record->exchange);
    records_.push_back(std::move(*record));
    if (bytes > kRecordsAheadBytesMax) return;
  }
}

Result<Record> BlockCursor::record() {
  if (records_passed_ < records_.size()) return std::move(records_[records_passed_]);
  return reader_->record(row());
}

void BlockCursor::next() {
  rows_.pop_back();
  ++records_passed_;
}

Result<const Record*> BlockCursor::load(const Search& search) {
  if (!loader_) loader_.emplace(*reader_, search.fields);
  return loader_->load(row());
}

}  // namespace apitoolkit::server::store
