// The flow of the SDK:
//
//   capture ──▶ queue ──▶ redact ──▶ encode ──▶ batch ──▶ deliver
//
// Capture and queue run on the application's threads, the rest on the worker. Read it from top to
// bottom; each stage is a folder of its own. What makes it survive a fork is fork_safe_client.cc.
#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "src/base/limits.h"
#include "src/sdk/capture/capture.h"
#include "src/sdk/deliver/courier.h"
#include "src/sdk/encode/encode.h"
#include "src/sdk/flow.h"
#include "src/sdk/redact/extra_rules.h"
#include "src/sdk/redact/rules.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;
using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Flows whose thread could not be stopped; reachable, so that nobody takes them for a leak.
constinit std::atomic<Flow*> left_to_themselves = nullptr;

}  // namespace

Flow::Flow(const Config& config, const World& world, const redact::ExchangeRedactor& local)
    : process_(current_process()),
      config_(config),
      channel_(make_channel(config, world)),
      sampler_(config.sample_rate),
      pressure_(config.queue_bytes_max),
      queue_(config.queue_bytes_max),
      log_(*world.clock),
      redaction_(std::make_shared<const Redaction>(Redaction{0, local, ""})) {}

// --- 1. Capture, 2. queue: on the thread of whoever handled the request ---

void Flow::push(std::unique_ptr<CapturedExchange> captured,
                std::shared_ptr<const ExtraRules> extra) noexcept {
  if (!keep(captured->exchange)) return;
  const std::int64_t bytes = footprint(*captured);
  const bool failed = is_error(captured->exchange);
  offer({std::move(captured), bytes, std::move(extra), failed});
}

bool Flow::keep(Exchange& exchange) noexcept {
  if (sampler_.keep(exchange, pressure_.rate(queue_.bytes(), SteadyClock::now))) return true;
  counters_.count_captured();
  counters_.count_sampled();
  return false;
}

void Flow::push_message(std::string message) noexcept {
  const auto bytes = static_cast<std::int64_t>(sizeof(Exchange) + message.size());
  offer({nullptr, bytes, nullptr, false, std::move(message)});
}

void Flow::offer(Waiting&& waiting) noexcept {
  counters_.count_captured();
  auto taken = ExchangeQueue::Offer::kFull;
  try {
    taken = queue_.push(std::move(waiting));
  } catch (const std::exception&) {
    // No memory: as good as no room.
  }
  if (taken == ExchangeQueue::Offer::kFull) drop("queue_full", 1);
  if (taken == ExchangeQueue::Offer::kClosed) drop("shutdown", 1);
  end_slow_call();
  if (!is_started_.load(std::memory_order_acquire)) start_worker();
}

// --- The worker takes all that waits, and works it off ---

void Flow::run() noexcept {
  open_spool();
  for (;;) {
    const auto found = queue_.wait_for_exchange(spool_due());
    if (found == ExchangeQueue::Found::kEnd) return;
    try {
      if (found == ExchangeQueue::Found::kExchanges) {
        queue_.linger(linger_.time());
        work_off(queue_.take_all());
      }
      deliver_spooled();
    } catch (const std::exception&) {
      // Each batch accounts for itself; this is only a lack of memory in between.
      std::int64_t bytes = 0;
      for (const Waiting& waiting : backlog_) bytes += waiting.bytes;
      decided({static_cast<std::int64_t>(backlog_.size()), bytes}, "internal");
      backlog_.clear();
      scan_at_ = SteadyClock::now() + milliseconds(limits::kSpoolScanMs);  // not at once again
    }
  }
}

void Flow::work_off(std::vector<ExchangeQueue::Chunk> chunks) {
  for (ExchangeQueue::Chunk& chunk : chunks) {
    for (Waiting& waiting : chunk) {
      if (waiting.exchange != nullptr) complete(waiting.exchange->exchange, config_);
    }
    std::move(chunk.begin(), chunk.end(), std::back_inserter(backlog_));
  }
  linger_.observe(backlog_.size());
  while (!backlog_.empty()) {
    Batch batch = Batch::take_from(backlog_);
    deliver(batch);
    for (Parcel& parcel : batch.parcels()) spares_.give_back(std::move(parcel.waiting.exchange));
  }
}

// --- 3. Redact, 4. encode: by the rules of this moment ---

// The server's rules join the application's own. If they cannot, nothing is sent.
Status Flow::obey_settings() {
  if (channel_.settings == nullptr) return {};
  const RemoteSettings& remote = channel_.settings->settings();
  if (redaction()->version == remote.version) return {};
  sampler_.set_remote_rate(remote.sample_rate);
  std::vector<std::string> complaints;
  auto redactor = combine(local_rules(config_), remote.rules, complaints);
  for (std::string& complaint : complaints) log_.add(LogLevel::kError, std::move(complaint));
  if (!redactor) return tl::unexpected(redactor.error());
  auto updated = std::make_shared<const Redaction>(
      Redaction{remote.version, std::move(*redactor), remote.project_id, remote.rules});
  const std::lock_guard lock(mutex_);
  redaction_ = std::move(updated);
  return {};
}

