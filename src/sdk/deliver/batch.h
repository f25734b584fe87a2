// What is delivered together: exchanges, their messages, and which of them are still undecided.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/limits.h"
#include "src/sdk/queue/exchange_queue.h"

namespace apitoolkit::sdk {

// The exchange is kept as it was captured until its message is delivered or dropped: by then the
// server may ask for more to be redacted.
struct Parcel {
  Waiting waiting;
  std::string message;
  bool is_decided = false;
};

class Batch {
 public:
  // A run of parcels, delivered by one call.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t size() const { return end - begin; }
  };

  // Takes from the front of `backlog` what fits: kPublishMessagesMax, or about kBatchBytesMax.
  static Batch take_from(std::deque<Waiting>& backlog);
  // Messages that were made before, and are no longer in the queue.
  static Batch of_spooled(std::vector<std::string> messages);

  std::vector<Parcel>& parcels() { return parcels_; }
  bool is_decided() const { return undecided_ == 0; }

  // The settings that the messages were made with; 0 before they were made.
  std::uint64_t settings_version = 0;

  // Plans the calls anew, after the messages were made: runs of undecided parcels within
  // kPublishMessagesMax and `bytes_max` (a single message may be longer).
  void plan(std::int64_t bytes_max = limits::kBatchBytesMax);
  // The next call to make. The batch must be planned and undecided.
  Range next() const { return plan_.back(); }
  std::vector<std::string_view> messages(Range range) const;
  // The outcome of the call that next() gave: it is over and done with …
  struct Decided {
    std::int64_t count = 0;
    std::int64_t bytes = 0;  // footprint
    bool is_queued = true;   // the queue counts them
  };
  Decided decide_next();
  // … or it is made again as two.
  void split_next();
  // One parcel, before the plan is made: there is no message to be had for it.
  Decided decide(std::size_t parcel);
  // All that is left.
  Decided decide_rest();

  int splits = 0;  // calls that were made only to find a bad message

 private:
  std::vector<Parcel> parcels_;
  std::vector<Range> plan_;  // last one first
  bool is_queued_ = true;
  std::size_t undecided_ = 0;
};

}  // namespace apitoolkit::sdk
