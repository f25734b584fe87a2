#include "src/server/serve/overview_range.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/net/router.h"
#include "src/server/query/scalar.h"
#include "src/server/serve/exchange_query.h"

namespace apitoolkit::server::serve {
namespace {

constexpr std::int64_t kHourNs = 3'600'000'000'000;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr std::int64_t kBucketsMax = 1500;
// Far enough from the ends of 64 bits for whole buckets before and after.
constexpr std::int64_t kTimeMaxNs = std::int64_t{1} << 62;

std::int64_t floor_to(std::int64_t unix_ns, std::int64_t step_ns) {
  const std::int64_t rest = unix_ns % step_ns;
  return unix_ns - (rest < 0 ? rest + step_ns : rest);
}

struct Parameters {
  std::int64_t now_ns = 0;
  std::optional<std::int64_t> since_ns;
  std::optional<std::int64_t> until_ns;
  store::TrafficRange range;

  // What a value should have been; nullopt where it is that.
  std::optional<std::string> read(const std::string& name, const std::string& value) {
    if (name == "since" || name == "until") {
      auto& target = name == "since" ? since_ns : until_ns;
      target = parse_time(value, now_ns);
      if (!target || *target > kTimeMaxNs || *target < -kTimeMaxNs) {
        return "an RFC 3339 time, or one relative to now such as -1h";
      }
    } else if (name == "type") {
      if (value != "incoming" && value != "outgoing") return "incoming or outgoing";
      range.direction = value == "incoming" ? Direction::kIncoming : Direction::kOutgoing;
    } else if (name == "method") {
      range.method = value;
    } else if (name == "host") {
      range.host = value;
    } else {
      range.path = value;
    }
    return std::nullopt;
  }
};

}  // namespace

tl::expected<store::TrafficRange, Problem> parse_overview_range(std::string_view query,
                                                                std::int64_t now_ns) {
  const auto problem = [](std::string text, std::string name) {
    return tl::unexpected(Problem{400, std::move(text), std::move(name)});
  };
  static constexpr std::array<std::string_view, 6> kNames{"since", "until", "method",
                                                          "host",  "path",  "type"};
  Parameters parameters;
  parameters.now_ns = now_ns;
  std::vector<std::string> seen;
  for (const Header& pair : net::parse_query(query)) {
    if (std::find(kNames.begin(), kNames.end(), pair.name) == kNames.end()) {
      return problem("there is no such parameter", pair.name);
    }
    if (std::find(seen.begin(), seen.end(), pair.name) != seen.end()) {
      return problem("given twice", pair.name);
    }
    seen.push_back(pair.name);
    if (auto expected = parameters.read(pair.name, pair.value)) {
      return problem("expected " + *expected, pair.name);
    }
  }
  const std::int64_t until_ns = parameters.until_ns.value_or(now_ns);
  const std::int64_t since_ns = parameters.since_ns.value_or(until_ns - kHourNs);
  if (since_ns >= until_ns) return problem("expected a time after since", "until");
  store::TrafficRange range = std::move(parameters.range);
  range.bucket_ns = std::max(query::bin_auto_ns(until_ns - since_ns), store::kTrafficStepNs);
  range.since_ns = floor_to(since_ns, range.bucket_ns);
  range.until_ns = floor_to(until_ns - 1, range.bucket_ns) + range.bucket_ns;
  if ((range.until_ns - range.since_ns) / range.bucket_ns > kBucketsMax) {
    return problem("expected a range of at most " +
                       std::to_string(kBucketsMax * range.bucket_ns / kDayNs) + " days",
                   "since");
  }
  return range;
}

store::TrafficRange period_before(const store::TrafficRange& range) {
  store::TrafficRange before = range;
  before.bucket_ns = range.until_ns - range.since_ns;
  before.until_ns = range.since_ns;
  before.since_ns = range.since_ns - before.bucket_ns;
  before.endpoint_durations = false;
  return before;
}

}  // namespace apitoolkit::server::serve
