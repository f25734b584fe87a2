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

  using Places = std::vector<std::uint32_t>;  // of each stream: of its next value
  // Which holes are counted by whoever passes rows.
  struct Plan {
    std::vector<Hole> holes;
    std::vector<std::size_t> ends;  // of each shape, in `holes`
    std::vector<char> is_flat;      // of each shape: no list of it is counted
    std::span<const Hole> of(std::size_t shape) const {
      const std::size_t begin = shape == 0 ? 0 : ends[shape - 1];
      return std::span(holes).subspan(begin, ends[shape] - begin);
    }
  };
  // So that the places of the counted streams' values are known.
  Plan plan_of(std::vector<char> counted) const;
  // Move `next` behind the values of `times` such shapes; false where there are not as many.
  bool pass(const Plan& plan, std::uint32_t shape, std::uint32_t times, int level,
            Places& next) const;
  bool pass_list(const Plan& plan, std::uint32_t stream, int level, Places& next) const;
  // Brings next_ to where the row's values of these parts begin.
  Status go_to(std::size_t row, unsigned parts);
  bool pass_to(std::size_t row);
  // Finds the places of the row's values of these parts.
  Status place_row(std::size_t row, unsigned parts);
  bool place(std::uint32_t shape, int level);
  static tl::unexpected<Error> values_missing();

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
  Status look_at_all(const PageHits& hits, const std::vector<char>& asked,
                     std::vector<char>& found) const;
  Status look_at_rows(const PageHits& hits, const std::vector<char>& asked,
                      std::vector<char>& found);
  bool search_row(const Plan& plan, const PageHits& hits, std::size_t row, Places& next,
                  bool& has_one) const;
  std::vector<char> streams_of(const PageHits& hits) const;
  bool search(const Plan& plan, const PageHits& hits, std::uint32_t shape, int level, Places& next,
              bool& has_one) const;
  bool search_list(const Plan& plan, const PageHits& hits, std::uint32_t stream, int level,
                   Places& next, bool& has_one) const;
  bool is_hit(const PageHits& hits, std::uint32_t stream, std::size_t place) const;

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
  unsigned planned_parts_ = 0;  // those that what follows is about
  Plan plan_;
  std::size_t passed_ = 0;             // rows
  Places next_;                        // behind them
  Places stops_;                       // what next_ was at every so many rows, one after the other
  std::vector<std::uint32_t> places_;  // of the row's counted values, as they stand in it
  std::array<std::size_t, 3> begins_{};  // in places_, of each part
};

}  // namespace apitoolkit::server::store
