// What happened in a period: how many exchanges, of which status, how long they took, how large
// they were; as a series of buckets and by endpoint. What charts are drawn from.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/server/query/answer.h"
#include "src/server/query/quantile_sketch.h"

namespace apitoolkit::server::store {

// The finest time that traffic is counted by: a minute.
inline constexpr std::int64_t kTrafficStepNs = 60'000'000'000;
inline constexpr std::int64_t kTrafficBucketsMax = 2000;  // of one answer
// Of a project: those beyond are counted as one, in the stores that count ahead by day.
inline constexpr std::size_t kTrafficEndpointsMax = 10'000;
// The path of that one, whose method and host are empty.
inline constexpr std::string_view kOtherEndpoints = "{other}";

// 1 for 1xx to 5 for 5xx; 0 for what has no such status.
inline constexpr std::size_t kStatusClasses = 6;
constexpr std::size_t status_class(std::int64_t status) {
  return status >= 100 && status < 600 ? static_cast<std::size_t>(status / 100) : 0;
}

// Of a body: what is not known is none, and a size that nobody can mean is bounded.
constexpr std::int64_t counted_bytes(std::int64_t size) {
  return std::clamp<std::int64_t>(size, 0, std::int64_t{1} << 36);
}

// Sums of hostile sizes, and of damaged ones, end at the largest number.
constexpr void add_to_sum(std::int64_t& sum, std::int64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = INT64_MAX;
}

struct TrafficMeasure {
  std::array<std::int64_t, kStatusClasses> requests_by_class{};
  std::int64_t request_bytes = 0;  // of the bodies, where their sizes are known
  std::int64_t response_bytes = 0;
  query::QuantileSketch duration_ns;

  std::int64_t requests() const {
    std::int64_t sum = 0;
    for (const std::int64_t requests : requests_by_class) sum += requests;
    return sum;
  }
  void merge(const TrafficMeasure& other) {
    for (std::size_t i = 0; i < kStatusClasses; ++i) {
      requests_by_class[i] += other.requests_by_class[i];
    }
    add_to_sum(request_bytes, other.request_bytes);
    add_to_sum(response_bytes, other.response_bytes);
    duration_ns.merge(other.duration_ns);
  }
};

struct EndpointTraffic {
  std::string method;
  std::string host;
  std::string path;  // the route's template: Exchange::url_path
  TrafficMeasure measure;
};

// What is asked for: start_ns >= since, start_ns < until, both whole steps; each condition that is
// set must hold.
struct TrafficRange {
  Uuid project{};
  Direction direction = Direction::kIncoming;
  std::int64_t since_ns = 0;
  std::int64_t until_ns = 0;
  std::int64_t bucket_ns = kTrafficStepNs;  // whole steps, and a divisor of the range's length
  std::optional<std::string> method;        // exactly
  std::optional<std::string> host;
  std::optional<std::string> path;
  bool endpoint_durations = true;  // whether duration_ns of an endpoint is wanted
  query::Control control{};        // when to give up
};

struct Traffic {
  std::vector<TrafficMeasure> buckets;     // all of the range, oldest first
  std::vector<EndpointTraffic> endpoints;  // the most requests first; those with any
  std::int64_t unreadable = 0;  // exchanges in no figure, because their bytes on disk are damaged
  bool from_exchanges = false;  // nothing, or not everything, was counted ahead
};

// kInvalidArgument where a range is not as it should be.
Status check(const TrafficRange& range);

// As Traffic::endpoints are; equals by path, host and method.
void sort_by_requests(std::vector<EndpointTraffic>& endpoints);

}  // namespace apitoolkit::server::store
