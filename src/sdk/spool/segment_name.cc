#include "src/sdk/spool/segment_name.h"

#include <charconv>

#include "src/base/uuid.h"

namespace apitoolkit::sdk {
namespace {

constexpr std::string_view kSegmentSuffix = ".segment";
constexpr std::string_view kLockSuffix = ".lock";
constexpr std::size_t kTimeDigits = 16;

}  // namespace

std::string to_string(const SegmentName& name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto time = static_cast<std::uint64_t>(name.time_ms);
  std::string text;
  for (int shift = 4 * (kTimeDigits - 1); shift >= 0; shift -= 4)
    text += kDigits[time >> shift & 15];
  return text.append("-").append(base::format_uuid(name.owner)).append(kSegmentSuffix);
}

std::optional<SegmentName> parse_segment_name(std::string_view text) {
  if (!text.ends_with(kSegmentSuffix) || text.size() < kTimeDigits + 1) return std::nullopt;
  SegmentName name;
  const char* const end = text.data() + kTimeDigits;
  if (std::from_chars(text.data(), end, name.time_ms, 16).ptr != end) return std::nullopt;
  std::string_view owner = text.substr(kTimeDigits + 1);
  owner.remove_suffix(kSegmentSuffix.size());
  const auto id = base::parse_uuid(owner);
  if (!id) return std::nullopt;
  name.owner = *id;
  if (to_string(name) != text) return std::nullopt;
  return name;
}

std::string lock_name(const Uuid& owner) {
  return base::format_uuid(owner).append(kLockSuffix);
}

std::optional<Uuid> parse_lock_name(std::string_view text) {
  if (!text.ends_with(kLockSuffix)) return std::nullopt;
  const auto owner = base::parse_uuid(text.substr(0, text.size() - kLockSuffix.size()));
  if (!owner || lock_name(*owner) != text) return std::nullopt;
  return owner;
}

}  // namespace apitoolkit::sdk
