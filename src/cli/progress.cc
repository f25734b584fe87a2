#include "src/cli/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace apitoolkit::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kBefore{500};
constexpr milliseconds kBetween{100};
constexpr int kColumnsDefault = 80;
constexpr int kBarColumns = 28;

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string amount(double count, ProgressUnit unit) {
  if (unit == ProgressUnit::kBytes) return decimal_bytes(count);
  return std::to_string(static_cast<std::int64_t>(count));
}

}  // namespace

LiveLine::LiveLine() : next_(Clock::now() + kBefore) {
  if (isatty(STDERR_FILENO) == 0) next_ = Clock::time_point::max();
}

LiveLine::~LiveLine() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

bool LiveLine::is_due() const {
  return next_ != Clock::time_point::max() && Clock::now() >= next_;
}

void LiveLine::draw(const std::string& line) {
  next_ = Clock::now() + kBetween;
  drawn_ = true;
  const auto room = static_cast<std::size_t>(std::max(columns(), 1));
  std::fprintf(stderr, "\r%s\x1b[K", line.substr(0, room).c_str());
}

int LiveLine::columns() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (known ? size.ws_col : kColumnsDefault) - 1;
}

std::string progress_bar(double part) {
  const auto filled = static_cast<std::size_t>(std::clamp(part, 0.0, 1.0) * kBarColumns);
  return "  [" + std::string(filled, '#') + std::string(kBarColumns - filled, '-') + "]";
}

std::string decimal_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, bytes, kUnits[unit]);
  return text.data();
}

std::string progress_line(const std::string& verb, std::int64_t done_count,
                          std::int64_t total_count, double seconds, int columns,
                          ProgressUnit unit) {
  const auto done = static_cast<double>(done_count);
  const auto total = static_cast<double>(total_count);
  // A file may grow while it is read.
  const double part = total_count > 0 ? std::min(done / total, 1.0) : 1.0;
  const double rate = seconds > 0 ? done / seconds : 0;
  const auto percent = std::to_string(static_cast<int>(part * 100));
  std::string numbers = "  " + std::string(3 - std::min<std::size_t>(3, percent.size()), ' ') +
                        percent + " %  " + amount(done, unit) + " of " + amount(total, unit) +
                        "  " + amount(rate, unit) + "/s";
  if (rate > 0) numbers += "  " + duration(std::max(total - done, 0.0) / rate) + " left";
  const std::string bar = progress_bar(part);
  const auto room = static_cast<std::size_t>(std::max(columns, 1));
  std::string line = verb + bar + numbers;
  if (line.size() > room) line = verb + numbers;
  return line.substr(0, room);
}

Progress::Progress(std::string verb, std::int64_t total, ProgressUnit unit)
    : verb_(std::move(verb)), total_(total), unit_(unit) {}

void Progress::advance(std::int64_t done) {
  done_ += done;
  if (total_ < 0 || !line_.is_due()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  line_.draw(progress_line(verb_, done_, total_, seconds, LiveLine::columns(), unit_));
}

}  // namespace apitoolkit::cli
