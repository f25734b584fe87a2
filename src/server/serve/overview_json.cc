#include "src/server/serve/overview_json.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "src/base/clock.h"
#include "src/json/writer.h"

namespace apitoolkit::server::serve {
namespace {

using store::Traffic;
using store::TrafficMeasure;
using store::TrafficRange;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr double kMsNs = 1e6;
constexpr std::size_t kEndpointsShown = 50;

// Upper bounds of the latencies that are told apart, about three a power of ten.
constexpr std::array kBoundsMs{0.5,  1.0,  2.0,   3.0,   5.0,   7.5,   10.0,  15.0,  20.0, 30.0,
                               50.0, 75.0, 100.0, 150.0, 200.0, 300.0, 500.0, 750.0, 1e3,  1.5e3,
                               2e3,  3e3,  5e3,   7.5e3, 1e4,   1.5e4, 2e4,   3e4,   6e4,  1.2e5};
static_assert(kBoundsMs.size() <= 32);

std::int64_t of_class(const TrafficMeasure& measure, std::size_t status_class) {
  return measure.requests_by_class[status_class];
}

void write_time(std::string_view key, std::int64_t unix_ns, json::Writer& w) {
  w.key(key).value(base::format_rfc3339(unix_ns));
}

void write_percentiles(const TrafficMeasure& measure, std::span<const int> percentiles,
                       json::Writer& w) {
  for (const int percentile : percentiles) {
    w.key("p" + std::to_string(percentile) + "_ms");
    if (measure.duration_ns.count() == 0) {
      w.null();
    } else {
      w.value(measure.duration_ns.percentile(percentile) / kMsNs);
    }
  }
}

// `length_ns`: in which it happened.
void write_totals(const Traffic& traffic, std::int64_t length_ns, json::Writer& w) {
  TrafficMeasure all;
  for (const TrafficMeasure& bucket : traffic.buckets) all.merge(bucket);
  const std::int64_t requests = all.requests();
  w.begin_object().key("requests").value(requests);
  w.key("client_errors").value(of_class(all, 4));
  w.key("server_errors").value(of_class(all, 5)).key("error_rate");
  if (requests == 0) {
    w.null();
  } else {
    w.value(static_cast<double>(of_class(all, 5)) / static_cast<double>(requests));
  }
  write_percentiles(all, std::array{50, 75, 95, 99}, w);
  const double minutes = static_cast<double>(length_ns) / (60.0 * kSecondNs);
  w.key("requests_per_minute").value(static_cast<double>(requests) / minutes);
  w.key("endpoints").value(static_cast<std::int64_t>(traffic.endpoints.size()));
  w.key("request_bytes").value(all.request_bytes);
  w.key("response_bytes").value(all.response_bytes).end_object();
}

void write_buckets(const TrafficRange& range, const Traffic& traffic, json::Writer& w) {
  w.key("buckets").begin_array();
  std::int64_t at_ns = range.since_ns;
  for (const TrafficMeasure& bucket : traffic.buckets) {
    w.begin_object();
    write_time("at", at_ns, w);
    w.key("requests").value(bucket.requests());
    for (std::size_t i = 1; i < store::kStatusClasses; ++i) {
      w.key(std::to_string(i) + "xx").value(of_class(bucket, i));
    }
    w.key("none").value(of_class(bucket, 0));
    write_percentiles(bucket, std::array{50, 75, 95, 99}, w);
    w.end_object();
    at_ns += range.bucket_ns;
  }
  w.end_array();
}

void write_endpoints(const Traffic& traffic, const Traffic& before, json::Writer& w) {
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::int64_t> earlier;
  for (const store::EndpointTraffic& each : before.endpoints) {
    earlier[{each.method, each.host, each.path}] = each.measure.requests();
  }
  w.key("endpoints").begin_array();
  const std::size_t shown = std::min(traffic.endpoints.size(), kEndpointsShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const store::EndpointTraffic& each = traffic.endpoints[i];
    w.begin_object().key("method").value(each.method).key("host").value(each.host);
    w.key("path").value(each.path).key("requests").value(each.measure.requests());
    w.key("client_errors").value(of_class(each.measure, 4));
    w.key("server_errors").value(of_class(each.measure, 5));
    write_percentiles(each.measure, std::array{50, 95, 99}, w);
    w.key("requests_before").value(earlier[{each.method, each.host, each.path}]);
    w.end_object();
  }
  w.end_array();
}

// Without the bounds below and above all that there is.
void write_latency(const Traffic& traffic, json::Writer& w) {
  std::size_t first = kBoundsMs.size();
  std::size_t end = 0;
  std::vector<std::array<std::int64_t, kBoundsMs.size()>> counts;
  for (const TrafficMeasure& bucket : traffic.buckets) {
    auto& row = counts.emplace_back();
    std::int64_t before = 0;
    for (std::size_t i = 0; i < kBoundsMs.size(); ++i) {
      const bool is_last = i + 1 == kBoundsMs.size();
      const std::int64_t up_to = is_last ? bucket.duration_ns.count()
                                         : bucket.duration_ns.count_up_to(kBoundsMs[i] * kMsNs);
      row[i] = up_to - before;
      before = up_to;
      if (row[i] == 0) continue;
      first = std::min(first, i);
      end = std::max(end, i + 1);
    }
  }
  first = std::min(first, end);
  w.key("latency").begin_object().key("bounds_ms").begin_array();
  for (std::size_t i = first; i < end; ++i) w.value(kBoundsMs[i]);
  w.end_array().key("counts").begin_array();
  for (const auto& row : counts) {
    w.begin_array();
    for (std::size_t i = first; i < end; ++i) w.value(row[i]);
    w.end_array();
  }
  w.end_array().end_object();
}

}  // namespace

std::string overview_json(const TrafficRange& range, const Traffic& traffic,
                          const TrafficRange& range_before, const Traffic& before,
                          std::int64_t now_ns) {
  // Of what is not over yet, the part that is.
  const std::int64_t over_ns =
      std::clamp(now_ns, range.since_ns + kSecondNs, range.until_ns) - range.since_ns;
  json::Writer w;
  w.begin_object();
  write_time("since", range.since_ns, w);
  write_time("until", range.until_ns, w);
  w.key("resolution_s").value(range.bucket_ns / kSecondNs);
  w.key("source").value(traffic.from_exchanges ? "columns" : "rollups");
  w.key("unreadable").value(traffic.unreadable);
  w.key("totals");
  write_totals(traffic, over_ns, w);
  w.key("before");
  write_totals(before, range_before.bucket_ns, w);
  write_buckets(range, traffic, w);
  write_endpoints(traffic, before, w);
  write_latency(traffic, w);
  w.end_object();
  return std::move(w).str();
}

}  // namespace apitoolkit::server::serve
