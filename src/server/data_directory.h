// The directory that holds everything the server keeps; one server at a time has it.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "apitoolkit/result.h"

namespace apitoolkit::server {

// Holds the lock until it goes out of scope. The kernel lets go of it with the process, so a crash
// leaves nothing behind.
class DataDirectory {
 public:
  // Makes the directory (mode 0700) and its parents where they are missing, and locks it.
  // kInvalidArgument or kIo if it cannot be used, kAlreadyExists while another server has it.
  static Result<DataDirectory> open(const std::string& path);

  DataDirectory(DataDirectory&& other) noexcept
      : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::string& path() const { return path_; }
  // Makes a directory in it (mode 0700) where it is missing; returns its path.
  Result<std::string> subdirectory(const std::string& name) const;

  // A few bytes of text in a file of that name. Written whole or not at all, but not synced: a
  // power failure may bring an older one back. "" where there is none that can be read. kIo.
  std::string read_note(const std::string& name) const;
  Status write_note(const std::string& name, std::string_view text) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

}  // namespace apitoolkit::server
