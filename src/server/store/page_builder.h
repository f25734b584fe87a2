// Fills one page of a scan, so that every store cuts its pages at the same row.
#pragma once

#include <cstdint>
#include <optional>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

// Where a record stands in the order of scans.
Position position_of(const Record& record);

// The order of scans: whether `a` comes before `b`, that is, is newer.
bool is_newer(const Position& a, const Position& b);

// Matching rows are offered newest first until one does not fit.
class PageBuilder {
 public:
  explicit PageBuilder(PageLimit limit);

  // How many more rows fit by number; 0 means that the next one must be refused.
  int rows_left() const;

  // Takes the record; false if it is for the next page, which ends this one.
  bool add(Record&& record);
  // Rows that are there and cannot be read, of which the last is at that position.
  void skip_unreadable(const Position& position, std::int64_t rows);
  // Ends the page because at least one more row matches.
  void end_with_more();

  bool ended() const { return page_.next.has_value(); }
  Page take() { return std::move(page_); }

 private:
  PageLimit limit_;
  Page page_;
  std::int64_t bytes_ = 0;
  std::optional<Position> last_;
};

}  // namespace apitoolkit::server::store
