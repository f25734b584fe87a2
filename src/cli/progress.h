// A progress bar on standard error, for work whose length in bytes is known:
//
//   redacting  [############----------------]  43 %  1.3 GB of 3.0 GB  412 MB/s  4 s left
//
// Drawn only on a terminal, not before half a second has passed, and ten times a second at most;
// the line is cleared at the end. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace apitoolkit::cli {

class Progress {
 public:
  // `total_bytes` < 0: not known, and nothing is drawn.
  Progress(std::string verb, std::int64_t total_bytes);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t bytes);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string verb_;
  const std::int64_t total_bytes_;
  std::int64_t done_bytes_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_;  // when it may be drawn again
  bool drawn_ = false;
};

// The line itself, at most `columns` wide.
std::string progress_line(const std::string& verb, std::int64_t done_bytes,
                          std::int64_t total_bytes, double seconds, int columns);

// Three digits and a decimal unit: "999 B", "1.30 GB".
std::string decimal_bytes(double bytes);

}  // namespace apitoolkit::cli
