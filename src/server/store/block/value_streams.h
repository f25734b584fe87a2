// The values of a page's exchanges, apart from what is around them (shape.h): those of one name and
// kind in one stream, in the order in which they stand in the rows.
//
// streams  := count (size name[size] kind:u8 detail:u8 values){count}
//             numbers of each stream of kind kList
// numbers  := of each stream of numbers: append_numbers (columns.h)
// texts    := of each stream of texts: repeats dictionary
// ids      := of each stream of ids: repeats; then of each: distinct, bytes
// repeats  := append_numbers of what each value is: 0, the next one of the dictionary; or how far
//             the value's place in the dictionary is behind the next one's
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/block/columns.h"
#include "src/server/store/block/value_kind.h"

namespace apitoolkit::server::store {

struct StreamHead {
  std::string name;
  ValueKind kind = ValueKind::kText;
  std::uint8_t detail = 0;
};

// Collects values. Used by one thread at a time.
class ValueStreamsWriter {
 public:
  // The number of a stream. Names beyond a bound are not told apart.
  std::uint32_t stream(std::string_view name, ValueKind kind, std::uint8_t detail = 0);
  std::size_t count() const { return used_; }
  const StreamHead& head(std::uint32_t stream) const { return streams_[stream].head; }
  const Numbers& numbers(std::uint32_t stream) const { return streams_[stream].numbers; }
  void add(std::uint32_t stream, const TypedValue& value);
  // Adds a number that is set later, and returns its place.
  std::size_t add_later(std::uint32_t stream);
  void set(std::uint32_t stream, std::size_t place, std::int64_t number) {
    streams_[stream].numbers[place] = number;
  }

  // What was added after mark() was called is taken back.
  std::size_t mark() const { return added_.size(); }
  void undo_to(std::size_t mark);

  void append_streams(std::string& out) const;
  void append_numbers_of_all(std::string& out) const;
  void append_texts(std::string& out) const;
  void append_ids(std::string& out) const;
  void clear();

 private:
  struct Stream {
    StreamHead head;
    Numbers numbers;
    Texts texts;                    // or the bytes of ids
    std::uint32_t followed_by = 0;  // the stream of the value that came next
    std::size_t values() const { return is_number(head.kind) ? numbers.size() : texts.rows(); }
  };
  bool is(std::uint32_t stream, std::string_view name, ValueKind kind, std::uint8_t detail) const;
  std::uint32_t find_or_add(std::string_view name, ValueKind kind, std::uint8_t detail);
  void grow_table();
  std::span<const Stream> used() const { return {streams_.data(), used_}; }
  std::span<Stream> used() { return {streams_.data(), used_}; }

  std::vector<Stream> streams_;  // those behind the first `used_` keep memory
  std::size_t used_ = 0;
  std::uint32_t last_ = 0;            // that was asked for
  std::vector<std::uint32_t> table_;  // open addressing: stream + 1, or 0
  std::vector<std::uint32_t> added_;  // the stream of each value, in their order
};

// Reads the values that a ValueStreamsWriter has written, of which most are left packed: those of a
// stream can be had after unpack(). Its memory is kept for the next page. Any bytes may be given:
// false where they are damaged. What is taken is valid as long as the bytes are.
class ValueStreamsReader {
 public:
  struct Head {
    std::string_view name;
    ValueKind kind = ValueKind::kText;
    std::uint8_t detail = 0;
  };

  bool take_streams(std::string_view& bytes);
  bool take_numbers_of_all(std::string_view bytes);
  bool take_texts(std::string_view bytes);
  bool take_ids(std::string_view bytes);
  // What is of the stream's kind has been taken.
  bool unpack(std::uint32_t stream) { return streams_[stream].is_unpacked || unpack_now(stream); }

  std::size_t count() const { return count_; }
  const Head& head(std::uint32_t stream) const { return streams_[stream].head; }
  std::size_t values(std::uint32_t stream) const { return streams_[stream].values; }

  // Of a stream that is unpacked, as those of kList always are; `place` is below values(stream).
  std::int64_t number(std::uint32_t stream, std::size_t place) const {
    return streams_[stream].numbers[place];
  }
  const Numbers& numbers(std::uint32_t stream) const { return streams_[stream].numbers; }
  std::uint32_t code(std::uint32_t stream, std::size_t place) const {
    return streams_[stream].codes[place];
  }
  std::string_view bytes(std::uint32_t stream, std::size_t place) const {
    return different(stream, code(stream, place));
  }
  // A value of any kind but kList, as it was.
  void append_text(std::uint32_t stream, std::size_t place, std::string& out) const {
    const Head& head = streams_[stream].head;
    if (head.kind == ValueKind::kText) {
      out += bytes(stream, place);
    } else if (is_number(head.kind)) {
      append_number_text(head.kind, head.detail, number(stream, place), out);
    } else {
      append_id_text(head.kind, bytes(stream, place), out);
    }
  }

  // The different texts or ids of a stream, one behind the other, which need not be unpacked.
  std::string_view all_different(std::uint32_t stream) const { return streams_[stream].different; }
  std::size_t distinct(std::uint32_t stream) const { return streams_[stream].distinct; }
  // One of an unpacked stream: what values with that code are.
  std::string_view different(std::uint32_t stream, std::uint32_t code) const {
    const Stream& of = streams_[stream];
    const std::uint32_t begin = code == 0 ? 0 : of.ends[code - 1];
    return of.different.substr(begin, of.ends[code] - begin);
  }
  // Which of them has the byte at `offset` of all_different.
  std::uint32_t code_at(std::uint32_t stream, std::size_t offset) const;

 private:
  struct Stream {
    Head head;
    std::size_t values = 0;
    bool is_unpacked = false;
    PackedNumbers packed;  // numbers, or which of the different ones each value is
    Numbers numbers;
    std::size_t distinct = 0;
    std::string_view sizes;  // of the different texts, as varints
    std::string_view different;
    std::vector<std::uint32_t> ends;  // in `different`
    std::vector<std::uint32_t> codes;
  };
  bool unpack_now(std::uint32_t stream);
  static bool unpack_ends(Stream& stream);
  bool unpack_codes(Stream& stream);

  std::vector<Stream> streams_;  // those behind the first `count_` keep memory
  std::size_t count_ = 0;
  Numbers repeats_;
};

}  // namespace apitoolkit::server::store
