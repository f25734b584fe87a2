// Reads one block, part by part as they are asked for.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/block.h"
#include "src/server/store/block/frame.h"

namespace apitoolkit::server::store {

// Where the frames of one block come from.
class PartSource {
 public:
  virtual ~PartSource() = default;
  // Valid until the next call. kCorrupt where there is no such part.
  virtual Result<std::string_view> part(int number) = 0;
};

// Keeps what it has read. Used by one thread at a time. Any bytes may be in the parts: what is
// damaged is kCorrupt. `source` and `frames` must outlive it.
class BlockReader {
 public:
  BlockReader(std::shared_ptr<const BlockHeader> header, PartSource& source, FrameReader& frames)
      : header_(std::move(header)), source_(source), frames_(&frames) {}
  // For another thread, from now on.
  void use(FrameReader& frames) { frames_ = &frames; }

  const BlockHeader& header() const { return *header_; }
  std::size_t rows() const { return header_->rows; }

  // One element a row; valid as long as the reader is.
  Result<std::span<const Uuid>> identities();
  Result<std::span<const std::int64_t>> numbers(NumberColumn column);
  Result<const Texts*> texts(TextColumn column);

  // Fills in parts of what is in no column of the row (page.h).
  Status read(std::size_t row, unsigned parts, Record& record);
  Result<Record> record(std::size_t row);

  // Valid until the next call of page, read or record.
  Result<PageReader*> page(std::size_t number);
  // False only where no body of the page has a number with these digits in front of its point.
  Result<bool> page_may_hold_number(std::size_t page, std::int64_t whole_part);
  // For merging. The frames of a page, as they are stored.
  Result<PageFrames> page_frames(std::size_t page);

 private:
  struct Page {
    std::size_t number = 0;
    std::unique_ptr<PageReader> reader;
  };

  // The inflated bytes of a column; valid until the next call.
  Result<std::string_view> column(int index);

  const std::shared_ptr<const BlockHeader> header_;
  PartSource& source_;
  FrameReader* frames_;
  std::string column_bytes_;
  std::string filter_bytes_;
  std::optional<std::string> columns_together_;
  std::optional<std::vector<Uuid>> identities_;
  std::array<std::optional<Numbers>, kNumberColumns> numbers_;
  std::array<std::optional<Texts>, kTextColumns> texts_;
  std::vector<Page> pages_;  // the last few
  std::size_t next_page_slot_ = 0;
};

}  // namespace apitoolkit::server::store
