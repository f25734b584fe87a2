// Time, passed in wherever it decides something, so that tests can set it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::base {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Unix time in nanoseconds; may jump.
  virtual std::int64_t now_ns() const = 0;
};

// The operating system's clock; lives as long as the process.
const Clock& system_clock();

// RFC 3339 in UTC with six digits of fraction: "2026-01-02T03:04:05.678901+00:00", which is what
// Python's SDK writes.
std::string format_rfc3339(std::int64_t unix_ns);

// Reads an ISO 8601 date and time as the SDKs in the field write it: "T" or a blank between date
// and time, no to nine digits of fraction (more are cut), "Z", "+hh:mm", "+hhmm", "+hh" or none
// (UTC). Years 0001 to 9999 that fit 64 bits of nanoseconds (1677 to 2262). Nothing else is
// accepted.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);

}  // namespace apitoolkit::base
