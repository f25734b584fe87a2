// Finds the batches of a segment that are still to be delivered, whatever state its bytes are in,
// and marks them as removed. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/sdk/spool/file_descriptor.h"
#include "src/sdk/spool/record.h"

namespace apitoolkit::sdk {

class SegmentReader {
 public:
  // `file` is open for reading and writing; `mark` that of its owner's records; `path` for errors.
  SegmentReader(FileDescriptor file, std::uint64_t mark, std::string path)
      : file_(std::move(file)), mark_(mark), path_(std::move(path)) {}

  // The first messages that are not removed: of one record, and of those right behind it as far as
  // they fit one publish request (limits::kPublishMessagesMax, limits::kBatchBytesMax). Nothing if
  // there is none left (the file may grow until the next call). What is corrupt before them is
  // skipped and counted. kUnsupported: the segment is of another version. kIo: the system does not
  // read it.
  Result<std::optional<std::vector<std::string>>> oldest();
  // Where they begin, in bytes.
  std::int64_t offset() const { return offset_; }
  // Marks as removed what oldest() gave last, and goes on behind it. kIo: some of it is not marked,
  // but gone on behind all the same.
  Status remove();
  // True if something may be left that is not removed; its body is not looked at.
  Result<bool> has_more();

  // Runs of damaged bytes and damaged bodies that were skipped, so far.
  std::int64_t corrupt_records() const { return corrupt_records_; }

 private:
  Result<bool> find();
  void add_adjacent(std::vector<std::string>& messages);
  bool mark_removed(std::int64_t offset) const;
  Status begin();
  Status resynchronise();
  Result<std::string> read(std::int64_t offset, std::int64_t bytes) const;

  FileDescriptor file_;
  std::uint64_t mark_;
  std::string path_;
  std::int64_t size_ = 0;            // of the file, as far as it is looked at
  std::int64_t offset_ = 0;          // of the record that is looked at
  RecordHead head_;                  // its head, once found
  std::vector<std::int64_t> given_;  // where the records stand that oldest() gave last
  std::int64_t given_end_ = 0;
  std::int64_t corrupt_records_ = 0;
};

}  // namespace apitoolkit::sdk
