// A page: for up to kPageRowsMax exchanges what is in no column. It is a number of sections, each
// compressed by itself, so that who looks for one thing need not inflate the others:
//
//   kStructure   streams (value_streams.h), then the shapes as Texts::append_values writes them
//   kNumbers, kTexts, kIds   of value_streams.h
//
// The first three streams have no name and are of kind kList: for each row the shape of its fields,
// of its request body and of its response body.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/server/store/block/frame.h"
#include "src/server/store/block/record_fields.h"
#include "src/server/store/block/shape.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {

inline constexpr std::uint32_t kPageRowsMax = 1024;
inline constexpr std::int64_t kPageBytesMax = 4
                                              << 20;  // before splitting; unless one row is larger

enum class PageSection : std::uint8_t { kStructure, kNumbers, kTexts, kIds };
inline constexpr int kPageSections = 4;

// Parts of a row.
inline constexpr unsigned kRowFields = 1;
inline constexpr unsigned kRowRequestBody = 2;
inline constexpr unsigned kRowResponseBody = 4;
inline constexpr unsigned kRowWhole = 7;

// The frames of a page's sections.
using PageFrames = std::array<std::string, kPageSections>;

// Used by one thread at a time.
class PageEncoder {
 public:
  // kInvalidArgument where the record is too big.
  Status add(const Record& record);
  bool empty() const { return rows_ == 0; }
  std::uint32_t rows() const { return rows_; }
  // Whether the record is for the next page.
  bool is_full_for(const Record& record) const;
  // Ends the page and begins the next.
  Result<PageFrames> end(FrameWriter& frames, int level);
  void clear();

 private:
  ValueStreamsWriter values_;
  ShapesWriter shapes_;
  JsonSplitter splitter_{values_, shapes_};
  std::uint32_t rows_ = 0;
  std::int64_t bytes_ = 0;
  std::string shape_;
};

// Keeps what it has inflated. Used by one thread at a time.
class PageReader {
 public:
  // Inflates a section.
  using Sections = std::function<Result<std::string>(PageSection)>;

  // kCorrupt. `sections` is called until the reader is gone.
  static Result<std::unique_ptr<PageReader>> open(std::uint32_t rows, Sections sections);
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;

  std::uint32_t rows() const { return rows_; }
  // Fills in those parts of `record`, in which the columns have been set; of a part that is not
  // wanted nothing is touched.
  Status read(std::size_t row, unsigned parts, Record& record);

 private:
  PageReader(std::uint32_t rows, Sections sections) : rows_(rows), sections_(std::move(sections)) {}
  Status read_structure();
  Status read_values();
  // Finds the places of a shape's values, and of those in it.
  bool walk(std::uint32_t shape, int level);
  bool append_body(std::uint32_t shape, std::size_t& next, std::string& out) const;

  const std::uint32_t rows_;
  const Sections sections_;
  std::string structure_, texts_, ids_;  // what views point into
  ValueStreamsReader values_;
  bool has_values_ = false;
  std::vector<Shape> shapes_;
  std::vector<std::size_t> reached_;   // while walking: of each stream
  std::vector<std::uint32_t> places_;  // of all values, as they stand in the rows
  std::vector<std::size_t> begins_;    // in places_: three a row, and the end
};

}  // namespace apitoolkit::server::store
