#include "src/sdk/log_ring.h"

#include <iterator>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

bool LogRing::is_over_rate() {
  constexpr std::int64_t kNsPerMinute = 60'000'000'000;
  const std::int64_t minute = clock_.now_ns() / kNsPerMinute;
  if (std::exchange(minute_, minute) != minute) in_minute_ = 0;
  return ++in_minute_ > limits::kLogRecordsPerMinuteMax;
}

void LogRing::add(LogLevel level, std::string message) {
  if (static_cast<std::int64_t>(message.size()) > limits::kLogRecordBytesMax) {
    std::size_t size = limits::kLogRecordBytesMax;  // but not in the middle of a character
    while (size > 0 && (static_cast<unsigned char>(message[size]) & 0xC0) == 0x80) --size;
    message.resize(size);
    message += "…";
  }
  const std::lock_guard lock(mutex_);
  const bool is_full = records_.size() >= limits::kLogRecordsMax;
  if (level == LogLevel::kDebug) {
    if (is_full) return;
  } else if (is_over_rate()) {
    ++left_out_;
    return;
  } else if (left_out_ > 0) {
    message += " (" + std::to_string(std::exchange(left_out_, 0)) + " lines were left out before)";
  }
  if (is_full) records_.pop_front();
  records_.push_back({level, std::move(message)});
}

std::vector<LogRecord> LogRing::take() {
  const std::lock_guard lock(mutex_);
  std::vector<LogRecord> taken(std::make_move_iterator(records_.begin()),
                               std::make_move_iterator(records_.end()));
  records_.clear();
  return taken;
}

}  // namespace apitoolkit::sdk
