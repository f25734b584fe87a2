#include "src/sdk/deliver/retry.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"

namespace apitoolkit::sdk {
namespace {

// IMF-fixdate, the only form that may be generated: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(25) != " GMT" || text[7] != ' ' || text[11] != ' ') {
    return std::nullopt;
  }
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(101 + month / 3).substr(1);  // 01 to 12
  return base::parse_rfc3339(std::string(text.substr(12, 4)) + "-" + number + "-" +
                             std::string(text.substr(5, 2)) + "T" +
                             std::string(text.substr(17, 8)) + "Z");
}

}  // namespace

Backoff::Backoff(std::function<double()> random) : random_(std::move(random)) {}

double Backoff::system_random() {
  std::uint32_t bits = 0;
  base::fill_random(&bits, sizeof(bits));
  return static_cast<double>(bits) / 4294967296.0;
}

std::int64_t Backoff::next_ms(std::int64_t retry_after_ms) {
  constexpr int kDoublingsMax = 10;  // 0.1 s doubled ten times is over 60 s
  failures_ = std::min(failures_ + 1, kDoublingsMax);
  const std::int64_t bound_ms = std::min(limits::kBackoffMsMax, limits::kBackoffMsMin << failures_);
  const auto spread_ms = static_cast<double>(bound_ms - limits::kBackoffMsMin);
  const std::int64_t wait_ms =
      limits::kBackoffMsMin + static_cast<std::int64_t>(random_() * spread_ms);
  return std::max(wait_ms, std::min(retry_after_ms, limits::kRetryAfterMsMax));
}

std::optional<std::int64_t> parse_retry_after(std::string_view text, std::int64_t now_ns) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end == text.data() + text.size() && !text.empty()) {
    if (error == std::errc::result_out_of_range) return limits::kRetryAfterMsMax;
    if (error != std::errc() || seconds < 0) return std::nullopt;
    return std::min(seconds, limits::kRetryAfterMsMax / 1000) * 1000;
  }
  const auto date_ns = parse_http_date(text);
  if (!date_ns) return std::nullopt;
  return std::clamp<std::int64_t>((*date_ns - now_ns) / 1'000'000, 0, limits::kRetryAfterMsMax);
}

}  // namespace apitoolkit::sdk
