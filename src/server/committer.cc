#include "src/server/committer.h"

#include <chrono>
#include <exception>
#include <iterator>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::server {

Committer::Committer(store::Store& store, Observer observer, Committed committed)
    : store_(store),
      observer_(std::move(observer)),
      committed_(std::move(committed)),
      thread_([this] { run(); }) {}

Committer::~Committer() {
  stop();
}

void Committer::commit(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) {
      queue_.push_back(std::move(work));
      wake_.notify_one();
      return;
    }
  }
  work.done(fail(ErrorCode::kUnavailable, "the server is stopping"));
}

void Committer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Committer::run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
    }
    try {
      append(take_group());
    } catch (const std::exception& thrown) {
      // Out of memory. What the group held is dropped with it, so that its clients get 500.
      observer_(fail(ErrorCode::kInternal, thrown.what()), 0, 0, 0);
    }
  }
}

std::vector<Committer::Work> Committer::take_group() {
  const std::lock_guard lock(mutex_);
  std::vector<Work> group;
  std::size_t records = 0;
  while (!queue_.empty()) {
    const Work& next = queue_.front();
    records += next.records.size() + next.dead_letters.size() + next.logs.size();
    if (!group.empty() && records > limits::kCommitRecordsMax) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

void Committer::append(std::vector<Work> group) {
  std::vector<store::Record> records = std::move(group.front().records);
  std::vector<store::DeadLetter> dead_letters = std::move(group.front().dead_letters);
  std::vector<store::LogEntry> logs = std::move(group.front().logs);
  for (std::size_t i = 1; i < group.size(); i++) {
    std::move(group[i].records.begin(), group[i].records.end(), std::back_inserter(records));
    std::move(group[i].dead_letters.begin(), group[i].dead_letters.end(),
              std::back_inserter(dead_letters));
    std::move(group[i].logs.begin(), group[i].logs.end(), std::back_inserter(logs));
  }
  order_receipts(records);
  const auto begin = std::chrono::steady_clock::now();
  const Result<store::Appended> appended = store_.append({records, dead_letters, logs});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  observer_(appended, records.size(), dead_letters.size(), took.count());
  if (appended && committed_) committed_(std::move(records), appended->duplicates);
  const Status status = appended ? Status() : tl::unexpected<Error>(appended.error());
  for (Work& work : group) work.done(status);
}

void Committer::order_receipts(std::vector<store::Record>& records) {
  constexpr std::int64_t kOutOfOrderNs = limits::kReceiptsOutOfOrderS * 1'000'000'000;
  for (store::Record& record : records) {
    std::int64_t& received_ns = record.received_ns;
    if (received_ns <= last_received_ns_ && received_ns > last_received_ns_ - kOutOfOrderNs) {
      received_ns = last_received_ns_ + 1;
    }
    last_received_ns_ = received_ns;
  }
}

}  // namespace apitoolkit::server
