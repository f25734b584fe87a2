#include "src/server/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace apitoolkit::server {
namespace {

constexpr std::size_t kNoteBytesMax = 4096;

// Writes down the names that a directory holds: without it a power failure may take a new file or
// directory away, whatever was synced in it.
Status sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::fsync(directory) == 0;
  const int reason = errno;  // EINVAL: a file system that cannot, and need not
  if (directory >= 0) ::close(directory);
  if (synced || reason == EINVAL) return {};
  return fail(ErrorCode::kIo,
              path + " cannot be synced: " + std::generic_category().message(reason));
}

// Makes the directory and the parents that it lacks, each durable in its own parent; whether it was
// new.
Result<bool> make_durably(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return false;
  const std::filesystem::path parent = path.parent_path();
  if (!parent.empty() && parent != path) {
    if (auto made = make_durably(parent); !made) return made;
  }
  const bool is_new = std::filesystem::create_directory(path, error);
  if (error) return fail(ErrorCode::kIo, error.message());
  if (auto synced = sync_directory(parent.empty() ? "." : parent.string()); !synced) {
    return tl::unexpected<Error>(synced.error());
  }
  return is_new;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::kInvalidArgument, "--data: expected a directory");
  std::filesystem::path directory = std::filesystem::path(path).lexically_normal();
  if (!directory.has_filename()) directory = directory.parent_path();  // "data/"
  const auto is_new = make_durably(directory);
  if (!is_new) {
    return fail(ErrorCode::kIo, "the data directory " + path + " cannot be made (" +
                                    is_new.error().message + "): choose another one with --data");
  }
  // Parents are made with the usual mode; what holds the data is the owner's alone.
  if (*is_new) ::chmod(path.c_str(), S_IRWXU);
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
  if (auto synced = sync_directory(path_); !synced) {
    return fail(ErrorCode::kIo, "the directory " + path + " cannot be made (" +
                                    synced.error().message + "): choose another --data");
  }
  return path;
}

std::string DataDirectory::read_note(const std::string& name) const {
  const int file = ::open((path_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::string text(kNoteBytesMax, '\0');
  const ssize_t got = ::read(file, text.data(), text.size());
  ::close(file);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

Status DataDirectory::write_note(const std::string& name, std::string_view text) const {
  const std::string path = path_ + "/" + name;
  const std::string unfinished = path + ".new";
  const int file =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (written && ::rename(unfinished.c_str(), path.c_str()) == 0) return {};
  return fail(ErrorCode::kIo,
              path + " cannot be written: " + std::generic_category().message(errno));
}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace apitoolkit::server
