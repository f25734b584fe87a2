// The directory of a spool: made, listed, measured. What it is asked for by name it looks up in the
// directory that it opened, wherever that has been moved to since.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/sdk/spool/file_descriptor.h"
#include "src/sdk/spool/segment_name.h"

namespace apitoolkit::sdk {

// What the system refused, from errno: `cannot write <path>: No space left on device`.
Error io_error(std::string_view verb, const std::string& path);

class SpoolDirectory {
 public:
  // Makes the last part of `path` (mode 0700) where it is missing. kInvalidArgument if it is no
  // directory or may not be written to, kIo for what else the system refuses. A link to a directory
  // is followed here, and nowhere else.
  static Result<SpoolDirectory> open(const std::string& path);

  struct Listing {
    std::vector<SegmentName> segments;  // oldest first
    std::vector<Uuid> locks;            // whose
    std::int64_t bytes = 0;             // of the segments
  };
  // At most limits::kSpoolFilesMax names are read.
  Result<Listing> list() const;

  // Regular files only; what is made has mode 0600. The error is the system's: errno is set.
  FileDescriptor open_file(const std::string& name, int flags) const;
  void unlink(const std::string& name) const;
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  SpoolDirectory(std::string path, FileDescriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  std::string path_;
  FileDescriptor descriptor_;
};

}  // namespace apitoolkit::sdk
