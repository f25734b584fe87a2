// The store in memory: as plain as it can be made, because the others are measured against it.
#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <utility>

#include "src/base/limits.h"
#include "src/server/query/execution.h"
#include "src/server/store/calendar_day.h"
#include "src/server/store/matching.h"
#include "src/server/store/memory/memory_traffic.h"
#include "src/server/store/page_builder.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::store {
namespace {

using Key = std::pair<Uuid, Uuid>;  // project, identity

bool matches(const Filter& filter, const Record& record) {
  const Exchange& exchange = record.exchange;
  return record.project == filter.project &&
         (!filter.since_ns || exchange.start_ns >= *filter.since_ns) &&
         (!filter.until_ns || exchange.start_ns < *filter.until_ns) &&
         (!filter.status_min || exchange.status_code >= *filter.status_min) &&
         (!filter.status_max || exchange.status_code <= *filter.status_max) &&
         (!filter.method || exchange.method == *filter.method) &&
         (!filter.url_path || exchange.url_path == *filter.url_path) &&
         (!filter.kind || exchange.direction == *filter.kind) &&
         (!filter.parent_id || exchange.parent_id == filter.parent_id);
}

struct NewestFirst {
  bool operator()(const Record& a, const Record& b) const {
    const Position left = position_of(a);
    const Position right = position_of(b);
    return left == right ? a.project > b.project : is_newer(left, right);
  }
};

std::int64_t memory_bytes(const Record& record) {
  const Exchange& exchange = record.exchange;
  return static_cast<std::int64_t>(sizeof(Record) + exchange.request_body.bytes.size() +
                                   exchange.response_body.bytes.size());
}

std::int64_t memory_bytes(const LogEntry& entry) {
  return static_cast<std::int64_t>(sizeof entry + entry.trace_id.size() + entry.span_id.size() +
                                   entry.body.size() + entry.attributes_json.size());
}

class MemoryStore final : public Store {
 public:
  Result<Appended> append(const Batch& batch) override {
    const std::unique_lock lock(mutex_);
    Appended appended;
    for (const Record& record : batch.records) {
      if (!keys_.insert({record.project, record.identity}).second) {
        ++appended.duplicates;
        continue;
      }
      bytes_ += memory_bytes(record);
      records_.insert(record);
      ++appended.stored;
    }
    for (const DeadLetter& letter : batch.dead_letters) {
      letters_.push_back(letter);
      letters_.back().id = ++last_letter_id_;
      letter_bytes_ += static_cast<std::int64_t>(letter.bytes.size());
    }
    while (static_cast<std::int64_t>(letters_.size()) > limits::kDeadLettersMax ||
           (letter_bytes_ > limits::kDeadLettersBytesMax && letters_.size() > 1)) {
      letter_bytes_ -= static_cast<std::int64_t>(letters_.front().bytes.size());
      letters_.pop_front();
    }
    for (const LogEntry& entry : batch.logs) {
      bytes_ += memory_bytes(entry);
      logs_[{entry.project, entry.trace_id}].push_back(entry);
    }
    return appended;
  }

  Result<Page> scan(const Filter& filter, std::optional<Position> after,
                    PageLimit limit) const override {
    const Result<std::optional<query::Matcher>> matcher = matcher_of(filter);
    if (!matcher) return tl::unexpected(matcher.error());
    query::ExchangeSource source;
    const std::shared_lock lock(mutex_);
    PageBuilder page(limit);
    for (const Record& record : records_) {
      if (after && !is_newer(*after, position_of(record))) continue;
      if (!matches(filter, record)) continue;
      limit.control.pass(1);
      if (*matcher) {
        source.reset(stored_exchange(record));
        if (!(*matcher)->matches(source)) continue;
      }
      if (!page.add(Record(record))) break;
    }
    return page.take();
  }

  Result<query::Answer> query(const query::Query& query, const QueryScope& scope,
                              const QueryBudget& budget) const override {
    query::Execution execution(plan_of(query, scope, budget), budget.control);
    query::ExchangeSource source;
    const std::shared_lock lock(mutex_);
    for (const Record& record : records_) {
      const std::int64_t start_ns = record.exchange.start_ns;
      if (record.project != scope.project) continue;
      if (scope.span.since_ns && start_ns < *scope.span.since_ns) continue;
      if (scope.span.until_ns && start_ns >= *scope.span.until_ns) continue;
      if (execution.satisfied()) break;
      budget.control.pass(1);
      source.reset(stored_exchange(record));
      if (Status pushed = execution.push(source); !pushed) return tl::unexpected(pushed.error());
    }
    return execution.finish();
  }

  Result<Traffic> traffic(const TrafficRange& range) const override {
    if (Status checked = check(range); !checked) return tl::unexpected(checked.error());
    MemoryTraffic traffic(range);
    const std::shared_lock lock(mutex_);
    for (const Record& record : records_) traffic.add(record);
    return traffic.take();
  }

  Result<std::optional<Record>> fetch(const Uuid& project, const Uuid& identity) const override {
    const std::shared_lock lock(mutex_);
    for (const Record& record : records_) {
      if (record.project == project && record.identity == identity) return std::optional(record);
    }
    return std::optional<Record>();
  }

  Result<std::vector<DeadLetter>> dead_letters(const Uuid& project,
                                               std::optional<std::int64_t> before,
                                               int limit) const override {
    const std::shared_lock lock(mutex_);
    std::vector<DeadLetter> found;
    for (auto letter = letters_.rbegin(); letter != letters_.rend(); ++letter) {
      if (static_cast<int>(found.size()) >= limit) break;
      if (letter->project == project && (!before || letter->id < *before)) found.push_back(*letter);
    }
    return found;
  }

