#include "src/server/serve/tail_hub.h"

#include <algorithm>
#include <utility>

#include "src/base/limits.h"
#include "src/server/store/exchange_size.h"
#include "src/server/store/page_builder.h"

namespace apitoolkit::server::serve {
namespace {

constexpr std::size_t kWorkMax = 1024;  // committed batches are bounded by their bytes

std::int64_t memory_bytes(const std::vector<store::Record>& records) {
  std::int64_t bytes = 0;
  for (const store::Record& record : records) bytes += store::memory_bytes(record.exchange);
  return bytes;
}

}  // namespace

TailHub::TailHub(const store::Store& store, const base::Clock& clock, base::WorkerPool& readers)
    : store_(store),
      clock_(clock),
      readers_(readers),
      last_committed_ns_(clock.now_ns()),
      worker_(1, kWorkMax) {}

TailHub::~TailHub() {
  stop();
}

Status TailHub::subscribe(TailWish wish, const net::Responder& responder) {
  const bool comes_back = wish.after_ns.has_value();
  std::shared_ptr<TailListener> listener;
  {
    const std::lock_guard lock(mutex_);
    // Whatever is committed from here on is delivered; what was before is in the store.
    listener = std::make_shared<TailListener>(std::move(wish), last_committed_ns_, last_batch_);
    if (auto added = add(listener); !added) return added;
  }
  net::StreamOptions options;
  options.backlog_bytes_max = limits::kTailBacklogBytesMax;
  const std::weak_ptr<TailListener> weak = listener;
  options.drained = [this, weak] {
    const auto alive = weak.lock();
    if (alive && alive->is_behind()) catch_up_later(alive);
  };
  listener->open(responder.stream({200,
                                   {{"Content-Type", "text/event-stream"},
                                    {"Cache-Control", "no-store"},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"X-Accel-Buffering", "no"}},
                                   ""},
                                  std::move(options)));
  if (!comes_back) {
    if (listener->is_behind()) catch_up_later(listener);
    return {};
  }
  const bool taken = readers_.submit([this, listener] {
    find_missed(*listener);
    catch_up_later(listener);
  });
  if (!taken) listener->say_goodbye("too many requests wait; come back later");
  return {};
}

// Under the lock.
Status TailHub::add(const std::shared_ptr<TailListener>& listener) {
  if (stopped_) return fail(ErrorCode::kUnavailable, "the server is stopping");
  std::erase_if(all_, [](const auto& one) { return !one->is_open(); });
  const auto of_project = std::count_if(all_.begin(), all_.end(), [&](const auto& one) {
    return one->wish().project == listener->wish().project;
  });
  if (of_project >= limits::kTailListenersOfProjectMax ||
      static_cast<int>(all_.size()) >= limits::kTailListenersMax) {
    return fail(ErrorCode::kResourceExhausted, "too many listen to the tail already");
  }
  all_.push_back(listener);
  listeners_ = static_cast<int>(all_.size());
  return {};
}

TailHub::Listeners TailHub::all() {
  const std::lock_guard lock(mutex_);
  std::erase_if(all_, [](const auto& one) { return !one->is_open(); });
  listeners_ = static_cast<int>(all_.size());
  return all_;
}

void TailHub::committed(std::vector<store::Record> records, bool duplicates) {
  if (records.empty()) return;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    last_committed_ns_ = records.back().received_ns;
    number = ++last_batch_;
    if (all_.empty()) return;
  }
  const std::int64_t bytes = memory_bytes(records);
  const auto count = static_cast<std::int64_t>(records.size());
  if (queue_bytes_.fetch_add(bytes) + bytes <= limits::kTailQueueBytesMax) {
    auto batch = std::make_shared<std::vector<store::Record>>(std::move(records));
    const bool taken = worker_.submit([this, batch, number, duplicates, bytes] {
      deliver(*batch, number, duplicates);
      queue_bytes_ -= bytes;
    });
    if (taken) return;
  }
  queue_bytes_ -= bytes;
  for (const auto& listener : all()) listener->miss(count);
}

