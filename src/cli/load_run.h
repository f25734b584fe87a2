// A load on a server: batches of an invented shop's messages through one of its doors, as fast as
// they are acknowledged or at a given rate, each sent again until it is acknowledged; and what was
// measured meanwhile.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/cli/latency_histogram.h"
#include "src/cli/load_door.h"
#include "src/cli/traffic_mix.h"
#include "src/net/http_calls.h"

namespace apitoolkit::cli {

struct LoadPlan {
  TrafficMix::Options mix = {};
  int batch = 100;         // exchanges in a request
  int connections = 8;     // requests at the same time
  double rate = 0;         // exchanges a second; 0: as fast as they are acknowledged
  std::int64_t count = 0;  // exchanges; 0: until the time is over
  double duration_s = 0;   // 0: until the count is reached. One of the two is set
  double warmup_s = 0;     // at the begin, of which nothing is measured
  double patience_s = 60;  // without any acknowledgement; then the run ends
  // The exchanges' times: spread from one to the other, which needs a count; else now.
  std::optional<std::int64_t> since_ns = {};
  std::optional<std::int64_t> until_ns = {};
};

struct LoadReport {
  // From the begin to the end of the run.
  std::int64_t sent = 0;            // exchanges of batches that were sent at least once
  std::int64_t acknowledged = 0;    // exchanges
  std::int64_t unacknowledged = 0;  // exchanges that were sent and got no acknowledgement
  std::int64_t refused = 0;         // requests that were answered 429, 503 or the like
  std::int64_t failed = 0;          // requests that got no answer
  std::int64_t retried = 0;         // requests that were sent again
  std::string refusal;              // why the run ended early; else empty
  // After the warm-up.
  double seconds = 0;
  std::int64_t measured = 0;                         // exchanges acknowledged
  std::int64_t request_bytes = 0;                    // of acknowledged requests, without heads
  std::int64_t message_bytes = 0, bodies_bytes = 0;  // of messages that were made, and in them
  std::int64_t messages = 0;                         // that were made
  double client_cpu_s = 0;                           // of this process
  LatencyHistogram latency;  // from when a batch was sent first, or due, to its acknowledgement
};

class LoadRun {
 public:
  struct Now {
    double seconds;  // since the begin
    double part;     // of the run that is over, 0 to 1
    const LoadReport& report;
  };
  // Called about every 100 ms, for a live display.
  using Observer = std::function<void(const Now&)>;

  // Everything given must outlive the run. `acknowledged`, if it is not null, is written each
  // msg_id that was acknowledged, a line each, flushed before the next batch is sent.
  LoadRun(const LoadPlan& plan, LoadDoor& door, net::HttpCalls& calls, const base::Clock& clock,
          std::FILE* acknowledged, Observer observer);

  // Until the plan is fulfilled, `interrupt` is set, or the server refuses for good. Then waits for
  // what was sent already, at most the plan's patience, and not long where it was interrupted.
  LoadReport run(const std::atomic<bool>& interrupt);

 private:
  using Clock = std::chrono::steady_clock;
  struct Batch {
    std::string body;
    std::string ids;  // one a line, where they are asked for
    std::size_t count = 0;
    Clock::time_point begin;  // when it was sent first, or due
    Clock::time_point next;   // when it may be sent again
    int attempts = 0;
  };

  bool is_over(Clock::time_point now) const;
  void fill(Clock::time_point now);
  Batch make_batch(Clock::time_point now);
  std::int64_t start_ns();
  void send(Batch batch);
  void take(Batch batch, const Result<net::HttpResponse>& response);
  void acknowledge(Batch batch);
  void wait_and_retry(Batch batch, std::int64_t wait_ms);
  void resend_what_is_due(Clock::time_point now);
  std::chrono::milliseconds until_next(Clock::time_point now) const;
  void observe(Clock::time_point now);
  void drain(bool is_interrupted);
  std::size_t busy() const { return calls_.running() + waiting_.size(); }

  const LoadPlan plan_;
  LoadDoor& door_;
  net::HttpCalls& calls_;
  const base::Clock& clock_;
  std::FILE* const acknowledged_;
  const Observer observer_;
  TrafficMix mix_;
  TrafficRandom jitter_;
  LoadReport report_;
  std::vector<Batch> waiting_;  // to be sent again
  std::vector<std::string> spare_bodies_;
  Clock::time_point begin_, measure_from_, last_acknowledged_, next_look_;
  std::int64_t made_ = 0;
  double cpu_before_s_ = 0;
  bool is_measuring_ = false;
};

}  // namespace apitoolkit::cli
