// Times of messages that were stored already: nothing is lost of them.
#pragma once

#include <cstdint>
#include <string>

#include "src/base/clock.h"

namespace apitoolkit::wire {

// As base::format_rfc3339, but with nine digits of fraction where six do not tell the time.
inline std::string format_exact_time(std::int64_t unix_ns) {
  constexpr std::size_t kZoneBytes = 6;  // "+00:00"
  constexpr std::int64_t kNsPerUs = 1000;
  std::string text = base::format_rfc3339(unix_ns);
  const std::int64_t ns = (unix_ns % kNsPerUs + kNsPerUs) % kNsPerUs;
  if (ns == 0) return text;
  // Three digits, with the zeros in front.
  return text.insert(text.size() - kZoneBytes, std::to_string(kNsPerUs + ns).substr(1));
}

}  // namespace apitoolkit::wire
