#include "src/server/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace apitoolkit::server {

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::kInvalidArgument, "--data: expected a directory");
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(path, error);
  if (error) {
    return fail(ErrorCode::kIo, "the data directory " + path + " cannot be made (" +
                                    error.message() + "): choose another one with --data");
  }
  // Parents are made with the usual mode; what holds the data is the owner's alone.
  if (is_new) ::chmod(path.c_str(), S_IRWXU);
  const std::string file = path + "/lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock < 0) {
    return fail(ErrorCode::kIo, "the data directory " + path + " cannot be written (" +
                                    std::generic_category().message(errno) +
                                    "): make it writable or choose another one with --data");
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return fail(ErrorCode::kAlreadyExists, "another server uses the data directory " + path +
                                               ": stop it or choose another directory with --data");
  }
  return DataDirectory(path, lock);
}

Result<std::string> DataDirectory::subdirectory(const std::string& name) const {
  std::string path = path_ + "/" + name;
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    return fail(ErrorCode::kIo, "the directory " + path + " cannot be made (" +
                                    std::generic_category().message(errno) + "): make " + path_ +
                                    " writable or choose another --data");
  }
  return path;
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace apitoolkit::server
