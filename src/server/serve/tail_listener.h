// One who listens to the live tail: turns exchanges into events (see tail_hub.h) and keeps account
// of what could not be sent.
//
// It is either live, and is given each exchange as it is committed, or behind: then it holds the
// ids of what it has to be sent first, and what is committed meanwhile is added to them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/net/answer_stream.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// What somebody listens for.
struct TailWish {
  Uuid project{};
  std::function<bool(const store::Record&)> matches;  // thread-safe
  std::vector<std::size_t> fields;                    // as write_exchange takes them
  std::vector<query::FieldRef> paths;                 // too
  std::optional<std::int64_t> after_ns;               // the last event's id
  std::function<bool()> still_allowed;                // asked every second
};

// Thread-safe.
class TailListener {
 public:
  // What is committed from now on is for this one: `now_ns` is the last one's time of receipt,
  // `batch` the number of its batch.
  TailListener(TailWish wish, std::int64_t now_ns, std::uint64_t batch);

  const TailWish& wish() const { return wish_; }
  std::int64_t from_ns() const { return from_ns_; }
  std::uint64_t from_batch() const { return from_batch_; }
  bool is_open() const;

  // Once, before anything else is sent.
  void open(std::unique_ptr<net::AnswerStream> stream);

  // A matching exchange that was committed.
  void offer(const store::Record& record);
  // So many exchanges that might have matched will not be sent.
  void miss(std::int64_t count);
  // What was lost is told, and if nothing was sent for some seconds, where this listener is.
  // `position_ns`: everything up to there was offered.
  void beat(std::int64_t position_ns, std::int64_t now_ns);
  void say_goodbye(std::string_view reason);

  // A client that comes back is behind until this is called: first `missed`, in this order.
  void begin_with(std::vector<Uuid> missed);
  // Sends what it is behind with; fetches by `fetch` on the caller's thread. Returns when it has
  // caught up, or nothing more can be sent now: then it is to be called again.
  void catch_up(const std::function<std::optional<store::Record>(const Uuid& identity)>& fetch);
  bool is_behind() const;

 private:
  // All under the lock.
  bool write(const std::string& event);
  bool write_exchange_event(const store::Record& record);
  bool tell_lag();

  const TailWish wish_;
  const std::int64_t from_ns_;
  const std::uint64_t from_batch_;
  mutable std::mutex mutex_;  // guards what follows
  std::unique_ptr<net::AnswerStream> stream_;
  std::int64_t lagged_ = 0;  // not told yet
  std::int64_t written_at_ns_ = 0;
  bool wrote_ = true;   // since the last beat
  bool behind_ = true;  // until it is open
  bool catching_up_;    // some thread is at it, or what was missed is still looked for
  std::deque<Uuid> missed_;
};

}  // namespace apitoolkit::server::serve
