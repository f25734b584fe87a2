// Whether files were changed, told when they are at rest again.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace apitoolkit::server {

// Used by one thread at a time.
class FileWatch {
 public:
  // What is there now counts as known.
  explicit FileWatch(std::vector<std::string> paths);

  // Looks; about once a second. True once for each change, and not before a second look has found
  // the same: files that belong together are written one after the other. Links are followed; a
  // file that is missing is a change, too.
  bool check();

 private:
  // Device, inode, size, and when it was last written, in ns.
  using Mark = std::tuple<dev_t, ino_t, off_t, std::int64_t>;
  std::vector<Mark> look() const;

  const std::vector<std::string> paths_;
  std::vector<Mark> known_;
  std::vector<Mark> last_;
};

}  // namespace apitoolkit::server
