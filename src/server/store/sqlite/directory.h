// The store's directory: made, locked, listed, measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apitoolkit/result.h"

namespace apitoolkit::server::store {

// Holds the lock on a directory; the system releases it when the process ends, however it ends.
class Directory {
 public:
  // Makes the directory (mode 0700) where it is missing. kUnavailable where another store has it
  // open, kIo where it is no directory or cannot be written.
  static Result<Directory> open(const std::string& path);
  Directory(Directory&& other) noexcept;
  Directory& operator=(Directory&&) = delete;
  ~Directory();

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  Result<std::vector<std::string>> names() const;
  // Of one file; 0 where it is not there.
  std::int64_t bytes_of(const std::string& name) const;
  // Of all files together.
  std::int64_t bytes() const;
  // Removes logs whose database is gone: a new file of the same name must not inherit them.
  Status remove_orphaned_logs() const;

 private:
  Directory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

}  // namespace apitoolkit::server::store
