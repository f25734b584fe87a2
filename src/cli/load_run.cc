#include "src/cli/load_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

namespace apitoolkit::cli {
namespace {

using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kCallTimeout{30};
constexpr milliseconds kLookEvery{100};
constexpr double kInterruptedPatienceS = 10;
constexpr std::int64_t kBackoffMsMin = 50;
constexpr std::int64_t kBackoffMsMax = 2000;
constexpr int kBackoffDoublingsMax = 8;
constexpr std::size_t kRefusalBytesMax = 500;  // of an answer that is shown
constexpr double kDayNs = 86'400e9;
constexpr double kDailyRhythm = 0.6;  // of 1, in which all of a day's traffic were at one moment

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

// Retry-After in seconds; the other form, a date, no server of ours sends.
std::optional<std::int64_t> retry_after_ms(const net::HttpResponse& response) {
  const std::string_view text = response.header("Retry-After");
  std::int64_t wait_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_s);
  if (error != std::errc() || end != text.data() + text.size() || wait_s < 0) return std::nullopt;
  return std::min<std::int64_t>(wait_s, 60) * 1000;
}

}  // namespace

std::string LoadDoor::describe(const net::HttpResponse& response) const {
  return std::to_string(response.status) + ": " + response.body.substr(0, kRefusalBytesMax);
}

LoadRun::LoadRun(const LoadPlan& plan, LoadDoor& door, net::HttpCalls& calls,
                 const base::Clock& clock, std::FILE* acknowledged, Observer observer)
    : plan_(plan),
      door_(door),
      calls_(calls),
      clock_(clock),
      acknowledged_(acknowledged),
      observer_(std::move(observer)),
      mix_(plan.mix),
      jitter_(plan.mix.seed) {}

LoadReport LoadRun::run(const std::atomic<bool>& interrupt) {
  begin_ = last_acknowledged_ = Clock::now();
  measure_from_ = begin_ + duration_cast<Clock::duration>(duration<double>(plan_.warmup_s));
  Clock::time_point now = begin_;
  while (!interrupt && !is_over(now)) {
    if (!is_measuring_ && now >= measure_from_) {
      is_measuring_ = true;
      measure_from_ = now;
      cpu_before_s_ = cpu_seconds();
    }
    resend_what_is_due(now);
    fill(now);
    calls_.run(until_next(Clock::now()));
    now = Clock::now();
    observe(now);
  }
  report_.seconds = is_measuring_ ? duration<double>(now - measure_from_).count() : 0;
  report_.client_cpu_s = is_measuring_ ? cpu_seconds() - cpu_before_s_ : 0;
  is_measuring_ = false;
  drain(interrupt);
  report_.unacknowledged = report_.sent - report_.acknowledged;
  return std::move(report_);
}

bool LoadRun::is_over(Clock::time_point now) const {
  if (!report_.refusal.empty()) return true;
  if (plan_.count > 0 && report_.acknowledged >= plan_.count) return true;
  if (busy() > 0 && now - last_acknowledged_ > duration<double>(plan_.patience_s)) return true;
  return plan_.duration_s > 0 &&
         now - begin_ >= duration<double>(plan_.warmup_s + plan_.duration_s);
}

void LoadRun::fill(Clock::time_point now) {
  while (busy() < static_cast<std::size_t>(plan_.connections) && report_.refusal.empty()) {
    if (plan_.count > 0 && made_ >= plan_.count) return;
    Clock::time_point due = now;
    if (plan_.rate > 0) {
      const duration<double> after(static_cast<double>(made_) / plan_.rate);
      due = begin_ + duration_cast<Clock::duration>(after);
      if (due > now) return;
    }
    send(make_batch(due));
  }
}

LoadRun::Batch LoadRun::make_batch(Clock::time_point due) {
  Batch batch;
  if (!spare_bodies_.empty()) {
    batch.body = std::move(spare_bodies_.back());
    spare_bodies_.pop_back();
  }
  batch.begin = due;
  auto count = static_cast<std::int64_t>(plan_.batch);
  if (plan_.count > 0) count = std::min(count, plan_.count - made_);
  batch.count = static_cast<std::size_t>(count);
  door_.begin(batch.body);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string_view message = mix_.next(start_ns());
    door_.add({message, mix_.request_body(), mix_.response_body()}, batch.body);
    if (acknowledged_ != nullptr) batch.ids.append(mix_.id()).push_back('\n');
    report_.message_bytes += static_cast<std::int64_t>(message.size());
    report_.bodies_bytes += mix_.bodies_bytes();
    ++made_;
  }
  door_.end(batch.body);
  report_.messages += count;
  report_.sent += count;
  return batch;
}

