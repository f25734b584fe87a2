#include "src/server/disk_watch.h"

#include <sys/statvfs.h>

#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server {
namespace {
constexpr std::int64_t kMib = 1 << 20;
}

DiskWatch::DiskWatch(FreeBytes free_bytes) : free_bytes_(std::move(free_bytes)) {}

bool DiskWatch::check() {
  const auto free = free_bytes_();
  std::optional<std::string> reason;
  if (!free) {
    reason = "the server is read-only: " + free.error().message;
  } else if (*free < limits::kDiskFreeBytesMin) {
    reason = "the server is read-only: its disk has " + std::to_string(*free / kMib) +
             " MiB left and it needs " + std::to_string(limits::kDiskFreeBytesMin / kMib) +
             " MiB; free some space or shorten the retention";
  }
  const std::lock_guard lock(mutex_);
  const bool changed = reason.has_value() != reason_.has_value();
  reason_ = std::move(reason);
  return changed;
}

void DiskWatch::is_full() {
  const std::lock_guard lock(mutex_);
  if (!reason_) reason_ = "the server is read-only: its disk is full";
}

std::optional<std::string> DiskWatch::read_only() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

DiskWatch::FreeBytes free_bytes_of(std::string directory) {
  return [directory = std::move(directory)]() -> Result<std::int64_t> {
    struct statvfs found {};
    if (::statvfs(directory.c_str(), &found) != 0) {
      return fail(ErrorCode::kIo, "the free space of " + directory + " cannot be read");
    }
    if ((found.f_flag & ST_RDONLY) != 0) {
      return fail(ErrorCode::kIo, "the file system of " + directory + " is read-only");
    }
    return static_cast<std::int64_t>(found.f_bavail) * static_cast<std::int64_t>(found.f_frsize);
  };
}

}  // namespace apitoolkit::server
