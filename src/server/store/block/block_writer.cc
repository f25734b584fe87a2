#include "src/server/store/block/block_writer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/block/page.h"

namespace apitoolkit::server::store {
namespace {

constexpr int kColumnLevel = 1;
constexpr std::size_t kColumnAloneBytesMin = 2048;
constexpr int kPageLevel = 1;
constexpr int kMergedPageLevel = 3;           // off the ingest path, and kept for long
constexpr std::uint32_t kPageRowsKept = 512;  // a page of so many is not packed anew
constexpr std::uint32_t kListedMax = 48;      // values of a column that its header lists
constexpr std::size_t kListedBytesMax = 1024;

// A block's rows, before they are bytes.
struct Rows {
  Uuid project{};
  std::vector<Uuid> identities;
  std::array<Numbers, kNumberColumns> numbers;
  std::array<Texts, kTextColumns> texts;

  Numbers& column(NumberColumn which) { return numbers[static_cast<std::size_t>(which)]; }
};

// Packs rows into pages.
class PageWriter {
 public:
  PageWriter(PageEncoder& encoder, FrameWriter& frames, int level)
      : encoder_(encoder), frames_(frames), level_(level) {
    encoder_.clear();
  }

  // Adds a row and returns its location.
  Result<std::int64_t> add(const Record& record) {
    if (encoder_.is_full_for(record)) {
      if (Status ended = end(); !ended) return tl::unexpected(ended.error());
    }
    if (encoder_.empty()) page_ = new_page();
    if (Status added = encoder_.add(record); !added) return tl::unexpected(added.error());
    return location(page_, encoder_.rows() - 1);
  }

  // Takes a page as it is and returns its number.
  std::uint32_t take_over(PageFrames frames, std::uint32_t rows) {
    const std::uint32_t page = new_page();
    put(page, std::move(frames), rows);
    return page;
  }

  Status end() {
    if (encoder_.empty()) return {};
    const std::uint32_t rows = encoder_.rows();
    Result<PageFrames> frames = encoder_.end(frames_, level_);
    if (!frames) return tl::unexpected(frames.error());
    put(page_, std::move(*frames), rows);
    return {};
  }

  static std::int64_t location(std::uint32_t page, std::uint32_t row) {
    return static_cast<std::int64_t>(page) * kPageRowsMax + row;
  }

  std::vector<BlockPart> take_parts() { return std::move(parts_); }
  std::vector<std::uint32_t> take_page_rows() { return std::move(page_rows_); }

 private:
  std::uint32_t new_page() {
    page_rows_.push_back(0);
    return static_cast<std::uint32_t>(page_rows_.size() - 1);
  }
  void put(std::uint32_t page, PageFrames frames, std::uint32_t rows) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      parts_.push_back({page_part(page, static_cast<PageSection>(i)), std::move(frames[i])});
    }
    page_rows_[page] = rows;
  }

  PageEncoder& encoder_;
  FrameWriter& frames_;
  const int level_;
  std::uint32_t page_ = 0;  // the one that is filled
  std::vector<std::uint32_t> page_rows_;
  std::vector<BlockPart> parts_;
};

void summarise(const Rows& rows, BlockHeader& header) {
  header.project = rows.project;
  header.rows = static_cast<std::uint32_t>(rows.identities.size());
  for (std::size_t i = 0; i < rows.numbers.size(); ++i) {
    const auto [min, max] = std::minmax_element(rows.numbers[i].begin(), rows.numbers[i].end());
    header.ranges[i] = {*min, *max};
  }
  const Numbers& starts = rows.numbers[static_cast<std::size_t>(NumberColumn::kStart)];
  for (std::size_t i = 0; i < rows.identities.size(); ++i) {
    if (is_stray(rows.identities[i], starts[i])) {
      ++header.strays;
      continue;
    }
    const std::int64_t ms = *told_ms(rows.identities[i]);
    const bool first = header.identity_ms_min > header.identity_ms_max;
    header.identity_ms_min = first ? ms : std::min(header.identity_ms_min, ms);
    header.identity_ms_max = first ? ms : std::max(header.identity_ms_max, ms);
  }
}

