#include "src/sdk/spool/segment_writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"

namespace apitoolkit::sdk {

Result<SegmentWriter> SegmentWriter::create(const SpoolDirectory& directory,
                                            const SegmentName& name) {
  const std::string file_name = to_string(name);
  std::string path = directory.path(file_name);
  FileDescriptor file = directory.open_file(file_name, O_RDWR | O_CREAT | O_EXCL);
  if (!file.is_open()) return tl::unexpected(io_error("make", path));
  SegmentWriter writer(std::move(path), name, std::move(file));
  if (const Status status = writer.write(make_segment_head()); !status) {
    directory.unlink(file_name);
    return tl::unexpected(status.error());
  }
  return writer;
}

Status SegmentWriter::append(std::string& record) {
  place_record(record, {mark_of(name_.owner), size_});
  return write(record);
}

Status SegmentWriter::write(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = pwrite(file_.get(), bytes.data() + written, bytes.size() - written,
                                 size_ + static_cast<std::int64_t>(written));
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      if (count == 0) errno = ENOSPC;
      Error error = io_error("write", path_);
      cut(size_);
      return tl::unexpected(std::move(error));
    }
  }
  size_ += static_cast<std::int64_t>(bytes.size());
  return {};
}

void SegmentWriter::cut(std::int64_t size) {
  size_ = size;
  // Where even this is refused, what is left behind is cut short, and so no record; or it is one
  // whose message comes twice, which its msg_id tells.
  static_cast<void>(ftruncate(file_.get(), size) == 0);
}

void SegmentWriter::sync() {
  fdatasync(file_.get());
}

bool SegmentWriter::is_unlinked() const {
  struct stat status {};
  return fstat(file_.get(), &status) != 0 || status.st_nlink == 0;
}

}  // namespace apitoolkit::sdk
