// Bodies of many JSON texts: NDJSON, one a line, and JSON text sequences (RFC 7464), each between a
// record separator and a line feed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/redact/engine/engine.h"
#include "src/redact/redactor.h"
#include "src/redact/scrub.h"

namespace apitoolkit::redact {

// Redacts each record by itself; one that is not JSON becomes the marker, and so does the last of a
// truncated body. What stands between the records is kept.
Redacted redact_records(std::string_view body, bool json_seq, bool truncated, const Engine& engine);

// The same for a stream of any length, in the memory of its longest record: fed piece by piece,
// wherever the pieces are cut. A record that is longer than limits::kStreamRecordBytesMax, or that
// would make a body fail as a whole, becomes the marker; those around it are not touched by that.
class RecordStream {
 public:
  // `engine` must outlive the stream.
  RecordStream(const Engine& engine, const Scrubber& scrubber, bool json_seq);

  // Appends to `out` what is known of the redacted stream after this piece.
  void feed(std::string_view piece, std::string& out);
  // The end of the stream: appends the rest.
  void finish(std::string& out);

  std::int64_t records() const { return records_; }  // that are not blank
  // How many records became the marker for that reason.
  std::int64_t masked(Reason reason) const { return masked_[static_cast<std::size_t>(reason)]; }
  std::int64_t masked() const;

 private:
  void end_record(std::string_view record, std::string& out);

  const Engine& engine_;
  Scrubber scrubber_;
  char separator_;
  Scratch scratch_;
  std::string pending_;   // of a record whose end has not come
  std::string redacted_;  // memory to use again
  bool begun_ = false;    // a byte order mark can only come before this
  bool too_long_ = false;
  std::int64_t records_ = 0;
  std::array<std::int64_t, kReasonCount> masked_{};
};

}  // namespace apitoolkit::redact
