// Appends records to a segment of one's own. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "apitoolkit/result.h"
#include "src/sdk/spool/directory.h"
#include "src/sdk/spool/file_descriptor.h"

namespace apitoolkit::sdk {

class SegmentWriter {
 public:
  // kIo: the system refuses to make the file, or to write its head.
  static Result<SegmentWriter> create(const SpoolDirectory& directory, const SegmentName& name);

  const SegmentName& name() const { return name_; }
  std::int64_t size() const { return size_; }  // in bytes

  // Writes a record that has no place yet. What a kill leaves of it is cut short or whole. kIo, and
  // the file is as it was (unless the system refuses that, too).
  Status append(std::string& record);
  // Takes back what was appended when the size was still `size`.
  void cut(std::int64_t size);
  // Until what was written is on the disk.
  void sync();
  // True once somebody removed the file.
  bool is_unlinked() const;

 private:
  SegmentWriter(std::string path, const SegmentName& name, FileDescriptor file)
      : path_(std::move(path)), name_(name), file_(std::move(file)) {}
  Status write(std::string_view bytes);

  std::string path_;
  SegmentName name_;
  FileDescriptor file_;
  std::int64_t size_ = 0;
};

}  // namespace apitoolkit::sdk
