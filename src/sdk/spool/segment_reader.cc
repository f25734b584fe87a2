#include "src/sdk/spool/segment_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "src/base/limits.h"
#include "src/sdk/spool/directory.h"
#include "src/sdk/spool/little_endian.h"
#include "src/sdk/spool/segment_format.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::int64_t kHeadBytes = kRecordHeadBytes;
constexpr std::int64_t kSearchBytes = 256 << 10;  // that are looked through at once

}  // namespace

Result<std::optional<std::vector<std::string>>> SegmentReader::oldest() {
  while (true) {
    const auto is_found = find();
    if (!is_found) return tl::unexpected(is_found.error());
    if (!*is_found) return std::nullopt;
    const auto body = read(offset_ + kHeadBytes, head_.length);
    if (!body) return tl::unexpected(body.error());
    if (auto messages = parse_record_body(*body, head_)) {
      given_ = {offset_};
      given_end_ = offset_ + head_.bytes();
      add_adjacent(*messages);
      return messages;
    }
    ++corrupt_records_;
    offset_ += head_.bytes();
  }
}

// Up to whatever is not sound, or removed: that is for the next call to judge.
void SegmentReader::add_adjacent(std::vector<std::string>& messages) {
  std::int64_t bytes = head_.size;
  while (given_end_ + kHeadBytes <= size_) {
    const auto head_bytes = read(given_end_, kHeadBytes);
    if (!head_bytes) return;
    const auto head = parse_record_head(*head_bytes, {mark_, given_end_});
    if (!head || head->is_removed || given_end_ + kHeadBytes + head->length > size_) return;
    bytes += head->size;
    if (messages.size() + head->count > limits::kPublishMessagesMax) return;
    if (bytes > limits::kBatchBytesMax) return;
    const auto body = read(given_end_ + kHeadBytes, head->length);
    if (!body) return;
    auto more = parse_record_body(*body, *head);
    if (!more) return;
    std::move(more->begin(), more->end(), std::back_inserter(messages));
    given_.push_back(given_end_);
    given_end_ += head->bytes();
  }
}

Status SegmentReader::remove() {
  Status status;
  for (const std::int64_t offset : given_) {
    if (!mark_removed(offset)) status = tl::unexpected(io_error("write", path_));
  }
  offset_ = given_end_;
  return status;
}

bool SegmentReader::mark_removed(std::int64_t offset) const {
  const std::int64_t place = offset + static_cast<std::int64_t>(kRecordStateOffset);
  ssize_t count = 0;
  do {
    count = pwrite(file_.get(), kRecordRemoved.data(), kRecordRemoved.size(), place);
  } while (count < 0 && errno == EINTR);
  return count == static_cast<ssize_t>(kRecordRemoved.size());
}

Result<bool> SegmentReader::has_more() {
  return find();
}

// Goes to the first record with a sound head that is not removed.
Result<bool> SegmentReader::find() {
  struct stat status {};
  if (fstat(file_.get(), &status) != 0) return tl::unexpected(io_error("read", path_));
  if (status.st_nlink == 0) return false;  // whoever removed it wants it gone
  size_ = std::min<std::int64_t>(status.st_size, limits::kSpoolSegmentReadBytesMax);
  if (const Status begun = begin(); !begun) return tl::unexpected(begun.error());
  while (offset_ + kHeadBytes <= size_) {
    const auto bytes = read(offset_, kHeadBytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto head = parse_record_head(*bytes, {mark_, offset_});
    if (!head) {
      ++corrupt_records_;
      if (const Status found = resynchronise(); !found) return tl::unexpected(found.error());
      continue;
    }
    if (offset_ + kHeadBytes + head->length > size_) return false;  // cut short
    head_ = *head;
    if (!head->is_removed) return true;
    offset_ += head->bytes();
  }
  return false;
}

// Reads the segment's own head, once.
Status SegmentReader::begin() {
  constexpr auto kBytes = static_cast<std::int64_t>(kSegmentHeadBytes);
  if (offset_ > 0 || size_ < kBytes) return {};
  const auto head = read(0, kBytes);
  if (!head) return tl::unexpected(head.error());
  if (is_of_another_version(*head)) {
    return fail(ErrorCode::kUnsupported, "spool: " + path_ + " is of another version");
  }
  if (!is_segment_head(*head)) ++corrupt_records_;
  offset_ = kBytes;
  return {};
}

// From the record at offset_, which is none, to the next, or to the end.
Status SegmentReader::resynchronise() {
  constexpr auto kStep = static_cast<std::int64_t>(kRecordAlignment);
  std::int64_t at = offset_ + kStep;
  while (at + kHeadBytes <= size_) {
    const auto bytes = read(at, std::min(kSearchBytes, size_ - at));
    if (!bytes) return tl::unexpected(bytes.error());
    const std::string_view searched = *bytes;
    std::int64_t i = 0;
    for (; i + kHeadBytes <= static_cast<std::int64_t>(searched.size()); i += kStep) {
      if (get<std::uint64_t>(searched.data() + i) != mark_) continue;
      if (!parse_record_head(searched.substr(i, kRecordHeadBytes), {mark_, at + i})) continue;
      offset_ = at + i;
      return {};
    }
    at += i;
  }
  // Aligned, so that what a live owner appends is found.
  offset_ = std::max(offset_, size_ / kStep * kStep);
  return {};
}

Result<std::string> SegmentReader::read(std::int64_t offset, std::int64_t bytes) const {
  std::string buffer(static_cast<std::size_t>(bytes), '\0');
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t count = pread(file_.get(), buffer.data() + done, buffer.size() - done,
                                offset + static_cast<std::int64_t>(done));
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      if (count == 0) errno = EIO;  // it was longer a moment ago
      return tl::unexpected(io_error("read", path_));
    }
  }
  return buffer;
}

}  // namespace apitoolkit::sdk
