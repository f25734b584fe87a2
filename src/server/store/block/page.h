// A page: for up to kPageRowsMax exchanges what is in no column. It is a number of sections, each
// compressed by itself, so that who looks for one thing need not inflate the others:
//
//   kStructure   streams (value_streams.h), then the shapes as Texts::append_values writes them
//   kNumbers, kTexts, kIds   of value_streams.h
//   kNumberFilter   number_filter.h
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

namespace apitoolkit::server::query {
class SearchText;
}

namespace apitoolkit::server::store {

inline constexpr std::uint32_t kPageRowsMax = 1024;
inline constexpr std::int64_t kPageBytesMax = 4
                                              << 20;  // before splitting; unless one row is larger

enum class PageSection : std::uint8_t { kStructure, kNumbers, kTexts, kIds, kNumberFilter };
inline constexpr int kPageSections = 5;

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

  std::int64_t number() const;  // of a plain number's digits
};

// Where in a page a text is: in which shapes, and in which values.
class PageHits {
 public:
  bool none() const { return !any_; }

 private:
  friend class PageReader;
  unsigned parts_ = kRowWhole;
  bool any_ = false;
  bool everywhere_ = false;
  std::vector<char> in_shape_;       // in a literal of it
  std::vector<char> may_be_in_;      // of each shape: there, or in a value of one of its holes
  std::vector<char> in_all_values_;  // of each stream
  // Of each stream: by the places of numbers, by the codes of texts and ids; empty where none is.
  std::vector<std::vector<char>> in_values_;
};

// Reads one page after another, of which it keeps the memory. Used by one thread at a time.
class PageReader {
 public:
  // Inflates a section into the text.
  using Sections = std::function<Status(PageSection, std::string&)>;

  // kCorrupt. `sections` is called until the reader is opened again, or gone.
  Status open(std::uint32_t rows, Sections sections);

  std::uint32_t rows() const { return rows_; }
  // Inflates what that takes, and no more.
  Result<PageHits> find(const SoughtText& sought);
  // Takes the marks from those of the marked rows that have none of the hits.
  Status keep(std::span<const PageHits> any_of, std::vector<char>& marked);
  // Fills in those parts of `record`, in which the columns have been set; of a part that is not
  // wanted nothing is touched.
  Status read(std::size_t row, unsigned parts, Record& record);

 private:
  Status read_structure();
  void read_elements();
  enum class Visit : std::uint8_t { kNot, kOpen, kDone };
  bool is_in_itself(std::uint32_t stream, std::vector<Visit>& visits) const;
  Status read_numbers();
  Status inflate_texts();
  Status read_texts();
  Status read_ids();
  Status unpack(std::uint32_t stream);

  Shape shape(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : shape_ends_[number - 1];
    return Shape(pieces_).subspan(begin, shape_ends_[number] - begin);
  }
  std::size_t shapes() const { return shape_ends_.size(); }
  struct Hole {
    std::uint32_t stream = 0;
    bool is_list = false;
  };
  std::span<const Hole> holes(std::size_t number) const {
    const std::size_t begin = number == 0 ? 0 : shape_ends_[number - 1];
    return std::span(holes_).subspan(begin, shape_ends_[number] - begin - 1);
  }
  std::uint32_t shape_of(std::size_t row, std::uint32_t part) const {
    return static_cast<std::uint32_t>(values_.number(part, row));
  }
  bool is_list(std::uint32_t stream) const { return is_list_[stream] != 0; }

  // Finds the places of the values of these parts, of all rows up to this one.
  Status walk_to(std::size_t row, unsigned parts);
  void plan_walk(unsigned parts);
  bool walk(std::uint32_t shape, int level);
  Status prepare(std::uint32_t shape);
  Status append_body(std::uint32_t shape, std::size_t& next, std::string& out);

  // What the parts' rows are made of: shapes, and streams of the holes in them.
  struct Material {
    std::vector<char> shapes, streams;
  };
  Material material_of(unsigned parts) const;
  void add_material(std::uint32_t shape, Material& material) const;
  Status find_number(const SoughtText& sought, const Material& material, PageHits& hits);
  Status find_word(const SoughtText& sought, std::string_view word, const Material& material,
                   PageHits& hits);
  Status find_in_texts(std::uint32_t stream, const query::SearchText& text, PageHits& hits);
  Status find_in_typed_values(const query::SearchText& text, const Material& material,
                              PageHits& hits);
  void finish(PageHits& hits) const;
  enum class MayHave : std::uint8_t { kUnknown, kNo, kYes };
  bool may_have(const PageHits& hits, std::uint32_t shape, std::vector<MayHave>& known) const;
  bool has(const PageHits& hits, std::size_t row) const;
  bool has(const PageHits& hits, std::uint32_t shape, std::size_t& next) const;

  std::uint32_t rows_ = 0;
  Sections sections_;
  std::string structure_, numbers_, texts_, ids_;  // what views point into
  bool has_numbers_ = false;
  bool is_texts_inflated_ = false;
  bool has_texts_ = false;
  bool has_ids_ = false;
  ValueStreamsReader values_;
  std::vector<char> is_list_;          // of each stream
  std::vector<std::uint32_t> counts_;  // of each stream's values
  Texts shape_texts_;
  std::vector<ShapePiece> pieces_;       // of all shapes
  std::vector<Hole> holes_;              // of all shapes: one a piece, the last one's is none
  std::vector<std::size_t> shape_ends_;  // in pieces_, and in holes_
  std::vector<char> is_prepared_;        // of each shape: what is in its holes is unpacked
  // Of each stream of kind kList: the shapes of its elements; all shapes where that is not known.
  std::vector<std::vector<std::uint32_t>> elements_;
  bool elements_known_ = false;
  unsigned walked_parts_ = 0;
  std::vector<Hole> walked_holes_;  // of all shapes, those that count for the parts
  std::vector<std::size_t> walked_ends_;
  std::size_t walked_ = 0;              // rows
  std::size_t placed_ = 0;              // values of them
  std::vector<std::uint32_t> reached_;  // of each stream
  std::vector<std::uint32_t> places_;   // of the values that count, as they stand in the rows
  std::vector<std::size_t> begins_;     // in places_: three a row
};

}  // namespace apitoolkit::server::store
