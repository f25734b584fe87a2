// How the files of a spool's directory are called:
//
//   <time>-<owner>.segment    messages; <time> in milliseconds, 16 hex digits, so that names sort
//   by
//                             age; <owner> the UUID of the Spool that wrote it
//   <owner>.lock              empty; locked for as long as that Spool lives (owner_lock.h)
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"

namespace apitoolkit::sdk {

struct SegmentName {
  std::int64_t time_ms = 0;  // Unix time when it was begun; later than the owner's one before
  Uuid owner{};
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14
  auto operator<=>(const SegmentName&) const = default;
};

std::string to_string(const SegmentName& name);
// Nothing for what to_string does not make.
std::optional<SegmentName> parse_segment_name(std::string_view text);

std::string lock_name(const Uuid& owner);
std::optional<Uuid> parse_lock_name(std::string_view text);

}  // namespace apitoolkit::sdk