  Result<std::optional<DeadLetter>> dead_letter(const Uuid& project,
                                                std::int64_t id) const override {
    const std::shared_lock lock(mutex_);
    for (const DeadLetter& letter : letters_) {
      if (letter.id == id && letter.project == project) return std::optional(letter);
    }
    return std::optional<DeadLetter>();
  }

  Result<bool> delete_dead_letter(const Uuid& project, std::int64_t id) override {
    const std::unique_lock lock(mutex_);
    const auto letter = std::find_if(letters_.begin(), letters_.end(), [&](const auto& other) {
      return other.id == id && other.project == project;
    });
    if (letter == letters_.end()) return false;
    letter_bytes_ -= static_cast<std::int64_t>(letter->bytes.size());
    letters_.erase(letter);
    return true;
  }

  Result<std::vector<LogEntry>> logs(const Uuid& project, std::string_view trace_id,
                                     int limit) const override {
    const std::shared_lock lock(mutex_);
    const auto trace = logs_.find({project, std::string(trace_id)});
    if (trace == logs_.end()) return std::vector<LogEntry>();
    std::vector<LogEntry> found = trace->second;
    std::stable_sort(found.begin(), found.end(),
                     [](const LogEntry& a, const LogEntry& b) { return a.time_ns < b.time_ns; });
    const auto wanted = static_cast<std::size_t>(std::max(limit, 0));
    if (found.size() > wanted) found.resize(wanted);
    return found;
  }

  Result<std::int64_t> prune(std::int64_t before_ns) override {
    const std::unique_lock lock(mutex_);
    std::int64_t dropped = 0;
    for (auto record = records_.begin(); record != records_.end();) {
      if (day_of(record->exchange.start_ns) >= day_of(before_ns)) {
        ++record;
        continue;
      }
      keys_.erase({record->project, record->identity});
      bytes_ -= memory_bytes(*record);
      record = records_.erase(record);
      ++dropped;
    }
    std::erase_if(letters_, [&](const DeadLetter& letter) {
      const bool old = letter.received_ns < before_ns;
      if (old) letter_bytes_ -= static_cast<std::int64_t>(letter.bytes.size());
      return old;
    });
    for (auto& [trace, entries] : logs_) {
      std::erase_if(entries, [&](const LogEntry& entry) {
        const bool old = day_of(entry.time_ns) < day_of(before_ns);
        if (old) bytes_ -= memory_bytes(entry);
        return old;
      });
    }
    return dropped;
  }

  Result<std::int64_t> erase(const Uuid& project) override {
    const std::unique_lock lock(mutex_);
    const std::size_t dropped = std::erase_if(records_, [&](const Record& record) {
      const bool gone = record.project == project;
      if (gone) bytes_ -= memory_bytes(record);
      return gone;
    });
    std::erase_if(keys_, [&](const Key& key) { return key.first == project; });
    std::erase_if(letters_, [&](const DeadLetter& letter) {
      const bool gone = letter.project == project;
      if (gone) letter_bytes_ -= static_cast<std::int64_t>(letter.bytes.size());
      return gone;
    });
    std::erase_if(logs_, [&](const auto& trace) {
      const bool gone = trace.first.first == project;
      if (gone) {
        for (const LogEntry& entry : trace.second) bytes_ -= memory_bytes(entry);
      }
      return gone;
    });
    return static_cast<std::int64_t>(dropped);
  }

  Result<ProjectStats> project_stats(const Uuid& project) const override {
    const std::shared_lock lock(mutex_);
    ProjectStats stats;
    for (const Record& record : records_) {  // newest first
      if (record.project != project) continue;
      stats.oldest_ns = record.exchange.start_ns;
      if (stats.exchanges++ == 0) stats.newest_ns = stats.oldest_ns;
    }
    stats.dead_letters = std::count_if(letters_.begin(), letters_.end(), [&](const auto& letter) {
      return letter.project == project;
    });
    return stats;
  }

  Result<std::vector<DayStats>> days() const override {
    const std::shared_lock lock(mutex_);
    std::map<std::int64_t, DayStats> days;
    for (const Record& record : records_) {
      DayStats& day = days[day_of(record.exchange.start_ns)];
      ++day.exchanges;
      day.bytes += memory_bytes(record);
    }
    for (const auto& [trace, entries] : logs_) {
      for (const LogEntry& entry : entries)
        days[day_of(entry.time_ns)].bytes += memory_bytes(entry);
    }
    std::vector<DayStats> found;
    for (auto& [number, day] : days) {
      day.begin_ns = time_at(number, 0);
      found.push_back(day);
    }
    return found;
  }

  Result<StoreStats> stats() const override {
    const std::shared_lock lock(mutex_);
    StoreStats stats;
    stats.exchanges = static_cast<std::int64_t>(records_.size());
    stats.dead_letters = static_cast<std::int64_t>(letters_.size());
    stats.bytes = bytes_ + letter_bytes_;
    if (!records_.empty()) {
      stats.newest_ns = records_.begin()->exchange.start_ns;
      stats.oldest_ns = records_.rbegin()->exchange.start_ns;
    }
    return stats;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::set<Record, NewestFirst> records_;
  std::set<Key> keys_;
  std::int64_t bytes_ = 0;
  std::deque<DeadLetter> letters_;  // oldest first
  std::int64_t letter_bytes_ = 0;
  std::int64_t last_letter_id_ = 0;
  std::map<std::pair<Uuid, std::string>, std::vector<LogEntry>> logs_;  // by project and trace
};

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace apitoolkit::server::store
