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

// What is looked for in a page: a word that stands in the text of a value or around it.
struct SoughtText {
  std::string text;  // ASCII letters folded to lower case
  unsigned parts = kRowWhole;
  // Of bodies: `text` is what a JSON string says, which may be written with escapes.
  bool in_json_text = false;
  // Of bodies: `text` is the digits in front of the point of a number, which is the member `member`
  // or in its list; any member where that is empty.
  bool plain_number = false;
  std::string member;
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
  // Marks the rows that may have the text in one of its parts; inflates what that takes, and no
  // more.
  Status find(const SoughtText& sought, std::vector<char>& rows);
  // Fills in those parts of `record`, in which the columns have been set; of a part that is not
  // wanted nothing is touched.
  Status read(std::size_t row, unsigned parts, Record& record);

 private:
  PageReader(std::uint32_t rows, Sections sections) : rows_(rows), sections_(std::move(sections)) {}
  struct Hits;
  Status read_structure();
  Status take_numbers();
  Status read_numbers();
  Status inflate_texts();
  Status read_texts();
  Status read_ids();
  // Finds the places of all values.
  Status walk_rows();
  bool walk(std::uint32_t shape, int level);
  bool append_body(std::uint32_t shape, std::size_t& next, std::string& out) const;
  Status find_number(const SoughtText& sought, Hits& hits);
  Status find_word(const SoughtText& sought, std::string_view word, Hits& hits);
  Status find_in_typed_values(std::string_view word, Hits& hits);
  bool has_hit(const Hits& hits, std::uint32_t shape, std::size_t& next) const;

  const std::uint32_t rows_;
  const Sections sections_;
  std::string structure_, numbers_, texts_, ids_;  // what views point into
  ValueStreamsReader values_;
  bool has_numbers_ = false;
  bool has_texts_ = false;
  bool has_ids_ = false;
  std::vector<Shape> shapes_;
  std::vector<std::size_t> reached_;   // while walking: of each stream
  std::vector<std::uint32_t> places_;  // of all values, as they stand in the rows
  std::vector<std::size_t> begins_;    // in places_: three a row, and the end
};

}  // namespace apitoolkit::server::store
