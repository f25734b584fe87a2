// For tests: a store that does not do what it should, when it should.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/server/server.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

// A memory store that can be told to fail, or to wait.
class FaultyStore final : public store::Store {
 public:
  static constexpr std::int64_t kPassed = 7;  // as a scan that has to wait says

  struct Control {
    std::mutex mutex;
    std::optional<ErrorCode> failure;
    std::shared_future<void> wait;
    std::shared_future<void> wait_to_scan;  // or until nobody waits for the scan
    int exceptions = 0;                     // that appending throws before it works
    std::vector<std::size_t> appends;       // records of each
    std::vector<std::string> notices;
  };
  explicit FaultyStore(std::shared_ptr<Control> control) : control_(std::move(control)) {}

  Result<store::Appended> append(const store::Batch& batch) override {
    std::shared_future<void> wait;
    {
      const std::lock_guard lock(control_->mutex);
      wait = control_->wait;
    }
    if (wait.valid()) wait.wait();
    const std::lock_guard lock(control_->mutex);
    if (control_->exceptions-- > 0) throw std::bad_alloc();
    control_->appends.push_back(batch.records.size());
    if (control_->failure) return fail(*control_->failure, "the store was told to fail");
    return inner_->append(batch);
  }
  Result<store::Page> scan(const store::Filter& filter, std::optional<store::Position> after,
                           store::PageLimit limit) const override {
    std::shared_future<void> wait;
    {
      const std::lock_guard lock(control_->mutex);
      wait = control_->wait_to_scan;
    }
    if (wait.valid()) {
      limit.control.pass(kPassed);
      while (wait.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
        if (Status goes_on = limit.control.check(); !goes_on) {
          return tl::unexpected(goes_on.error());
        }
      }
    }
    return inner_->scan(filter, after, limit);
  }
  Result<query::Answer> query(const query::Query& query, const store::QueryScope& scope,
                              const store::QueryBudget& budget) const override {
    return inner_->query(query, scope, budget);
  }
  Result<store::Traffic> traffic(const store::TrafficRange& range) const override {
    return inner_->traffic(range);
  }
  Result<std::optional<store::Record>> fetch(const Uuid& project, const Uuid& id) const override {
    return inner_->fetch(project, id);
  }
  Result<std::vector<store::DeadLetter>> dead_letters(const Uuid& project,
                                                      std::optional<std::int64_t> before,
                                                      int limit) const override {
    return inner_->dead_letters(project, before, limit);
  }
  Result<std::optional<store::DeadLetter>> dead_letter(const Uuid& project,
                                                       std::int64_t id) const override {
    return inner_->dead_letter(project, id);
  }
  Result<bool> delete_dead_letter(const Uuid& project, std::int64_t id) override {
    return inner_->delete_dead_letter(project, id);
  }
  Result<std::vector<store::LogEntry>> logs(const Uuid& project, std::string_view trace_id,
                                            int limit) const override {
    return inner_->logs(project, trace_id, limit);
  }
  Result<std::int64_t> erase(const Uuid& project) override { return inner_->erase(project); }
  Result<std::int64_t> prune(std::int64_t before_ns) override { return inner_->prune(before_ns); }
  Result<store::StoreStats> stats() const override { return inner_->stats(); }
  Result<std::vector<store::DayStats>> days() const override { return inner_->days(); }
  Result<store::ProjectStats> project_stats(const Uuid& project) const override {
    return inner_->project_stats(project);
  }
  std::vector<std::string> take_notices() override {
    const std::lock_guard lock(control_->mutex);
    return std::exchange(control_->notices, {});
  }

 private:
  std::shared_ptr<Control> control_;
  std::unique_ptr<store::Store> inner_ = store::make_memory_store();
};

inline ServerOptions with(std::shared_ptr<FaultyStore::Control> control) {
  ServerOptions options;
  options.store = std::make_unique<FaultyStore>(std::move(control));
  return options;
}

}  // namespace apitoolkit::server
