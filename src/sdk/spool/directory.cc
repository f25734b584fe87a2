#include "src/sdk/spool/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

Error io_error(std::string_view verb, const std::string& path) {
  const int reason = errno;
  return {ErrorCode::kIo, "spool: cannot " + std::string(verb) + " " + path + ": " +
                              std::generic_category().message(reason)};
}

Result<SpoolDirectory> SpoolDirectory::open(const std::string& path) {
  const auto failed = [&](std::string_view verb) {
    const int reason = errno;
    Error error = io_error(verb, path);
    if (reason == ENOTDIR || reason == EACCES || reason == EPERM || reason == EROFS) {
      error.code = ErrorCode::kInvalidArgument;
    }
    return tl::unexpected(std::move(error));
  };
  if (mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return failed("make");
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.is_open()) return failed("open");
  if (faccessat(descriptor.get(), ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    return failed("write to");
  }
  return SpoolDirectory(path, std::move(descriptor));
}

Result<SpoolDirectory::Listing> SpoolDirectory::list() const {
  // Opened anew, since descriptors that are duplicates share their position.
  const int number = openat(descriptor_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(number < 0 ? nullptr : fdopendir(number),
                                                   closedir);
  if (stream == nullptr) {
    Error error = io_error("list", path_);
    if (number >= 0) close(number);
    return tl::unexpected(std::move(error));
  }
  Listing listing;
  for (int i = 0; i < limits::kSpoolFilesMax; ++i) {
    const dirent* const entry = readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): our stream
    if (entry == nullptr) break;
    if (const auto owner = parse_lock_name(entry->d_name)) listing.locks.push_back(*owner);
    const auto segment = parse_segment_name(entry->d_name);
    if (!segment) continue;
    struct stat status {};
    if (fstatat(descriptor_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    listing.segments.push_back(*segment);
    if (S_ISREG(status.st_mode)) listing.bytes += status.st_size;
  }
  std::sort(listing.segments.begin(), listing.segments.end());
  return listing;
}

FileDescriptor SpoolDirectory::open_file(const std::string& name, int flags) const {
  // Without O_NONBLOCK a pipe in the place of a file would be waited for.
  FileDescriptor file(openat(descriptor_.get(), name.c_str(),
                             flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, S_IRUSR | S_IWUSR));
  struct stat status {};
  if (!file.is_open() || fstat(file.get(), &status) != 0) return {};
  if (S_ISREG(status.st_mode)) return file;
  errno = EINVAL;
  return {};
}

void SpoolDirectory::unlink(const std::string& name) const {
  unlinkat(descriptor_.get(), name.c_str(), 0);
}

}  // namespace apitoolkit::sdk
