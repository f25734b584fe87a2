// The columns of a block: the narrow fields of its exchanges, each as one array, and how an array
// becomes bytes.
//
// What a number or text of a record is, says columns.cc; everything else of a record is in the
// block's pages (page.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

enum class NumberColumn : std::uint8_t {
  kStart,     // start_ns, ascending
  kReceived,  // received_ns - start_ns, modulo 2^64
  kDuration,
  kTtfb,
  kStatus,
  kRequestSize,  // of the bodies as they were sent; -1 where not known
  kResponseSize,
  kFlags,  // see below
  kProtoMajor,
  kProtoMinor,
  kLocation,  // where the rest of the record is: page * kPageRowsMax + row in it
};
inline constexpr int kNumberColumns = static_cast<int>(NumberColumn::kLocation) + 1;

inline constexpr std::int64_t kFlagOutgoing = 1;
inline constexpr std::int64_t kFlagAborted = 2;
inline constexpr std::int64_t kFlagTimestampCorrected = 4;
inline constexpr std::int64_t kFlagRequestTruncated = 8;
inline constexpr std::int64_t kFlagResponseTruncated = 16;

enum class TextColumn : std::uint8_t {
  kParent,  // 16 bytes, or none
  kMethod,
  kHost,
  kUrlPath,
  kRawUrl,
  kReferer,
  kClientIp,
  kConsumer,
  kService,
  kServiceVersion,
  kSdkType,
  kSdkVersion,
  kTraceId,
  kSpanId,
  kParentSpanId,
  kSampleWeight,  // a double's 8 bytes, least significant first; none for 1.0
};
inline constexpr int kTextColumns = static_cast<int>(TextColumn::kSampleWeight) + 1;

// Of a record; not for kLocation, which is no property of one.
std::int64_t number_of(const Record& record, NumberColumn column);
void set_number(Record& record, NumberColumn column, std::int64_t value);
// `scratch` may hold what the view points to.
std::string_view text_of(const Record& record, TextColumn column, std::string& scratch);
// False where the text is none of that column.
bool set_text(Record& record, TextColumn column, std::string_view text);

using Numbers = std::vector<std::int64_t>;

// A column of texts: each different text once, and for each row the code of its own.
class Texts {
 public:
  std::uint32_t distinct() const { return static_cast<std::uint32_t>(ends_.size()); }
  std::string_view value(std::uint32_t code) const {
    const std::uint32_t begin = code == 0 ? 0 : ends_[code - 1];
    return std::string_view(bytes_).substr(begin, ends_[code] - begin);
  }
  std::string_view at(std::size_t row) const { return value(codes_[row]); }
  const std::vector<std::uint32_t>& codes() const { return codes_; }
  std::size_t value_bytes() const { return bytes_.size(); }

  std::size_t rows() const { return codes_.size(); }

  // Appends a row.
  void add(std::string_view text);
  // The code of a text, which becomes one of the different ones without a row.
  std::uint32_t intern(std::string_view text);
  // Takes the last row away; its text stays one of the different ones.
  void remove_last() { codes_.pop_back(); }
  // Keeps its memory.
  void clear();
  // Brings the rows into another order: row i becomes what was row order[i].
  void reorder(std::span<const std::uint32_t> order);

  // The different texts; then the codes, which need `distinct` to be read. Ids, which are
  // lower-case hexadecimal digits, all of one length, are written as what the digits say.
  void append_values(std::string& out) const;
  bool take_values(std::string_view& bytes, std::size_t rows);
  void append_codes(std::string& out) const;
  bool take_codes(std::string_view& bytes, std::size_t rows);

 private:
  std::size_t id_bytes() const;
  void grow_table();

  std::string bytes_;
  std::vector<std::uint32_t> ends_;
  std::vector<std::uint32_t> codes_;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t code_plus_1 = 0;  // 0: free
  };
  std::vector<Slot> table_;  // open addressing; only while rows are added
};

// numbers := zigzag(min):varint unit:varint width:u8 plane[rows]{width}
// A number is min plus so many units as its `width` bytes say, of which plane k holds the k-th
// least significant ones. Modulo 2^64.
void append_numbers(std::span<const std::int64_t> values, std::string& out);
bool take_numbers(std::string_view& bytes, std::size_t rows, Numbers& values);
// The same in two steps, of which the second may be left out.
struct PackedNumbers {
  std::uint64_t base = 0;
  std::uint64_t unit = 1;
  int width = 0;
  std::string_view planes;  // into the bytes that they were taken from
};
bool take_packed(std::string_view& bytes, std::size_t rows, PackedNumbers& packed);
void unpack(const PackedNumbers& packed, std::size_t rows, Numbers& values);

// The k-th bytes of all ids, for each k.
void append_ids(std::span<const Uuid> ids, std::string& out);
bool take_ids(std::string_view& bytes, std::size_t rows, std::vector<Uuid>& ids);

}  // namespace apitoolkit::server::store
