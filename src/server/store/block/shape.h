// What is around the values of a text: the text with holes in it. Texts that were made by the same
// code have the same shape, so each shape is stored once in a page.
//
// shape := (size literal[size] hole)* size literal[size] 0
// hole  := 1 + the number of the stream that has the value (value_streams.h)
//
// A hole of a stream of kind kList stands for the elements of a JSON array without the commas
// between them. Its values are, in the order in which they are met: how many elements, and in front
// of each one's own values the number of its shape. Sizes, holes and numbers are varints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/known_shapes.h"
#include "src/server/store/block/value_streams.h"

namespace apitoolkit::server::store {

inline constexpr int kShapeLevelsMax = 32;  // of lists in one another

// Appends to a shape.
void append_hole(std::string_view literal, std::uint32_t stream, std::string& shape);
void append_end(std::string_view literal, std::string& shape);

struct ShapePiece {
  std::string_view literal;
  std::int64_t stream = -1;  // of the hole behind the literal; -1 at the end
};
using Shape = std::span<const ShapePiece>;

// Appends the shape's pieces; false where the bytes are none, or name a stream that is not below
// `streams`.
bool read_shape(std::string_view bytes, std::size_t streams, std::vector<ShapePiece>& pieces);

// The shapes of a page. Used by one thread at a time.
class ShapesWriter {
 public:
  std::uint32_t intern(std::string_view shape) { return shapes_.intern(shape); }
  void append(std::string& out) const { shapes_.append_values(out); }
  void clear() { shapes_.clear(); }

 private:
  Texts shapes_;
};

// Splits JSON texts into shapes and values. Used by one thread at a time.
class JsonSplitter {
 public:
  JsonSplitter(ValueStreamsWriter& values, ShapesWriter& shapes)
      : values_(values), shapes_(shapes) {}

  // The number of the text's shape. Any bytes may be given: what is not JSON, or too large or too
  // deep to be worth it, is one value.
  std::uint32_t split(std::string_view text);
  // Whether there was a number that is a text, having an exponent for instance, or a text that may
  // be JSON and was not split.
  bool has_odd_numbers() const { return has_odd_numbers_; }
  // The values and shapes are those of another page from now on.
  void clear() {
    known_.clear();
    has_odd_numbers_ = false;
  }

 private:
  // A text by itself, or an element of a list of that stream: the number of its shape; `key` says
  // which it may be like.
  std::optional<std::uint32_t> whole(std::string_view name, std::uint64_t key, int level);
  bool match(std::uint32_t code, int level);
  bool match_value(const KnownShape::Piece& piece, int level);
  bool match_quoted(const KnownShape::Piece& piece);

  bool value(std::string_view name, int level, std::string& shape);
  bool object(int level, std::string& shape);
  bool list(std::string_view name, int level, std::string& shape);
  bool elements(std::uint32_t stream, std::string_view name, int level);
  bool number(std::string_view name, std::string& shape);
  bool word(std::string_view name, std::string& shape);
  bool string(std::string_view name, std::string& shape);
  // The text up to the quote that ends it; `at_` is behind the one that began it, and then behind
  // that.
  std::optional<std::string_view> quoted();
  void put(std::string_view name, const TypedValue& value, const char* begin, const char* end,
           std::string& shape);
  void skip_space();
  bool is_at_end(int level) const;

  ValueStreamsWriter& values_;
  ShapesWriter& shapes_;
  KnownShapes known_;
  bool has_odd_numbers_ = false;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  // Of a text, that may be read in vain for wrong guesses of shapes: lists in lists would be read
  // again for each one of them, and for each in them.
  std::ptrdiff_t guesses_left_bytes_ = 0;
  const char* literal_ = nullptr;  // where what is not in a shape yet begins
  std::vector<std::string> levels_ = std::vector<std::string>(kShapeLevelsMax + 1);
};

}  // namespace apitoolkit::server::store