std::vector<std::string> encode_columns(const Rows& rows, BlockHeader& header) {
  std::vector<std::string> columns(kColumns);
  append_ids(rows.identities, columns[kIdentityColumn]);
  for (int i = 0; i < kNumberColumns; ++i) {
    const Numbers* values = &rows.numbers[static_cast<std::size_t>(i)];
    Numbers since_last;
    if (static_cast<NumberColumn>(i) == NumberColumn::kStart) {
      std::uint64_t last = 0;
      for (const std::int64_t value : *values) {
        since_last.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(value) -
                                                       std::exchange(last, value)));
      }
      values = &since_last;
    }
    append_numbers(*values, columns[1 + static_cast<std::size_t>(i)]);
  }
  for (int i = 0; i < kTextColumns; ++i) {
    const Texts& texts = rows.texts[static_cast<std::size_t>(i)];
    TextSummary& summary = header.texts[static_cast<std::size_t>(i)];
    std::string& column = columns[1 + std::size_t{kNumberColumns} + static_cast<std::size_t>(i)];
    summary.distinct = texts.distinct();
    const bool few = texts.distinct() <= kListedMax && texts.value_bytes() <= kListedBytesMax;
    texts.append_values(few ? header.listed : column);
    summary.listed_end = static_cast<std::uint32_t>(header.listed.size());
    texts.append_codes(column);
  }
  return columns;
}

// What is much is a part of its own, so that nobody inflates it who does not need it; the rest is
// together, because a part by itself takes room in the file for more than its bytes.
Status put_columns(const Rows& rows, FrameWriter& frames, BlockHeader& header,
                   std::vector<BlockPart>& parts) {
  const std::vector<std::string> columns = encode_columns(rows, header);
  std::string together;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string& column = columns[i];
    if (column.size() >= kColumnAloneBytesMin) {
      Result<std::string> frame = frames.compress(column, kColumnLevel);
      if (!frame) return tl::unexpected(frame.error());
      if (frame->size() >= kColumnAloneBytesMin ||
          together.size() + column.size() > kColumnsTogetherBytesMax) {
        header.column_bytes[i] = kColumnAlone;
        parts.push_back({kFirstColumnPart + static_cast<int>(i), std::move(*frame)});
        continue;
      }
    }
    header.column_bytes[i] = static_cast<std::uint32_t>(column.size());
    together += column;
  }
  Result<std::string> frame = frames.compress(together, kColumnLevel);
  if (!frame) return tl::unexpected(frame.error());
  parts.push_back({kColumnsPart, std::move(*frame)});
  return {};
}

Result<EncodedBlock> finish(const Rows& rows, PageWriter& pages, FrameWriter& frames) {
  BlockHeader header;
  summarise(rows, header);
  header.page_rows = pages.take_page_rows();
  EncodedBlock block;
  block.parts = pages.take_parts();
  if (Status put = put_columns(rows, frames, header, block.parts); !put) {
    return tl::unexpected(put.error());
  }
  auto filter = std::make_shared<BloomFilter>(rows.identities.size());
  const Numbers& starts = rows.numbers[static_cast<std::size_t>(NumberColumn::kStart)];
  for (std::size_t i = 0; i < rows.identities.size(); ++i) {
    const std::uint64_t hash = identity_hash(rows.identities[i]);
    filter->add(hash);
    if (is_stray(rows.identities[i], starts[i])) block.stray_hashes.push_back(hash);
  }
  Result<std::string> filter_frame = frames.compress(filter->bytes(), kColumnLevel);
  if (!filter_frame) return tl::unexpected(filter_frame.error());
  block.parts.push_back({kFilterPart, std::move(*filter_frame)});
  for (const BlockPart& part : block.parts) {
    header.stored_bytes += static_cast<std::int64_t>(part.frame.size());
  }
  Result<std::string> header_frame = frames.compress(encode_header(header), kColumnLevel);
  if (!header_frame) return tl::unexpected(header_frame.error());
  block.parts.push_back({kHeaderPart, std::move(*header_frame)});
  header.listed.shrink_to_fit();
  block.header = std::make_shared<const BlockHeader>(std::move(header));
  block.filter = std::move(filter);
  return block;
}

template <class T>
void reorder(std::vector<T>& values, std::span<const std::uint32_t> order) {
  std::vector<T> sorted(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = values[order[i]];
  values = std::move(sorted);
}

void sort_rows(Rows& rows) {
  const Numbers& starts = rows.column(NumberColumn::kStart);
  std::vector<std::uint32_t> order(rows.identities.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return starts[a] != starts[b] ? starts[a] < starts[b] : rows.identities[a] < rows.identities[b];
  });
  reorder(rows.identities, order);
  for (Numbers& numbers : rows.numbers) reorder(numbers, order);
  for (Texts& texts : rows.texts) texts.reorder(order);
}

