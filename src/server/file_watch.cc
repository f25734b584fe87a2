#include "src/server/file_watch.h"

#include <utility>

namespace apitoolkit::server {

FileWatch::FileWatch(std::vector<std::string> paths)
    : paths_(std::move(paths)), known_(look()), last_(known_) {}

bool FileWatch::check() {
  std::vector<Mark> now = look();
  const bool at_rest = now == last_;
  last_ = std::move(now);
  if (!at_rest || last_ == known_) return false;
  known_ = last_;
  return true;
}

std::vector<FileWatch::Mark> FileWatch::look() const {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  std::vector<Mark> marks;
  marks.reserve(paths_.size());
  for (const std::string& path : paths_) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
      marks.emplace_back();
      continue;
    }
    marks.emplace_back(found.st_dev, found.st_ino, found.st_size,
                       found.st_mtim.tv_sec * kSecondNs + found.st_mtim.tv_nsec);
  }
  return marks;
}

}  // namespace apitoolkit::server
