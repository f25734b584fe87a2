#include "src/server/store/sqlite/faulty_disk.h"

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace apitoolkit::server::store {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();

std::atomic<int> operations_left{kNever};
std::atomic<FaultyDisk::Fault> current_fault{FaultyDisk::Fault::kFull};
std::atomic<bool> failed{false};

sqlite3_vfs* real_vfs = nullptr;

// What SQLite allocates for a file: this, and behind it the real file.
struct WrappedFile {
  sqlite3_file base;
  sqlite3_file* real;
};

sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<WrappedFile*>(file)->real;
}

// SQLITE_OK, or what the operation should fail with.
int next_result(bool is_sync) {
  const FaultyDisk::Fault fault = current_fault;
  if (is_sync != (fault == FaultyDisk::Fault::kSyncError)) return SQLITE_OK;
  if (operations_left == kNever) return SQLITE_OK;
  if (operations_left.fetch_sub(1) > 0) return SQLITE_OK;
  operations_left = 0;
  failed = true;
  switch (fault) {
    case FaultyDisk::Fault::kFull:
      return SQLITE_FULL;
    case FaultyDisk::Fault::kWriteError:
      return SQLITE_IOERR_WRITE;
    case FaultyDisk::Fault::kSyncError:
      return SQLITE_IOERR_FSYNC;
  }
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  sqlite3_file* const real = real_of(file);
  return real->pMethods != nullptr ? real->pMethods->xClose(real) : SQLITE_OK;
}
int read_file(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), bytes, size, offset);
}
int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (const int result = next_result(false); result != SQLITE_OK) return result;
  return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file*, int) {
  return next_result(true);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved(sqlite3_file* file, int* held) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int device_characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
  return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

const sqlite3_io_methods kMethods = {2,
                                     close_file,
                                     read_file,
                                     write_file,
                                     truncate_file,
                                     sync_file,
                                     file_size,
                                     lock_file,
                                     unlock_file,
                                     check_reserved,
                                     file_control,
                                     sector_size,
                                     device_characteristics,
                                     shm_map,
                                     shm_lock,
                                     shm_barrier,
                                     shm_unmap,
                                     nullptr,
                                     nullptr};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  auto* const wrapped = reinterpret_cast<WrappedFile*>(file);
  wrapped->real = reinterpret_cast<sqlite3_file*>(wrapped + 1);
  wrapped->real->pMethods = nullptr;
  const int result = real_vfs->xOpen(real_vfs, name, wrapped->real, flags, flags_out);
  wrapped->base.pMethods = wrapped->real->pMethods != nullptr ? &kMethods : nullptr;
  return result;
}

sqlite3_vfs wrapping_vfs;

}  // namespace

FaultyDisk::FaultyDisk() {
  real_vfs = sqlite3_vfs_find("unix");
  if (real_vfs == nullptr) std::abort();
  wrapping_vfs = *real_vfs;
  wrapping_vfs.szOsFile = static_cast<int>(sizeof(WrappedFile)) + real_vfs->szOsFile;
  wrapping_vfs.zName = "faulty";
  wrapping_vfs.xOpen = open_file;
  repair();
  if (sqlite3_vfs_register(&wrapping_vfs, 1) != SQLITE_OK) std::abort();
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&wrapping_vfs);
  sqlite3_vfs_register(real_vfs, 1);
}

void FaultyDisk::fail_after(int operations, Fault fault) {
  failed = false;
  current_fault = fault;
  operations_left = operations;
}

void FaultyDisk::repair() {
  operations_left = kNever;
}

bool FaultyDisk::has_failed() const {
  return failed;
}

}  // namespace apitoolkit::server::store