// Again, too, if the rules changed while the batch could not be delivered.
void Flow::encode(Batch& batch) {
  const auto current = redaction();
  const bool is_first_time = batch.settings_version == 0;
  if (!is_first_time && batch.settings_version == current->version + 1) return;
  std::vector<Parcel>& parcels = batch.parcels();
  for (std::size_t i = 0; i < parcels.size(); ++i) {
    if (parcels[i].is_decided) continue;
    try {
      auto encoded = make_message(parcels[i].waiting, *current);
      if (!encoded) {
        log_.add(LogLevel::kError, encoded.error().message);
        decided(batch.decide(i), "internal");
        continue;
      }
      parcels[i].message = std::move(encoded->message);
      for (const std::string& code : encoded->redaction) {
        if (is_first_time) counters_.count_redaction(code);
      }
      if (config_.debug) log_.add(LogLevel::kDebug, "sending " + parcels[i].message);
    } catch (const std::exception&) {
      decided(batch.decide(i), "internal");
    }
  }
  batch.plan(call_size_.bytes_max());  // first: without it there is nothing to deliver, should
                                       // memory run out here
  batch.settings_version = current->version + 1;  // 0 means: not made yet
}

Result<Encoded> Flow::make_message(const Waiting& waiting, const Redaction& current) const {
  if (!waiting.message.empty()) {
    if (!has_rules(current.remote)) return Encoded{waiting.message, {}};
    return redact_message(waiting.message, current.redactor, config_.body_bytes_max);
  }
  if (waiting.extra == nullptr) {
    return redact_and_encode(waiting.exchange->unpack(), current.redactor, current.project_id,
                             config_.body_bytes_max);
  }
  const auto redactor = combined_.get(*waiting.extra, current.version, current.remote);
  if (!redactor) return tl::unexpected(redactor.error());
  return redact_and_encode(waiting.exchange->unpack(), **redactor, current.project_id,
                           config_.body_bytes_max);
}

std::string Flow::preview(Exchange exchange, const ExtraRules* extra) const {
  complete(exchange, config_);
  const auto current = redaction();
  if (extra == nullptr) {
    return redact_and_encode(std::move(exchange), current->redactor, current->project_id,
                             config_.body_bytes_max)
        .message;
  }
  const auto redactor = combined_.get(*extra, current->version, current->remote);
  if (!redactor) return {};
  return redact_and_encode(std::move(exchange), **redactor, current->project_id,
                           config_.body_bytes_max)
      .message;
}

// --- 5. Batch, 6. deliver: until it is decided, however long that takes, or the time is up ---

void Flow::deliver(Batch& batch) {
  while (!batch.is_decided() && !interrupt_) {
    if (SteadyClock::now() < away_until_ && put_away(batch)) return;
    const Delivery result = attempt(batch);
    if (result.outcome == Outcome::kDelivered) {
      note_success();
      continue;
    }
    note_trouble(result);
    if (interrupt_) break;
    counters_.count_retried();
    if (is_closing_) backoff_.reset();  // there is little time left: try often
    const auto wait = milliseconds(backoff_.next_ms(result.retry_after_ms));
    away_until_ = SteadyClock::now() + wait;
    if (put_away(batch)) return;
    queue_.pause(wait);
  }
  if (!batch.is_decided() && !put_away(batch)) decided(batch.decide_rest(), "shutdown");
}

Delivery Flow::attempt(Batch& batch) {
  Delivery result;
  call_began_ns_ = SteadyClock::now().time_since_epoch().count();
  try {
    result = call(batch);
  } catch (const std::exception&) {
    result = {Outcome::kRetry, -1, "out of memory"};
  }
  call_began_ns_ = 0;
  // In this order: whoever interrupts sets interrupt_ first.
  end_call_ = false;
  if (interrupt_) end_call_ = true;
  return result;
}

Delivery Flow::call(Batch& batch) {
  if (channel_.settings != nullptr) {
    Delivery known = channel_.settings->refresh(call_deadline(CallSize().time()), end_call_);
    if (known.outcome != Outcome::kDelivered) return known;
  }
  if (const Status status = obey_settings(); !status) {
    return {Outcome::kRetry, -1, "the server's rules cannot be used: " + status.error().message};
  }
  encode(batch);
  Courier courier(*channel_.transport, end_call_, call_size_,
                  [this](Batch::Decided what, std::string_view reason, std::string_view detail) {
                    if (!detail.empty()) set_last_error(std::string(detail));
                    decided(what, reason);
                  });
  return courier.carry(batch);
}

void Flow::decided(Batch::Decided decided, std::string_view drop_reason) {
  const bool has_answered = drop_reason.empty() || drop_reason == "rejected";
  if (has_answered) note_answer();
  if (drop_reason.empty()) {
    counters_.count_sent(decided.count);
  } else {
    drop(drop_reason, decided.count);
  }
  // Last: whoever waits for a flush finds the rest told.
  if (decided.is_queued) queue_.release(decided.count, decided.bytes);
}

