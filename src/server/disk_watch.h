// Whether anything can be taken in. Below limits::kDiskFreeBytesMin, and where the file system has
// become read-only, the server is so too: publishes are refused with the reason, queries go on.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "apitoolkit/result.h"

namespace apitoolkit::server {

// Thread-safe.
class DiskWatch {
 public:
  // Bytes that may still be written; an error counts as no room.
  using FreeBytes = std::function<Result<std::int64_t>()>;
  explicit DiskWatch(FreeBytes free_bytes);

  // Looks; about once a second. Returns whether the state changed.
  bool check();
  // A write has failed for want of room: read-only until a check finds some.
  void is_full();
  // Why the server is read-only, as a sentence; nullopt while it is not.
  std::optional<std::string> read_only() const;

 private:
  const FreeBytes free_bytes_;
  mutable std::mutex mutex_;  // guards reason_
  std::optional<std::string> reason_;
};

// The file system's that holds `directory`.
DiskWatch::FreeBytes free_bytes_of(std::string directory);

}  // namespace apitoolkit::server
