// For tests: a disk that stops taking writes. It never really syncs, since tests end processes and
// not machines, which makes it the faster disk for other tests, too.
//
// While one exists, every SQLite file of the process goes through it. Not thread-safe but for the
// counters; make it before the store is opened and destroy it after the store.
#pragma once

namespace apitoolkit::server::store {

class FaultyDisk {
 public:
  enum class Fault { kFull, kWriteError, kSyncError };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // Lets `operations` more writes (or syncs, for kSyncError) pass and fails all after them.
  void fail_after(int operations, Fault fault);
  void repair();
  // Whether anything has failed since fail_after.
  bool has_failed() const;
};

}  // namespace apitoolkit::server::store