// --- What is told about it ---

void Flow::drop(std::string_view reason, std::int64_t count) noexcept {
  try {
    if (count == 0 || !counters_.count_dropped(reason, count)) return;
    log_.add(LogLevel::kWarning,
             "exchanges are dropped: " + std::string(reason) + " (see stats for how many)");
  } catch (const std::exception&) {
    // Not even the memory to say so.
  }
}

void Flow::note_success() {
  backoff_.reset();
  away_until_ = {};
}

void Flow::note_answer() {
  const State before = state_.exchange(State::kReady);
  if (before == State::kUnauthorized || before == State::kUnreachable) {
    log_.add(LogLevel::kInfo, "delivering again");
  }
}

void Flow::note_trouble(const Delivery& result) {
  if (interrupt_) return;  // what failed then says nothing about the server
  set_last_error(result.detail);
  const bool is_refused = result.outcome == Outcome::kUnauthorized;
  const State state = is_refused ? State::kUnauthorized : State::kUnreachable;
  if (state_.exchange(state) != state) {
    log_.add(is_refused ? LogLevel::kError : LogLevel::kWarning,
             result.detail + (is_refused ? "; nothing is sent until it does" : "; trying again"));
  }
}

void Flow::set_last_error(const std::string& sentence) {
  const std::lock_guard lock(mutex_);
  last_error_ = sentence;
}

std::shared_ptr<const Flow::Redaction> Flow::redaction() const {
  const std::lock_guard lock(mutex_);
  return redaction_;
}

Stats Flow::stats() const {
  constexpr const char* kNames[] = {"idle",         "connecting",  "ready",
                                    "unauthorized", "unreachable", "closed"};
  Stats stats;
  counters_.read(stats);
  stats.queue_bytes = queue_.bytes();
  if (const Spool* spool = open_spool_) stats.spool_bytes = spool->bytes();
  stats.state = config_.enabled ? kNames[static_cast<int>(state_.load())] : "disabled";
  const std::lock_guard lock(mutex_);
  stats.last_error = last_error_;
  return stats;
}

// --- Beginning and end ---

void Flow::start_worker() noexcept {
  const std::lock_guard lock(start_mutex_);
  if (is_started_ || is_stopping_) return;
  state_ = State::kConnecting;
  if (!worker_.start(*this)) {
    state_ = State::kIdle;  // the next push tries again
    return;
  }
  is_registered_ = sdk::stop_at_exit(*this);
  is_started_.store(true, std::memory_order_release);
}

void Flow::interrupt() noexcept {
  interrupt_ = true;
  end_call_ = true;
}

bool Flow::flush(std::int64_t timeout_ms) noexcept {
  return queue_.wait_until_empty(SteadyClock::now() + milliseconds(timeout_ms));
}

void Flow::close() noexcept {
  close_within(config_.flush_timeout_ms);
}

// True if the worker has ended.
bool Flow::close_within(std::int64_t timeout_ms) noexcept {
  // How long the worker may take to notice an interrupt, and to put away what there is; a part of
  // the time that close may take.
  const std::int64_t notice_ms = config_.spool_dir.empty() ? 150 : 500;
  const std::lock_guard lock(start_mutex_);
  is_stopping_ = true;
  const auto now = SteadyClock::now();
  const auto deadline = now + milliseconds(std::max(timeout_ms, notice_ms));
  is_closing_ = true;
  queue_.close();
  bool has_ended =
      worker_.join_until(now + milliseconds(std::max<std::int64_t>(0, timeout_ms - notice_ms)));
  if (!has_ended) {
    interrupt();
    queue_.wake();
    has_ended = worker_.join_until(deadline);
  }
  if (has_ended) drop_waiting();
  state_ = State::kClosed;
  return has_ended;
}

// What no worker will take any more: there was none to be had.
void Flow::drop_waiting() {
  Batch::Decided waiting;
  for (const ExchangeQueue::Chunk& chunk : queue_.take_all()) {
    waiting.count += static_cast<std::int64_t>(chunk.size());
    for (const Waiting& one : chunk) waiting.bytes += one.bytes;
  }
  decided(waiting, "shutdown");
}

// A custom transport is not called any more: what it is made of may be gone by now.
void Flow::stop_at_exit() noexcept {
  if (config_.custom_transport) interrupt();
  close_within(config_.custom_transport ? 0 : config_.flush_timeout_ms);
}

void Flow::retire(Flow* flow) noexcept {
  const bool is_ours = !flow->is_registered_ || forget_at_exit(*flow);
  if (flow->close_within(flow->config_.flush_timeout_ms) && is_ours) {
    delete flow;
    return;
  }
  flow->worker_.let_go();
  flow->next_left_ = left_to_themselves.load();
  while (!left_to_themselves.compare_exchange_weak(flow->next_left_, flow)) {
  }
}

}  // namespace apitoolkit::sdk
