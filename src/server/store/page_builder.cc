#include "src/server/store/page_builder.h"

#include <algorithm>
#include <utility>

#include "src/server/store/exchange_size.h"

namespace apitoolkit::server::store {

Position position_of(const Record& record) {
  return Position{record.exchange.start_ns, record.identity};
}

bool is_newer(const Position& a, const Position& b) {
  return a.start_ns != b.start_ns ? a.start_ns > b.start_ns : a.identity > b.identity;
}

PageBuilder::PageBuilder(PageLimit limit) : limit_(std::move(limit)) {
  limit_.rows = std::max(limit_.rows, 1);
}

int PageBuilder::rows_left() const {
  // Unreadable rows count too: a page of a damaged file must not read on without bound.
  const auto taken = static_cast<std::int64_t>(page_.records.size()) + page_.unreadable;
  return static_cast<int>(std::max<std::int64_t>(limit_.rows - taken, 0));
}

bool PageBuilder::add(Record&& record) {
  const std::int64_t bytes = memory_bytes(record.exchange);
  const bool too_much = !page_.records.empty() && bytes_ + bytes > limit_.bytes;
  if (rows_left() == 0 || too_much) {
    end_with_more();
    return false;
  }
  bytes_ += bytes;
  last_ = position_of(record);
  page_.records.push_back(std::move(record));
  return true;
}

void PageBuilder::skip_unreadable(const Position& position, std::int64_t rows) {
  page_.unreadable += rows;
  last_ = position;
}

void PageBuilder::end_with_more() {
  page_.next = last_;
}

}  // namespace apitoolkit::server::store
