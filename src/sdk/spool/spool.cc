#include "src/sdk/spool/spool.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "src/base/uuid.h"
#include "src/sdk/spool/record.h"
#include "src/sdk/spool/segment_format.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

// An owner that nobody was before, for a Spool that begins.
Result<std::unique_ptr<OwnerLock>> become_owner(const SpoolDirectory& directory,
                                                const std::string& path) {
  constexpr int kAttempts = 100;  // another Spool may take a new lock file for an abandoned one
  for (int i = 0; i < kAttempts; ++i) {
    auto lock = OwnerLock::claim(directory, base::make_uuid_v4());
    if (!lock || *lock != nullptr) return lock;
  }
  return fail(ErrorCode::kResourceExhausted,
              "spool: " + path + ": this process has too many spools open");
}

// Small enough that a spool has several, since only whole ones are freed.
std::int64_t segment_bytes_max(std::int64_t spool_bytes_max) {
  return std::clamp(spool_bytes_max / 8, limits::kSpoolSegmentBytesMin,
                    limits::kSpoolSegmentBytesMax);
}

}  // namespace

// --- Beginning and end ---

Result<std::unique_ptr<Spool>> Spool::open(Options options) {
  if (options.directory.empty()) {
    return fail(ErrorCode::kInvalidArgument, "spool: no directory is named");
  }
  if (options.bytes_max <= 0) {
    return fail(ErrorCode::kInvalidArgument, "spool: bytes_max must be positive");
  }
  // For a directory that is made again after the process has gone elsewhere.
  std::error_code error;
  auto absolute = std::filesystem::absolute(options.directory, error);
  if (!error) options.directory = absolute.string();
  auto directory = SpoolDirectory::open(options.directory);
  if (!directory) return tl::unexpected(directory.error());
  auto own = become_owner(*directory, options.directory);
  if (!own) return tl::unexpected(own.error());
  std::unique_ptr<Spool> spool(
      new Spool(std::move(options), std::move(*directory), std::move(*own)));
  spool->clear_abandoned_locks();
  return spool;
}

Spool::Spool(Options options, SpoolDirectory directory, std::unique_ptr<OwnerLock> own)
    : options_(std::move(options)), directory_(std::move(directory)), own_(std::move(own)) {}

Spool::~Spool() {
  reading_.reset();
  writing_.reset();
  const auto listing = directory_.list();
  if (!listing) return;
  adopted_.push_back(std::move(own_));
  let_go_of_finished(*listing);
}

// Lock files of those that were killed while they had no segment.
void Spool::clear_abandoned_locks() {
  const auto listing = list();
  if (!listing) return;
  std::set<Uuid> owners;
  for (const SegmentName& name : listing->segments) owners.insert(name.owner);
  for (const Uuid& owner : listing->locks) {
    if (owners.contains(owner)) continue;
    const auto lock = OwnerLock::claim(directory_, owner);
    if (lock && *lock != nullptr) directory_.unlink(lock_name(owner));
  }
}

Result<SpoolDirectory::Listing> Spool::list() {
  auto listing = directory_.list();
  if (listing) bytes_ = listing->bytes;
  return listing;
}

// --- Writing ---

Status Spool::append(std::span<const std::string_view> messages) {
  if (messages.empty()) return {};
  auto records = make_records(messages);
  if (!records) return tl::unexpected(records.error());
  std::int64_t bytes = 0;
  for (const std::string& record : *records) bytes += static_cast<std::int64_t>(record.size());
  if (Status home = return_home(); !home) return home;
  if (const auto listing = list(); !listing) return tl::unexpected(listing.error());
  if (bytes_ + bytes > options_.bytes_max) {
    return fail(ErrorCode::kResourceExhausted, "spool: " + options_.directory +
                                                   " is full: " + std::to_string(bytes_) + " of " +
                                                   std::to_string(options_.bytes_max) + " bytes");
  }
  return append_records(*records);
}

// Where somebody removed the directory, or the lock, this becomes a new owner: nobody would know
// that the old one lives.
Status Spool::return_home() {
  if (writing_ && writing_->is_unlinked()) writing_.reset();
  if (!own_->is_unlinked()) return {};
  auto directory = SpoolDirectory::open(options_.directory);
  if (!directory) return tl::unexpected(directory.error());
  auto own = become_owner(*directory, options_.directory);
  if (!own) return tl::unexpected(own.error());
  reading_.reset();
  writing_.reset();
  adopted_.clear();
  left_alone_.clear();
  directory_ = std::move(*directory);
  own_ = std::move(*own);
  return {};
}

Status Spool::append_records(std::vector<std::string>& records) {
  // To go back to, should one of them be refused.
  std::vector<std::pair<SegmentWriter, std::int64_t>> filled;
  std::int64_t size_before = writing_ ? writing_->size() : 0;
  std::int64_t written = 0;
  Status status;
  for (std::string& record : records) {
    const auto bytes = static_cast<std::int64_t>(record.size());
    const auto head_bytes = static_cast<std::int64_t>(kSegmentHeadBytes);
    if (writing_ && writing_->size() > head_bytes &&
        writing_->size() + bytes > segment_bytes_max(options_.bytes_max)) {
      filled.emplace_back(std::move(*writing_), size_before);
      writing_.reset();
    }
    if (!writing_) {
      status = begin_segment();
      if (!status) break;
      size_before = head_bytes;
      written += head_bytes;
    }
    status = writing_->append(record);
    if (!status) break;
    written += bytes;
  }
  if (status) {
    for (auto& [segment, before] : filled) segment.sync();
    bytes_ += written;
    return status;
  }
  if (writing_) writing_->cut(size_before);
  for (auto& [segment, before] : filled) segment.cut(before);
  return status;
}

