// A record of a segment: a batch of messages, on disk.
//
//   record := mark:8 state:8 length:4 size:4 count:4 body_crc:4 head_crc:4 0:4 body[length] padding
//   body   := one zstd frame that holds size bytes: count times (length:4 message[length])
//
// Integers have their least significant byte first. Padding fills up to kRecordAlignment. The mark
// is a random number of the segment's owner: what a captured body holds cannot be taken for a
// record when a reader looks for the next one behind damage. head_crc is the CRC-32 (RFC 1952) of
// mark, the record's offset in its file, length, size, count and body_crc; body_crc that of body.
// The state is outside of both, since it is overwritten in place: mostly zeros while the batch is
// to be delivered, mostly ones when it is removed. A flipped bit changes neither.
//
// No I/O here. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::sdk {

inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kRecordHeadBytes = 40;
// Where the state stands in a record, and what marks it as removed.
inline constexpr std::size_t kRecordStateOffset = 8;
inline constexpr std::string_view kRecordRemoved = "\xff\xff\xff\xff\xff\xff\xff\xff";

struct RecordPlace {
  std::uint64_t mark = 0;   // the segment's
  std::int64_t offset = 0;  // in its file, in bytes
};

// Within their bounds, once parsed.
struct RecordHead {
  bool is_removed = false;
  std::uint32_t length = 0;    // of body, in bytes
  std::uint32_t size = 0;      // of what it holds, in bytes
  std::uint32_t count = 0;     // messages
  std::uint32_t body_crc = 0;  // as stated
  std::int64_t bytes() const;  // of the record, with padding
};

// Records that hold `messages` in their order: one, unless they are more than fit
// (limits::kPublishMessagesMax, limits::kSpoolRecordBytesMax). Their place is not in them yet.
// kInvalidArgument for a message over limits::kMessageBytesMax.
Result<std::vector<std::string>> make_records(std::span<const std::string_view> messages);
void place_record(std::string& record, RecordPlace place);

// Nothing where no record begins. `bytes` has kRecordHeadBytes.
std::optional<RecordHead> parse_record_head(std::string_view bytes, RecordPlace place);
// Nothing if `body` is not what `head` tells. Allocates some limits::kSpoolRecordBytesMax at most.
std::optional<std::vector<std::string>> parse_record_body(std::string_view body,
                                                          const RecordHead& head);

}  // namespace apitoolkit::sdk
