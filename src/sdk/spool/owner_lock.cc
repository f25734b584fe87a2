#include "src/sdk/spool/owner_lock.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "src/base/limits.h"
#include "src/sdk/spool/little_endian.h"

namespace apitoolkit::sdk {
namespace {

// A process id (Linux: at most 22 bits) above a part of an owner's random id. A child with its
// parent's id, as only a new PID namespace or years of forks could make, takes the parent's entries
// for its own: it leaves those owners to others, no more. Constant-initialised and trivially
// destructible; no lock, so that a fork at any moment leaves it usable.
using Entry = std::uint64_t;
constexpr int kOwnerBits = 42;
constinit std::array<std::atomic<Entry>, limits::kSpoolOwnersMax> table{};

Entry entry_of(const Uuid& owner) {
  const auto process = static_cast<Entry>(getpid());
  const auto random = get<std::uint64_t>(reinterpret_cast<const char*>(owner.data()) + 8);
  return process << kOwnerBits | (random & ((Entry{1} << kOwnerBits) - 1));
}

bool is_of_this_process(Entry entry) {
  return entry >> kOwnerBits == static_cast<Entry>(getpid());
}

void take_out(Entry entry) {
  for (auto& slot : table) {
    Entry expected = entry;
    if (slot.compare_exchange_strong(expected, 0)) return;
  }
}

// False if it was there. Of two threads that put the same one in, at most one succeeds.
bool put_in(Entry entry) {
  for (const auto& slot : table) {
    if (slot.load() == entry) return false;
  }
  for (auto& slot : table) {
    Entry before = slot.load();
    if (is_of_this_process(before) || !slot.compare_exchange_strong(before, entry)) continue;
    int count = 0;
    for (const auto& other : table) count += other.load() == entry ? 1 : 0;
    if (count == 1) return true;
    slot.store(0);
    return false;
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<OwnerLock>> OwnerLock::claim(const SpoolDirectory& directory,
                                                    const Uuid& owner) {
  std::unique_ptr<OwnerLock> lock(new OwnerLock(owner));
  lock->is_in_table_ = put_in(entry_of(owner));
  if (!lock->is_in_table_) return nullptr;
  const std::string name = lock_name(owner);
  lock->file_ = directory.open_file(name, O_RDWR | O_CREAT);
  if (!lock->file_.is_open()) {
    return tl::unexpected(io_error("open", directory.path(name)));
  }
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(lock->file_.get(), F_SETLK, &whole) != 0) {
    if (errno == EAGAIN || errno == EACCES) return nullptr;
    return tl::unexpected(io_error("lock", directory.path(name)));
  }
  // Somebody else may have had it in the meantime, to its end.
  if (lock->is_unlinked()) return nullptr;
  return lock;
}

OwnerLock::~OwnerLock() {
  file_ = FileDescriptor();
  // Then, not before: closing a second descriptor would have dropped the next one's lock.
  if (is_in_table_) take_out(entry_of(owner_));
}

bool OwnerLock::is_unlinked() const {
  struct stat status {};
  return fstat(file_.get(), &status) != 0 || status.st_nlink == 0;
}

uid_t OwnerLock::user() const {
  struct stat status {};
  return fstat(file_.get(), &status) == 0 ? status.st_uid : geteuid();
}

}  // namespace apitoolkit::sdk
