// Messages that wait on disk: while the server is away, and from one process to the next.
//
// A spool is a directory that any number of processes and Spools share, also from containers with
// process ids of their own. Each Spool appends to segments of its own (segment_format.h) and reads
// those, and those of Spools that are gone (owner_lock.h says how it knows); no two that live read
// the same segment.
//
// What append() returned for survives a kill -9 at any moment. Against a power cut nothing is done
// but to sync each segment once it is full: it may cost the last seconds. Delivery is at least
// once: what is killed between a delivery and remove() delivers again, with the same msg_id.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/sdk/spool/directory.h"
#include "src/sdk/spool/owner_lock.h"
#include "src/sdk/spool/segment_reader.h"
#include "src/sdk/spool/segment_writer.h"

namespace apitoolkit::sdk {

// Used by one thread at a time, but for bytes() and corrupt_records(), which any may call. A forked
// child must leave its parent's alone, not even free it; it makes one of its own. The thread must
// block SIGXFSZ (the worker blocks all signals), or a file size limit kills the process.
class Spool {
 public:
  struct Options {
    std::string directory;  // made (mode 0700) where it is missing, but not its parents
    // Of all segments in the directory together, whoever wrote them. Processes do not wait for each
    // other: each may exceed it by what it appends at that moment.
    std::int64_t bytes_max = limits::kSpoolBytesMax;
    const base::Clock* clock = &base::system_clock();  // names segments, so that the oldest is read
                                                       // first
  };
  // kInvalidArgument: no directory, not writable, bytes_max not positive. kIo: what else the system
  // refuses. kResourceExhausted: limits::kSpoolOwnersMax in this process. The message has the path.
  static Result<std::unique_ptr<Spool>> open(Options options);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  // What is left is then anybody's.
  ~Spool();

  // All of `messages`, or none. kResourceExhausted: over bytes_max. kIo: the system refuses, for
  // example for lack of space. kInvalidArgument: a message over limits::kMessageBytesMax. A
  // directory that somebody removed is made again.
  Status append(std::span<const std::string_view> messages);

  struct Batch {
    std::vector<std::string> messages;  // limits::kPublishMessagesMax at most
    SegmentName segment;
    std::int64_t offset = 0;  // in it, in bytes
  };
  // The oldest messages that are nobody else's, as many as one publish request takes; until they
  // are removed the same ones come first again. nullopt: there are none. An error (kIo,
  // kUnsupported) is about one file, which is from then on left alone: the next call goes on with
  // the others.
  Result<std::optional<Batch>> oldest();
  // `batch` is what oldest() gave last; else kInvalidArgument. kIo: another process may deliver it
  // again; oldest() goes on all the same.
  Status remove(const Batch& batch);

  // Of all segments in the directory, as of the last append, oldest or remove.
  std::int64_t bytes() const { return bytes_; }
  // Damaged places that this Spool has come across: each one record or more.
  std::int64_t corrupt_records() const { return corrupt_records_; }

 private:
  // A segment that is being read.
  struct Reading {
    SegmentName name;
    SegmentReader segment;
  };

  Spool(Options options, SpoolDirectory directory, std::unique_ptr<OwnerLock> own);

  Status return_home();
  Result<SpoolDirectory::Listing> list();
  Status append_records(std::vector<std::string>& records);
  Status begin_segment();
  bool may_read(const Uuid& owner, std::set<Uuid>& alive);
  void let_go_of_finished(const SpoolDirectory::Listing& listing);
  Result<std::optional<Batch>> oldest_of(const SegmentName& name);
  Result<std::optional<Batch>> read_on();
  void finish_reading(bool is_drained);
  void clear_abandoned_locks();

  const Options options_;
  SpoolDirectory directory_;
  std::unique_ptr<OwnerLock> own_;
  std::vector<std::unique_ptr<OwnerLock>> adopted_;
  std::optional<SegmentWriter> writing_;
  std::optional<Reading> reading_;
  std::set<SegmentName> left_alone_;  // that cannot be read
  std::int64_t last_time_ms_ = 0;     // of one's own segments' names
  std::atomic<std::int64_t> bytes_ = 0;
  std::atomic<std::int64_t> corrupt_records_ = 0;
};

}  // namespace apitoolkit::sdk