// Now, or that part of the given time that has the same part of the exchanges: more by day than by
// night.
std::int64_t LoadRun::start_ns() {
  if (!plan_.since_ns) return clock_.now_ns();
  const auto span = static_cast<double>(*plan_.until_ns - *plan_.since_ns);
  const double even = span * (static_cast<double>(made_) + 0.5) / static_cast<double>(plan_.count);
  const auto with_rhythm = [](double time) {
    constexpr double kTurn = 2 * std::numbers::pi / kDayNs;
    return time - kDailyRhythm / kTurn * std::sin(time * kTurn);
  };
  // A part of a day has its rhythm's part alone, and is stretched to its end.
  const double at = with_rhythm(even) * span / with_rhythm(span);
  return *plan_.since_ns + static_cast<std::int64_t>(std::clamp(at, 0.0, span - 1));
}

void LoadRun::send(Batch batch) {
  const bool is_new = batch.attempts++ == 0;
  if (!is_new) ++report_.retried;
  if (is_new && busy() == 0) last_acknowledged_ = Clock::now();  // nothing was waited for
  net::HttpRequest request = door_.request();
  request.body = std::exchange(batch.body, {});
  request.deadline = Clock::now() + kCallTimeout;
  calls_.start(std::move(request),
               [this, batch = std::make_shared<Batch>(std::move(batch))](
                   net::HttpRequest sent, const Result<net::HttpResponse>& response) {
                 batch->body = std::move(sent.body);
                 take(std::move(*batch), response);
               });
}

void LoadRun::take(Batch batch, const Result<net::HttpResponse>& response) {
  if (!response) {
    ++report_.failed;
    if (response.error().code == ErrorCode::kInvalidArgument) {
      report_.refusal = response.error().message;
    }
    return wait_and_retry(std::move(batch), 0);
  }
  switch (door_.judge(*response, batch.count)) {
    case LoadDoor::Verdict::kAcknowledged:
      return acknowledge(std::move(batch));
    case LoadDoor::Verdict::kRetry:
      ++report_.refused;
      return wait_and_retry(std::move(batch), retry_after_ms(*response).value_or(0));
    case LoadDoor::Verdict::kRefused:
      if (report_.refusal.empty()) {
        report_.refusal = "the server answered " + door_.describe(*response);
      }
  }
}

void LoadRun::acknowledge(Batch batch) {
  const auto now = Clock::now();
  const auto count = static_cast<std::int64_t>(batch.count);
  last_acknowledged_ = now;
  report_.acknowledged += count;
  if (acknowledged_ != nullptr) {
    std::fwrite(batch.ids.data(), 1, batch.ids.size(), acknowledged_);
    std::fflush(acknowledged_);
  }
  if (is_measuring_) {
    const auto took = duration_cast<std::chrono::microseconds>(now - batch.begin);
    report_.latency.add(took.count(), count);
    report_.measured += count;
    report_.request_bytes += static_cast<std::int64_t>(batch.body.size());
  }
  spare_bodies_.push_back(std::move(batch.body));
}

// At least as long as the server asks, and the longer the more often it failed; not all at once.
void LoadRun::wait_and_retry(Batch batch, std::int64_t wait_ms) {
  const int doublings = std::min(batch.attempts, kBackoffDoublingsMax);
  const std::int64_t backoff_ms = std::min(kBackoffMsMin << doublings, kBackoffMsMax);
  const auto jitter_ms =
      static_cast<std::int64_t>(jitter_.below(static_cast<std::uint64_t>(backoff_ms)));
  batch.next = Clock::now() + milliseconds(std::max(wait_ms, backoff_ms / 2) + jitter_ms / 2);
  waiting_.push_back(std::move(batch));
}

void LoadRun::resend_what_is_due(Clock::time_point now) {
  for (std::size_t i = 0; i < waiting_.size();) {
    if (waiting_[i].next > now) {
      ++i;
      continue;
    }
    Batch batch = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    send(std::move(batch));
  }
}

milliseconds LoadRun::until_next(Clock::time_point now) const {
  Clock::time_point next = now + kLookEvery;
  for (const Batch& batch : waiting_) next = std::min(next, batch.next);
  if (plan_.rate > 0 && busy() < static_cast<std::size_t>(plan_.connections)) {
    const duration<double> after(static_cast<double>(made_) / plan_.rate);
    next = std::min(next, begin_ + duration_cast<Clock::duration>(after));
  }
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(next - now));
}

void LoadRun::observe(Clock::time_point now) {
  if (now < next_look_) return;
  next_look_ = now + kLookEvery;
  const double past_s = duration<double>(now - begin_).count();
  const double part =
      plan_.count > 0 ? static_cast<double>(report_.acknowledged) / static_cast<double>(plan_.count)
                      : past_s / (plan_.warmup_s + plan_.duration_s);
  observer_({past_s, std::min(part, 1.0), report_});
}

void LoadRun::drain(bool is_interrupted) {
  const double patience_s =
      is_interrupted ? std::min(plan_.patience_s, kInterruptedPatienceS) : plan_.patience_s;
  const auto end = Clock::now() + duration<double>(patience_s);
  while (busy() > 0 && report_.refusal.empty() && Clock::now() < end) {
    resend_what_is_due(Clock::now());
    calls_.run(until_next(Clock::now()));
    observe(Clock::now());
  }
}

}  // namespace apitoolkit::cli
