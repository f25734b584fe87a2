// Live tail: every exchange that was committed goes to those who listen for it, as server-sent
// events (WHATWG HTML, section 9.2).
//
//   retry: 1000
//   id: 1764315539123456789        the time of receipt in Unix nanoseconds, which is the order of
//   event: ready                   commits: what a client sends back as Last-Event-ID
//   data: {}
//
//   id: …                          one exchange, on one line; bodies are left out where the event
//   event: exchange                would exceed limits::kTailEventBytesMax
//   data: {"id":…}
//
//   event: lagged                  so many were not sent, because the client or the server was
//   data: {"count":17}             too slow; no id
//
//   id: …                          a heart-beat: nothing for it until that id
//
//   event: end                     nothing follows
//   data: {"reason":"…"}
//
// A client that comes back with an id is first sent what was committed since, out of the store:
// exactly once where the server has not been restarted and the clock not been set back, if it began
// less than limits::kTailLateS before it was received.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "src/base/clock.h"
#include "src/base/worker_pool.h"
#include "src/net/http_server.h"
#include "src/server/serve/tail_listener.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::serve {

// Thread-safe.
class TailHub {
 public:
  // All must outlive the hub's stop(). `readers` fetch what a client that comes back has missed.
  TailHub(const store::Store& store, const base::Clock& clock, base::WorkerPool& readers);
  // Stops.
  ~TailHub();
  TailHub(const TailHub&) = delete;
  TailHub& operator=(const TailHub&) = delete;

  // Answers with a stream of events. kResourceExhausted, without an answer, where too many listen.
  Status subscribe(TailWish wish, const net::Responder& responder);

  // In the order of commits; times of receipt increase. On the committer's thread, for which it
  // does next to nothing while nobody listens. `duplicates`: some of them were not stored.
  void committed(std::vector<store::Record> records, bool duplicates);

  // Heart-beats, and goodbyes to those who are no longer allowed. Once a second.
  void tick();

  // Says goodbye to everybody. Idempotent.
  void stop();

  int listeners() const { return listeners_; }

 private:
  using Listeners = std::vector<std::shared_ptr<TailListener>>;

  Status add(const std::shared_ptr<TailListener>& listener);
  Listeners all();
  void deliver(const std::vector<store::Record>& records, std::uint64_t batch, bool duplicates);
  bool was_stored(const store::Record& record) const;
  void beat(std::int64_t position_ns);
  // On a reader's thread.
  void find_missed(TailListener& listener) const;
  void catch_up_later(const std::shared_ptr<TailListener>& listener);

  const store::Store& store_;
  const base::Clock& clock_;
  base::WorkerPool& readers_;
  std::atomic<int> listeners_{0};
  std::atomic<std::int64_t> queue_bytes_{0};
  std::atomic<bool> beat_waits_{false};
  std::mutex mutex_;  // guards what follows
  Listeners all_;
  std::int64_t last_committed_ns_;  // handed over to the worker
  std::uint64_t last_batch_ = 0;
  bool stopped_ = false;
  base::WorkerPool worker_;  // matches and writes
};

}  // namespace apitoolkit::server::serve
