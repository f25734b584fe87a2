// Who may read a spool's segments: the Spool that wrote them while it lives, then whoever asks
// first.
//
// Between processes it is a POSIX record lock (fcntl, F_SETLK) on the owner's lock file. The system
// drops it when the process ends, however it ends, and a forked child does not have it, whatever
// descriptors it inherited. flock and open file description locks would live on in such a child.
// Process ids play no part, so containers may share a volume.
//
// A record lock has two weaknesses, for which there is a table of the owners that this process has
// claimed: it does not keep two Spools of one process apart, and it is dropped when any descriptor
// of the file is closed. So a lock file is opened only by the one that put its owner in the table.
// The table holds process ids beside owners: what a child inherits in it counts as empty.
#pragma once

#include <sys/types.h>

#include <memory>

#include "apitoolkit/result.h"
#include "src/sdk/spool/directory.h"
#include "src/sdk/spool/file_descriptor.h"

namespace apitoolkit::sdk {

// Held until it is freed; a forked child must leave its parent's alone.
class OwnerLock {
 public:
  // Makes the lock file where it is missing. Null: the owner lives, or there are
  // limits::kSpoolOwnersMax in this process.
  static Result<std::unique_ptr<OwnerLock>> claim(const SpoolDirectory& directory,
                                                  const Uuid& owner);
  OwnerLock(const OwnerLock&) = delete;
  OwnerLock& operator=(const OwnerLock&) = delete;
  ~OwnerLock();

  const Uuid& owner() const { return owner_; }
  // True once somebody removed the lock file: then it locks nobody out.
  bool is_unlinked() const;
  // The user that files made here belong to.
  uid_t user() const;

 private:
  explicit OwnerLock(const Uuid& owner) : owner_(owner) {}

  const Uuid owner_;
  bool is_in_table_ = false;
  FileDescriptor file_;
};

}  // namespace apitoolkit::sdk
