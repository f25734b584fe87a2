#include "src/cli/export_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace apitoolkit::cli {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

}  // namespace

ExportFile::~ExportFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  if (!keep_part_) std::remove(part().c_str());
}

Status ExportFile::open_part(int flags) {
  // What is captured is not for everybody to read.
  const int descriptor = ::open(part().c_str(), flags | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return failed();
  file_ = ::fdopen(descriptor, "r+");
  if (file_ != nullptr) return {};
  ::close(descriptor);
  return failed();
}

Status ExportFile::open() {
  return path_.empty() ? Status() : open_part(O_RDWR | O_TRUNC);
}

Result<ExportFile::Found> ExportFile::resume() {
  if (auto opened = open_part(O_RDWR); !opened) return tl::unexpected<Error>(opened.error());
  Found found;
  std::int64_t whole_bytes = 0;
  std::string line;
  std::vector<char> piece(kPieceBytes);
  for (std::size_t size = 0; (size = std::fread(piece.data(), 1, piece.size(), file_)) > 0;) {
    std::string_view rest(piece.data(), size);
    for (std::size_t end = 0; (end = rest.find('\n')) != std::string_view::npos;) {
      line.append(rest.substr(0, end));
      whole_bytes += static_cast<std::int64_t>(line.size()) + 1;
      ++found.lines;
      found.last_line = std::exchange(line, {});
      rest.remove_prefix(end + 1);
    }
    line.append(rest);
  }
  const bool cut = std::ferror(file_) == 0 && ::ftruncate(::fileno(file_), whole_bytes) == 0 &&
                   std::fseek(file_, whole_bytes, SEEK_SET) == 0;
  if (!cut) return failed();
  // Whatever happens now: this was there before.
  keep_part_ = found.lines > 0;
  return found;
}

bool ExportFile::write(std::string_view piece) {
  std::FILE* to = file_ != nullptr ? file_ : stdout;
  return std::fwrite(piece.data(), 1, piece.size(), to) == piece.size();
}

Status ExportFile::finish() {
  if (path_.empty()) return std::fflush(stdout) == 0 ? Status{} : failed();
  const bool flushed = std::fflush(file_) == 0 && ::fsync(::fileno(file_)) == 0;
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  if (flushed && closed && std::rename(part().c_str(), path_.c_str()) == 0) return {};
  if (!keep_part_) std::remove(part().c_str());
  return failed();
}

tl::unexpected<Error> ExportFile::failed() const {
  return fail(ErrorCode::kIo,
              (path_.empty() ? "standard output" : path_) + std::string(": cannot be written"));
}

}  // namespace apitoolkit::cli