// Appends the columns of a block; not kLocation.
Status append_rows(BlockReader& block, Rows& rows) {
  const auto ids = block.identities();
  if (!ids) return tl::unexpected(ids.error());
  rows.identities.insert(rows.identities.end(), ids->begin(), ids->end());
  for (int i = 0; i < kNumberColumns; ++i) {
    const auto column = static_cast<NumberColumn>(i);
    if (column == NumberColumn::kLocation) continue;
    const auto values = block.numbers(column);
    if (!values) return tl::unexpected(values.error());
    rows.column(column).insert(rows.column(column).end(), values->begin(), values->end());
  }
  for (int i = 0; i < kTextColumns; ++i) {
    const Result<const Texts*> values = block.texts(static_cast<TextColumn>(i));
    if (!values) return tl::unexpected(values.error());
    for (std::size_t row = 0; row < block.rows(); ++row) {
      rows.texts[static_cast<std::size_t>(i)].add((*values)->at(row));
    }
  }
  return {};
}

Status append_pages(BlockReader& block, PageWriter& pages, Numbers& locations) {
  constexpr std::int64_t kNotKept = -1;
  std::vector<std::int64_t> kept(block.header().page_rows.size(), kNotKept);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::uint32_t rows = block.header().page_rows[i];
    if (rows < kPageRowsKept) continue;
    Result<PageFrames> frames = block.page_frames(i);
    if (!frames) return tl::unexpected(frames.error());
    kept[i] = pages.take_over(std::move(*frames), rows);
  }
  const auto old = block.numbers(NumberColumn::kLocation);
  if (!old) return tl::unexpected(old.error());
  for (std::size_t row = 0; row < block.rows(); ++row) {
    const auto place = static_cast<std::uint64_t>((*old)[row]);
    const std::size_t page = place / kPageRowsMax;
    if (page < kept.size() && kept[page] != kNotKept) {
      locations.push_back(PageWriter::location(static_cast<std::uint32_t>(kept[page]),
                                               static_cast<std::uint32_t>(place % kPageRowsMax)));
      continue;
    }
    const Result<Record> record = block.record(row);
    if (!record) return tl::unexpected(record.error());
    const Result<std::int64_t> location = pages.add(*record);
    if (!location) return tl::unexpected(location.error());
    locations.push_back(*location);
  }
  return {};
}

}  // namespace

Result<EncodedBlock> BlockWriter::encode(std::span<const Record* const> records) {
  Rows rows;
  rows.project = records.front()->project;
  rows.identities.reserve(records.size());
  PageWriter pages(pages_, frames_, kPageLevel);
  for (const Record* record : records) {
    rows.identities.push_back(record->identity);
    const Result<std::int64_t> location = pages.add(*record);
    if (!location) return tl::unexpected(location.error());
    rows.column(NumberColumn::kLocation).push_back(*location);
  }
  if (Status ended = pages.end(); !ended) return tl::unexpected(ended.error());
  for (int i = 0; i < kNumberColumns; ++i) {
    const auto column = static_cast<NumberColumn>(i);
    if (column == NumberColumn::kLocation) continue;
    Numbers& values = rows.column(column);
    values.reserve(records.size());
    for (const Record* record : records) values.push_back(number_of(*record, column));
  }
  std::string scratch;
  for (int i = 0; i < kTextColumns; ++i) {
    const auto column = static_cast<TextColumn>(i);
    Texts& texts = rows.texts[static_cast<std::size_t>(i)];
    for (const Record* record : records) texts.add(text_of(*record, column, scratch));
  }
  return finish(rows, pages, frames_);
}

Result<EncodedBlock> BlockWriter::merge(std::span<BlockReader* const> blocks,
                                        std::size_t& at_work) {
  Rows rows;
  rows.project = blocks.front()->header().project;
  PageWriter pages(pages_, frames_, kMergedPageLevel);
  for (at_work = 0; at_work < blocks.size(); ++at_work) {
    BlockReader& block = *blocks[at_work];
    if (Status appended = append_rows(block, rows); !appended) {
      return tl::unexpected(appended.error());
    }
    Numbers& locations = rows.column(NumberColumn::kLocation);
    if (Status appended = append_pages(block, pages, locations); !appended) {
      return tl::unexpected(appended.error());
    }
  }
  if (Status ended = pages.end(); !ended) return tl::unexpected(ended.error());
  sort_rows(rows);
  return finish(rows, pages, frames_);
}

}  // namespace apitoolkit::server::store
