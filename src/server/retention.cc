#include "src/server/retention.h"

#include <utility>

#include "src/server/store/calendar_day.h"

namespace apitoolkit::server {
namespace {

std::int64_t bytes_of(const std::vector<store::DayStats>& days) {
  std::int64_t bytes = 0;
  for (const store::DayStats& day : days) bytes += day.bytes;
  return bytes;
}

}  // namespace

Result<std::vector<std::string>> Retention::apply(std::int64_t now_ns, bool by_age) {
  std::vector<std::string> notes;
  const auto too_old = by_age ? store_.prune(now_ns - limits_.days * store::kDayNs)
                              : Result<std::int64_t>(std::int64_t{0});
  if (!too_old) return tl::unexpected(too_old.error());
  if (*too_old > 0) {
    notes.push_back(std::to_string(*too_old) + " exchanges dropped that were older than " +
                    std::to_string(limits_.days) + " days");
  }
  std::int64_t over = 0;
  while (limits_.bytes > 0) {
    const auto days = store_.days();
    if (!days) return tl::unexpected(days.error());
    if (days->size() < 2 || bytes_of(*days) <= limits_.bytes) break;
    const auto dropped = drop_oldest();
    if (!dropped) return tl::unexpected(dropped.error());
    over += *dropped;
  }
  if (over > 0) {
    notes.push_back(std::to_string(over) + " exchanges dropped to stay within " +
                    std::to_string(limits_.bytes) + " bytes");
  }
  const auto free = free_bytes_();
  // What cannot be told is no reason to drop anything.
  if (!free || *free >= limits_.free_bytes_min) return notes;
  const auto dropped = drop_oldest();
  if (!dropped) return tl::unexpected(dropped.error());
  if (*dropped > 0) {
    notes.push_back(std::to_string(*dropped) +
                    " exchanges of the oldest day dropped, because the disk has less than " +
                    std::to_string(limits_.free_bytes_min >> 20) + " MiB left");
  }
  return notes;
}

Result<std::int64_t> Retention::drop_oldest() {
  const auto days = store_.days();
  if (!days) return tl::unexpected(days.error());
  if (days->size() < 2) return std::int64_t{0};
  return store_.prune((*days)[0].begin_ns + store::kDayNs);
}

}  // namespace apitoolkit::server