void TailHub::deliver(const std::vector<store::Record>& records, std::uint64_t batch,
                      bool duplicates) {
  const Listeners listeners = all();
  for (const store::Record& record : records) {
    for (const auto& listener : listeners) {
      const TailWish& wish = listener->wish();
      if (record.project != wish.project || batch <= listener->from_batch()) continue;
      if (!wish.matches(record)) continue;
      if (duplicates && !was_stored(record)) break;
      listener->offer(record);
    }
  }
}

// Of two of one identity the one is kept that came first.
bool TailHub::was_stored(const store::Record& record) const {
  const auto kept = store_.fetch(record.project, record.identity);
  return kept && *kept && (*kept)->received_ns == record.received_ns;
}

void TailHub::tick() {
  if (listeners_ == 0 || beat_waits_.exchange(true)) return;
  std::int64_t position_ns = 0;
  {
    const std::lock_guard lock(mutex_);
    position_ns = last_committed_ns_;
  }
  // Behind what was committed before.
  const bool taken = worker_.submit([this, position_ns] {
    beat_waits_ = false;
    beat(position_ns);
  });
  if (!taken) beat_waits_ = false;
}

void TailHub::beat(std::int64_t position_ns) {
  const std::int64_t now_ns = clock_.now_ns();
  for (const auto& listener : all()) {
    if (!listener->wish().still_allowed()) {
      listener->say_goodbye("the key or the log-in is no longer valid");
      continue;
    }
    listener->beat(position_ns, now_ns);
    if (listener->is_behind()) catch_up_later(listener);
  }
}

void TailHub::find_missed(TailListener& listener) const {
  struct Missed {
    std::int64_t received_ns;
    Uuid identity;
  };
  std::vector<Missed> missed;
  const TailWish& wish = listener.wish();
  store::Filter filter;
  filter.project = wish.project;
  filter.since_ns = *wish.after_ns - limits::kTailLateS * 1'000'000'000;
  std::optional<store::Position> after;
  std::int64_t rows = 0;
  do {
    const auto page =
        store_.scan(filter, after, {limits::kPageRowsMax, limits::kTailQueueBytesMax});
    if (!page) return listener.say_goodbye(page.error().message);
    for (const store::Record& record : page->records) {
      const bool new_to_it =
          record.received_ns > *wish.after_ns && record.received_ns <= listener.from_ns();
      if (new_to_it && wish.matches(record))
        missed.push_back({record.received_ns, record.identity});
    }
    rows += static_cast<std::int64_t>(page->records.size());
    after = page->next;
  } while (after && rows < limits::kTailScanRowsMax && listener.is_open());
  std::sort(missed.begin(), missed.end(),
            [](const Missed& a, const Missed& b) { return a.received_ns < b.received_ns; });
  // The newest are kept. Where the scan ended early, at least one is missing.
  const std::size_t kept =
      std::min(missed.size(), static_cast<std::size_t>(limits::kTailMissedMax));
  const std::size_t lost = missed.size() - kept;
  if (lost > 0 || after) listener.miss(std::max<std::int64_t>(1, static_cast<std::int64_t>(lost)));
  std::vector<Uuid> identities;
  identities.reserve(kept);
  for (std::size_t i = lost; i < missed.size(); i++) identities.push_back(missed[i].identity);
  listener.begin_with(std::move(identities));
}

void TailHub::catch_up_later(const std::shared_ptr<TailListener>& listener) {
  // Where the readers are busy, the next tick tries again.
  readers_.submit([this, listener] {
    listener->catch_up([&](const Uuid& identity) {
      auto record = store_.fetch(listener->wish().project, identity);
      return record ? std::move(*record) : std::nullopt;
    });
  });
}

void TailHub::stop() {
  Listeners listeners;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    listeners = std::exchange(all_, {});
    listeners_ = 0;
  }
  for (const auto& listener : listeners) listener->say_goodbye("the server stops");
  worker_.stop();
}

}  // namespace apitoolkit::server::serve
