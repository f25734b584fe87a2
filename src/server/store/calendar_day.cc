#include "src/server/store/calendar_day.h"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace apitoolkit::server::store {

std::int64_t day_of(std::int64_t unix_ns) {
  const std::int64_t quotient = unix_ns / kDayNs;
  return unix_ns % kDayNs < 0 ? quotient - 1 : quotient;
}

std::int64_t time_of_day_ns(std::int64_t unix_ns) {
  const std::int64_t remainder = unix_ns % kDayNs;
  return remainder < 0 ? remainder + kDayNs : remainder;
}

std::int64_t time_at(std::int64_t day, std::int64_t offset_ns) {
  // Unsigned, because the first day that 64 bits of nanoseconds can name begins before they do.
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(day) *
                                       static_cast<std::uint64_t>(kDayNs) +
                                   static_cast<std::uint64_t>(offset_ns));
}

std::string format_day(std::int64_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
  char text[32];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return std::string(text, static_cast<std::size_t>(size));
}

std::optional<std::int64_t> parse_day(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  std::from_chars(text.data(), text.data() + 4, year);
  std::from_chars(text.data() + 5, text.data() + 7, month);
  std::from_chars(text.data() + 8, text.data() + 10, day);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t number = std::chrono::sys_days{date}.time_since_epoch().count();
  // What is not exactly the written form (a sign, a blank, another separator) writes differently.
  if (format_day(number) != text) return std::nullopt;
  return number;
}

}  // namespace apitoolkit::server::store
