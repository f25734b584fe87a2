// What is dropped so that the disk lasts: whole UTC days, the oldest first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/server/disk_watch.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

struct RetentionLimits {
  int days = limits::kRetentionDaysDefault;  // how old an exchange may become
  std::int64_t bytes = 0;                    // that all days together may take; 0: no such limit
  std::int64_t free_bytes_min = limits::kRetentionFreeBytesMin;  // that the disk is to keep free
};

// Used by one thread at a time. The newest day stays, whatever it takes.
class Retention {
 public:
  // `store` must outlive it.
  Retention(store::Store& store, RetentionLimits limits, DiskWatch::FreeBytes free_bytes)
      : store_(store), limits_(limits), free_bytes_(std::move(free_bytes)) {}

  // Drops what is too old (if `by_age`: the clock is believed), then days until the bytes fit, then
  // one day if the disk is short of room. Returns a sentence for the log about each reason that
  // dropped something.
  Result<std::vector<std::string>> apply(std::int64_t now_ns, bool by_age = true);

 private:
  // Returns the exchanges that went; 0 as well where there is only one day.
  Result<std::int64_t> drop_oldest();

  store::Store& store_;
  const RetentionLimits limits_;
  const DiskWatch::FreeBytes free_bytes_;
};

}  // namespace apitoolkit::server
