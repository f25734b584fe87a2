#include "src/server/store/block/block_reader.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/number_filter.h"

namespace apitoolkit::server::store {
namespace {

constexpr std::size_t kPagesKept = 4;
constexpr std::size_t kNoPage = ~std::size_t{0};
// A column's texts are parts of records, and a page holds at least one record.
constexpr std::int64_t kPartBytesMax =
    limits::kStoredRecordBytesMax + 4 * kPageBytesMax + (1 << 20);
constexpr std::int64_t kColumnBytesMax = std::int64_t{1} << 31;

tl::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::kCorrupt, std::string("a stored block is damaged: ") + what);
}

}  // namespace

Result<std::string_view> BlockReader::column(int index) {
  const auto number = static_cast<std::size_t>(index);
  if (header_->column_bytes[number] == kColumnAlone) {
    const Result<std::string_view> frame = source_.part(kFirstColumnPart + index);
    if (!frame) return tl::unexpected(frame.error());
    Status done = frames_->inflate(*frame, kColumnBytesMax, column_bytes_);
    if (!done) return tl::unexpected(done.error());
    return std::string_view(column_bytes_);
  }
  if (!columns_together_) {
    const Result<std::string_view> frame = source_.part(kColumnsPart);
    if (!frame) return tl::unexpected(frame.error());
    Result<std::string> bytes = frames_->inflate(*frame, kColumnsTogetherBytesMax);
    if (!bytes) return tl::unexpected(bytes.error());
    columns_together_ = std::move(*bytes);
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < number; ++i) {
    if (header_->column_bytes[i] != kColumnAlone) begin += header_->column_bytes[i];
  }
  const std::size_t size = header_->column_bytes[number];
  if (begin + size > columns_together_->size()) return damaged("its columns are cut short");
  return std::string_view(*columns_together_).substr(begin, size);
}

Result<std::span<const Uuid>> BlockReader::identities() {
  if (!identities_) {
    Result<std::string_view> bytes = column(kIdentityColumn);
    if (!bytes) return tl::unexpected(bytes.error());
    std::vector<Uuid> ids;
    if (!take_ids(*bytes, rows(), ids)) return damaged("its identities cannot be read");
    identities_ = std::move(ids);
  }
  return std::span<const Uuid>(*identities_);
}

Result<std::span<const std::int64_t>> BlockReader::numbers(NumberColumn which) {
  std::optional<Numbers>& kept = numbers_[static_cast<std::size_t>(which)];
  if (!kept) {
    Result<std::string_view> bytes = column(column_index(which));
    if (!bytes) return tl::unexpected(bytes.error());
    Numbers values;
    if (!take_numbers(*bytes, rows(), values)) return damaged("a column of numbers is cut short");
    if (which == NumberColumn::kStart) {
      // Each but the first is the time since the one before it.
      std::uint64_t time = 0;
      for (std::int64_t& value : values) {
        time += static_cast<std::uint64_t>(value);
        value = static_cast<std::int64_t>(time);
      }
    }
    kept = std::move(values);
  }
  return std::span<const std::int64_t>(*kept);
}

Result<const Texts*> BlockReader::texts(TextColumn which) {
  std::optional<Texts>& kept = texts_[static_cast<std::size_t>(which)];
  if (!kept) {
    Result<std::string_view> bytes = column(column_index(which));
    if (!bytes) return tl::unexpected(bytes.error());
    Texts texts;
    std::string_view listed = header_->listed_in(which);
    std::string_view& values = listed.empty() ? *bytes : listed;
    if (!texts.take_values(values, rows()) || !texts.take_codes(*bytes, rows())) {
      return damaged("a column of texts cannot be read");
    }
    kept = std::move(texts);
  }
  return &*kept;
}

Result<PageFrames> BlockReader::page_frames(std::size_t page) {
  PageFrames frames;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto section = static_cast<PageSection>(i);
    const Result<std::string_view> frame = source_.part(page_part(page, section));
    if (!frame) return tl::unexpected(frame.error());
    frames[i] = *frame;
  }
  return frames;
}

Result<bool> BlockReader::page_may_hold_number(std::size_t page, std::int64_t whole_part) {
  const Result<std::string_view> frame = source_.part(page_part(page, PageSection::kNumberFilter));
  if (!frame) return tl::unexpected(frame.error());
  Status done = frames_->inflate(*frame, kPartBytesMax, filter_bytes_);
  if (!done) return tl::unexpected(done.error());
  return may_hold_number(filter_bytes_, whole_part);
}

Result<PageReader*> BlockReader::page(std::size_t number) {
  for (const Page& kept : pages_) {
    if (kept.number == number) return kept.reader.get();
  }
  if (number >= header_->page_rows.size()) return damaged("a page is not there");
  if (pages_.size() < kPagesKept) {
    next_page_slot_ = pages_.size();
    pages_.push_back({number, std::make_unique<PageReader>()});
  } else {
    next_page_slot_ = (next_page_slot_ + 1) % kPagesKept;
  }
  Page& page = pages_[next_page_slot_];
  page.number = kNoPage;
  Status opened = page.reader->open(
      header_->page_rows[number],
      [this, number](PageSection section, std::string& bytes) -> Status {
        const Result<std::string_view> frame = source_.part(page_part(number, section));
        if (!frame) return tl::unexpected(frame.error());
        return frames_->inflate(*frame, kPartBytesMax, bytes);
      });
  if (!opened) return tl::unexpected(opened.error());
  page.number = number;
  return page.reader.get();
}

Status BlockReader::read(std::size_t row, unsigned parts, Record& record) {
  const auto locations = numbers(NumberColumn::kLocation);
  if (!locations) return tl::unexpected(locations.error());
  const auto location = static_cast<std::uint64_t>((*locations)[row]);
  const Result<PageReader*> found = page(location / kPageRowsMax);
  if (!found) return tl::unexpected(found.error());
  return (*found)->read(location % kPageRowsMax, parts, record);
}

Result<Record> BlockReader::record(std::size_t row) {
  Record record;
  record.project = header_->project;
  const auto ids = identities();
  if (!ids) return tl::unexpected(ids.error());
  record.identity = (*ids)[row];
  for (int i = 0; i < kNumberColumns; ++i) {
    const auto column = static_cast<NumberColumn>(i);
    if (column == NumberColumn::kLocation) continue;
    const auto values = numbers(column);
    if (!values) return tl::unexpected(values.error());
    set_number(record, column, (*values)[row]);
  }
  for (int i = 0; i < kTextColumns; ++i) {
    const auto column = static_cast<TextColumn>(i);
    const Result<const Texts*> values = texts(column);
    if (!values) return tl::unexpected(values.error());
    if (!set_text(record, column, (*values)->at(row))) return damaged("a text is wrong");
  }
  if (Status done = read(row, kRowWhole, record); !done) return tl::unexpected(done.error());
  return record;
}

}  // namespace apitoolkit::server::store