Status Spool::begin_segment() {
  const std::int64_t now_ms = options_.clock->now_ns() / kNsPerMs;
  last_time_ms_ = std::max(now_ms, last_time_ms_ + 1);
  auto segment = SegmentWriter::create(directory_, {last_time_ms_, own_->owner()});
  if (!segment) return tl::unexpected(segment.error());
  writing_ = std::move(*segment);
  return {};
}

// --- Reading ---

Result<std::optional<Spool::Batch>> Spool::oldest() {
  if (reading_) {
    auto batch = read_on();
    if (!batch || *batch) return batch;
  }
  const auto listing = list();
  if (!listing) return tl::unexpected(listing.error());
  let_go_of_finished(*listing);
  std::set<Uuid> alive;
  for (const SegmentName& name : listing->segments) {
    if (left_alone_.contains(name) || !may_read(name.owner, alive)) continue;
    auto batch = oldest_of(name);
    if (!batch || *batch) return batch;
  }
  if (adopted_.empty()) return std::nullopt;
  const auto rest = list();
  if (rest) let_go_of_finished(*rest);
  return std::nullopt;
}

// One's own, or an owner's that is gone; `alive` are those of whom it is known that they are not.
bool Spool::may_read(const Uuid& owner, std::set<Uuid>& alive) {
  if (owner == own_->owner()) return true;
  if (alive.contains(owner)) return false;
  for (const auto& lock : adopted_) {
    if (lock->owner() == owner) return true;
  }
  if (adopted_.size() < limits::kSpoolAdoptedMax) {
    auto lock = OwnerLock::claim(directory_, owner);
    if (lock && *lock != nullptr) {
      adopted_.push_back(std::move(*lock));
      return true;
    }
  }
  alive.insert(owner);
  return false;
}

// Of the adopted, those of whom nothing is left that can be read.
void Spool::let_go_of_finished(const SpoolDirectory::Listing& listing) {
  std::set<Uuid> has_files;
  std::set<Uuid> has_work;
  for (const SegmentName& name : listing.segments) {
    has_files.insert(name.owner);
    if (!left_alone_.contains(name)) has_work.insert(name.owner);
  }
  std::erase_if(adopted_, [&](const std::unique_ptr<OwnerLock>& lock) {
    if (has_work.contains(lock->owner())) return false;
    if (!has_files.contains(lock->owner())) directory_.unlink(lock_name(lock->owner()));
    return true;
  });
  std::erase_if(left_alone_, [&](const SegmentName& name) {
    return !std::binary_search(listing.segments.begin(), listing.segments.end(), name);
  });
}

Result<std::optional<Spool::Batch>> Spool::oldest_of(const SegmentName& name) {
  const std::string file_name = to_string(name);
  FileDescriptor file = directory_.open_file(file_name, O_RDWR);
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  struct stat status {};
  // What another user put here is not sent in this one's name.
  if (file.is_open() && (fstat(file.get(), &status) != 0 || status.st_uid != own_->user())) {
    file = FileDescriptor();
    errno = EPERM;
  }
  if (!file.is_open()) {
    left_alone_.insert(name);
    return tl::unexpected(io_error("read", directory_.path(file_name)));
  }
  reading_ = Reading{
      name, SegmentReader(std::move(file), mark_of(name.owner), directory_.path(file_name))};
  return read_on();
}

// nullopt: the segment is drained, and gone.
Result<std::optional<Spool::Batch>> Spool::read_on() {
  SegmentReader& segment = reading_->segment;
  const std::int64_t corrupt_before = segment.corrupt_records();
  auto messages = segment.oldest();
  corrupt_records_ += segment.corrupt_records() - corrupt_before;
  if (!messages) {
    left_alone_.insert(reading_->name);
    finish_reading(false);
    return tl::unexpected(messages.error());
  }
  if (*messages) return Batch{std::move(**messages), reading_->name, segment.offset()};
  finish_reading(true);
  return std::nullopt;
}

Status Spool::remove(const Batch& batch) {
  if (!reading_ || reading_->name != batch.segment || reading_->segment.offset() != batch.offset) {
    return fail(ErrorCode::kInvalidArgument, "spool: not the batch that oldest() gave last");
  }
  SegmentReader& segment = reading_->segment;
  Status status = segment.remove();
  const std::int64_t corrupt_before = segment.corrupt_records();
  const auto has_more = segment.has_more();
  corrupt_records_ += segment.corrupt_records() - corrupt_before;
  if (has_more && !*has_more) finish_reading(true);
  return status;
}

void Spool::finish_reading(bool is_drained) {
  const SegmentName name = reading_->name;
  reading_.reset();
  // One's own that cannot be read is not appended to either.
  if (writing_ && writing_->name() == name) writing_.reset();
  if (!is_drained) return;
  directory_.unlink(to_string(name));
  static_cast<void>(list());
}

}  // namespace apitoolkit::sdk
