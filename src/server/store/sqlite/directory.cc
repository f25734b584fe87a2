#include "src/server/store/sqlite/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace apitoolkit::server::store {
namespace {

tl::unexpected<Error> refuse(const std::string& path, int number) {
  const ErrorCode code =
      number == ENOSPC || number == EDQUOT ? ErrorCode::kResourceExhausted : ErrorCode::kIo;
  return fail(code, "cannot keep data in " + path + ": " + std::system_category().message(number) +
                        ": make it a writable directory, or give another --data directory");
}

Status make_directory(const std::string& path) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return refuse(path, error.value());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return refuse(path, errno);
  if (!std::filesystem::is_directory(path, error)) return refuse(path, ENOTDIR);
  return {};
}

}  // namespace

Result<Directory> Directory::open(const std::string& path) {
  if (Status made = make_directory(path); !made) return tl::unexpected(made.error());
  const std::string lock_path = path + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return refuse(path, errno);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    ::close(lock);
    if (number != EWOULDBLOCK) return refuse(path, number);
    return fail(
        ErrorCode::kUnavailable,
        path + " is in use by another apitoolkit: stop it, or give another --data directory");
  }
  return Directory(path, lock);
}

Directory::Directory(Directory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Directory::~Directory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<std::vector<std::string>> Directory::names() const {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(path_, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return refuse(path_, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t Directory::bytes_of(const std::string& name) const {
  struct stat status {};
  if (::stat(file(name).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return 0;
  return status.st_size;
}

std::int64_t Directory::bytes() const {
  const Result<std::vector<std::string>> found = names();
  if (!found) return 0;
  std::int64_t bytes = 0;
  for (const std::string& name : *found) bytes += bytes_of(name);
  return bytes;
}

Status Directory::remove_orphaned_logs() const {
  const Result<std::vector<std::string>> found = names();
  if (!found) return tl::unexpected(found.error());
  for (const std::string& name : *found) {
    if (!name.ends_with(".db-wal") && !name.ends_with(".db-shm")) continue;
    const std::string database = name.substr(0, name.size() - 4);
    if (std::binary_search(found->begin(), found->end(), database)) continue;
    if (::unlink(file(name).c_str()) != 0) return refuse(file(name), errno);
  }
  return {};
}

}  // namespace apitoolkit::server::store
