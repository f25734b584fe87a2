// A client within one process: the stages that an exchange passes, the thread that carries it, and
// what is known about how it goes. client.cc is its story.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apitoolkit/client.h"
#include "src/redact/exchange_redactor.h"
#include "src/sdk/capture/sampler.h"
#include "src/sdk/counters.h"
#include "src/sdk/deliver/batch.h"
#include "src/sdk/deliver/call_size.h"
#include "src/sdk/deliver/retry.h"
#include "src/sdk/deliver/transports.h"
#include "src/sdk/encode/encode.h"
#include "src/sdk/log_ring.h"
#include "src/sdk/process.h"
#include "src/sdk/queue/exchange_queue.h"
#include "src/sdk/queue/linger.h"
#include "src/sdk/queue/pressure.h"
#include "src/sdk/queue/spare_exchanges.h"
#include "src/sdk/redact/extra_rules.h"
#include "src/sdk/spool/spool.h"
#include "src/sdk/worker_thread.h"

namespace apitoolkit::sdk {

class Flow final : private WorkerThread::Task, private StoppedAtExit {
 public:
  // `local` are the configuration's rules, compiled.
  Flow(const Config& config, const World& world, const redact::ExchangeRedactor& local);

  // Client's functions, for the process that this was made in. All are thread-safe.
  void push(std::unique_ptr<CapturedExchange> captured,
            std::shared_ptr<const ExtraRules> extra) noexcept;
  std::unique_ptr<CapturedExchange> take_spare() { return spares_.take(); }
  void push_message(std::string message) noexcept;
  bool keep(Exchange& exchange) noexcept;
  bool flush(std::int64_t timeout_ms) noexcept;
  void close() noexcept;
  Stats stats() const;
  std::vector<LogRecord> take_log() noexcept { return log_.take(); }
  std::string preview(Exchange exchange, const ExtraRules* extra) const;
  std::string project_id() const { return redaction()->project_id; }

  // Closes and frees `flow`. One whose thread cannot be stopped in time is left to itself instead:
  // it holds all that its thread may touch.
  static void retire(Flow* flow) noexcept;

  const ProcessMark& process() const { return process_; }

 private:
  enum class State { kIdle, kConnecting, kReady, kUnauthorized, kUnreachable, kClosed };

  // How exchanges are made unreadable to others: replaced as a whole when the server's rules
  // change.
  struct Redaction {
    std::uint64_t version = 0;  // of the remote settings
    redact::ExchangeRedactor redactor;
    std::string project_id;
    redact::Rules remote = {};  // what the server added
  };

  ~Flow() = default;

  void offer(Waiting&& waiting) noexcept;
  void start_worker() noexcept;
  void run() noexcept override;
  void stop_at_exit() noexcept override;
  bool close_within(std::int64_t timeout_ms) noexcept;
  void drop_waiting();

  void work_off(std::vector<ExchangeQueue::Chunk> chunks);
  void deliver(Batch& batch);
  Delivery attempt(Batch& batch);
  Delivery call(Batch& batch);
  void note_success();
  void interrupt() noexcept;
  Status obey_settings();
  void encode(Batch& batch);
  Result<Encoded> make_message(const Waiting& waiting, const Redaction& current) const;
  // spooling.cc: what the disk is for.
  void open_spool();
  ExchangeQueue::TimePoint spool_due() const;
  bool put_away(Batch& batch) noexcept;
  void deliver_spooled();
  void end_slow_call() noexcept;

  void decided(Batch::Decided decided, std::string_view drop_reason);
  void drop(std::string_view reason, std::int64_t count) noexcept;
  void note_answer();
  void note_trouble(const Delivery& result);
  void set_last_error(const std::string& sentence);
  std::shared_ptr<const Redaction> redaction() const;

  const ProcessMark process_;
  const Config config_;
  Channel channel_;
  Sampler sampler_;
  Pressure pressure_;
  SpareExchanges spares_;
  ExchangeQueue queue_;
  Counters counters_;
  LogRing log_;
  Linger linger_;
  Backoff backoff_;
  CallSize call_size_;              // the worker's, too
  mutable CombinedRules combined_;  // a cache
  std::deque<Waiting> backlog_;     // the worker's: taken, not yet in a batch
  // The worker's as well: null where there is none, or none that can be used.
  std::unique_ptr<Spool> spool_;
  ExchangeQueue::TimePoint away_until_{};           // with a spool nothing is tried before
  ExchangeQueue::TimePoint scan_at_{};              // the next look for what other processes left
  std::atomic<const Spool*> open_spool_ = nullptr;  // spool_, for stats

  std::atomic<State> state_ = State::kIdle;
  std::atomic<bool> is_closing_ = false;
  std::atomic<bool> interrupt_ = false;          // ends whatever the worker waits for
  std::atomic<bool> end_call_ = false;           // ends the present call to the transport
  std::atomic<std::int64_t> call_began_ns_ = 0;  // the steady clock's; 0: there is none
  mutable std::mutex mutex_;                     // guards what follows
  std::string last_error_;
  std::shared_ptr<const Redaction> redaction_;  // shared: preview may still use the one before

  std::mutex start_mutex_;  // guards starting and stopping
  std::atomic<bool> is_started_ = false;
  bool is_stopping_ = false;
  bool is_registered_ = false;
  WorkerThread worker_;
  Flow* next_left_ = nullptr;  // of those that were left to themselves
};

}  // namespace apitoolkit::sdk
