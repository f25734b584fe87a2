// A progress bar on standard error:
//
//   redacting  [############----------------]  43 %  1.3 GB of 3.0 GB  412 MB/s  4 s left
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace apitoolkit::cli {

// One line on standard error, drawn again and again in the same place: only on a terminal, not
// before half a second has passed, and ten times a second at most. Cleared at the end. Not
// thread-safe.
class LiveLine {
 public:
  LiveLine();
  ~LiveLine();
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  // Whether it is time to draw it; then draw() should follow.
  bool is_due() const;
  // Cut to the terminal's width.
  void draw(const std::string& line);
  // Columns that there are.
  static int columns();

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point next_;  // when it may be drawn again
  bool drawn_ = false;
};

enum class ProgressUnit { kBytes, kExchanges };

// Work whose length is known.
class Progress {
 public:
  // `total` < 0: not known, and nothing is drawn.
  Progress(std::string verb, std::int64_t total, ProgressUnit unit = ProgressUnit::kBytes);

  void advance(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string verb_;
  const std::int64_t total_;
  const ProgressUnit unit_;
  std::int64_t done_ = 0;
  const Clock::time_point start_ = Clock::now();
  LiveLine line_;
};

// "  [############----------------]", of a part from 0 to 1.
std::string progress_bar(double part);

// The line itself, at most `columns` wide.
std::string progress_line(const std::string& verb, std::int64_t done, std::int64_t total,
                          double seconds, int columns, ProgressUnit unit = ProgressUnit::kBytes);

// Three digits and a decimal unit: "999 B", "1.30 GB".
std::string decimal_bytes(double bytes);

}  // namespace apitoolkit::cli
