// Where an export goes: standard output, or a file that has its name only once it is whole.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "apitoolkit/result.h"

namespace apitoolkit::cli {

// Until finish() a file is "<path>.part". One thread at a time; errors are kIo.
class ExportFile {
 public:
  // Standard output where the path is empty.
  explicit ExportFile(std::string path) : path_(std::move(path)) {}
  // The part stays if keep_part() was called, else it goes.
  ~ExportFile();
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;

  // What an earlier export has left.
  struct Found {
    std::int64_t lines = 0;
    std::string last_line;  // without its end
  };

  // Begins an empty part.
  Status open();
  // Goes on behind the last whole line of the part; begins one where there is none.
  Result<Found> resume();

  bool write(std::string_view piece);
  void keep_part() { keep_part_ = true; }
  // Everything is on the disk, under its name.
  Status finish();

  tl::unexpected<Error> failed() const;

 private:
  std::string part() const { return path_ + ".part"; }
  Status open_part(int flags);

  const std::string path_;
  std::FILE* file_ = nullptr;
  bool keep_part_ = false;
};

}  // namespace apitoolkit::cli
