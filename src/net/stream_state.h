// What a connection and the handle of its stream share: the bytes that wait between the threads
// that write and the strand that sends.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "src/net/answer_stream.h"

namespace apitoolkit::net {

// Thread-safe. The connection's side is called on its strand only.
class StreamState {
 public:
  // `wake` asks the connection to take(); called on a writer's thread. `total_bytes` counts the
  // backlogs of all streams, which together stay within `total_bytes_max`; it outlives the state.
  StreamState(StreamOptions options, std::function<void()> wake,
              std::atomic<std::int64_t>& total_bytes, std::int64_t total_bytes_max);
  ~StreamState();
  StreamState(const StreamState&) = delete;
  StreamState& operator=(const StreamState&) = delete;

  // The handle's side.
  bool write(std::string_view piece);
  void end();
  void abort();
  bool is_open() const;

  // The connection's side.
  struct Taken {
    std::string bytes;  // empty: nothing waits
    bool at_end = false;
    bool aborted = false;  // the connection is to be broken off
  };
  // What waits; after nothing, the next write or end calls `wake`.
  Taken take();
  // What was taken is sent.
  void sent();
  // No more is taken, what waits is still for take().
  void stop();
  // Nothing more is sent.
  void abandon();

 private:
  void release(std::int64_t bytes);  // under the lock
  void tell_gone();

  const StreamOptions options_;
  const std::function<void()> wake_;
  std::atomic<std::int64_t>& total_bytes_;
  const std::int64_t total_bytes_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::string waiting_;
  std::int64_t in_flight_bytes_ = 0;
  bool asleep_ = false;   // the connection waits for `wake`
  bool refused_ = false;  // a write, since the backlog was empty
  bool ended_ = false;    // by the handle
  bool aborted_ = false;  // so too
  bool stopped_ = false;  // by the connection
  bool told_ = false;     // gone, or nobody needs to know
};

// The handle of that state: its end is the stream's.
std::unique_ptr<AnswerStream> make_stream_handle(std::shared_ptr<StreamState> state);

}  // namespace apitoolkit::net
