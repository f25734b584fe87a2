// UTC days: what the store files and prunes by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apitoolkit::server::store {

inline constexpr std::int64_t kDayNs = 86'400'000'000'000;

// Days since 1970-01-01, negative before; every time of 64 bits has one.
std::int64_t day_of(std::int64_t unix_ns);
// Nanoseconds since the day began: 0 to kDayNs - 1.
std::int64_t time_of_day_ns(std::int64_t unix_ns);
// The inverse of the two: the time that is `offset_ns` into `day`.
std::int64_t time_at(std::int64_t day, std::int64_t offset_ns);

// "2026-01-02" (ISO 8601, proleptic Gregorian calendar).
std::string format_day(std::int64_t day);
// Exactly what format_day writes; nullopt for anything else, such as the 30th of February.
std::optional<std::int64_t> parse_day(std::string_view text);

}  // namespace apitoolkit::server::store
