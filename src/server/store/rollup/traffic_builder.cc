#include "src/server/store/rollup/traffic_builder.h"

#include <utility>

#include "src/server/store/block/tagged_fields.h"
#include "src/server/store/calendar_day.h"

namespace apitoolkit::server::store {
namespace {

void add_row(const BlockTraffic::Row& row, bool with_duration, TrafficMeasure& measure) {
  ++measure.requests_by_class[row.status_class];
  add_to_sum(measure.request_bytes, row.request_bytes);
  add_to_sum(measure.response_bytes, row.response_bytes);
  if (with_duration) measure.duration_ns.add(static_cast<double>(row.duration_ns));
}

}  // namespace

TrafficBuilder::TrafficBuilder(const TrafficRange& range)
    : range_(range),
      buckets_(static_cast<std::size_t>((range.until_ns - range.since_ns) / range.bucket_ns)) {}

std::optional<std::size_t> TrafficBuilder::place_of(Direction direction, std::string_view method,
                                                    std::string_view host, std::string_view path) {
  if (direction != range_.direction || (range_.method && method != *range_.method) ||
      (range_.host && host != *range_.host) || (range_.path && path != *range_.path)) {
    return std::nullopt;
  }
  return add_place(method, host, path);
}

std::size_t TrafficBuilder::add_place(std::string_view method, std::string_view host,
                                      std::string_view path) {
  std::string name;
  append_varint(method.size(), name);
  append_varint(host.size(), name);
  name.append(method).append(host).append(path);
  const auto found = places_.find(name);
  if (found != places_.end()) return found->second;
  const bool is_other = method.empty() && host.empty() && path == kOtherEndpoints;
  if (places_.size() >= kTrafficEndpointsMax && !is_other) {
    return add_place("", "", kOtherEndpoints);
  }
  endpoints_.push_back({std::string(method), std::string(host), std::string(path), {}});
  places_.emplace(std::move(name), endpoints_.size() - 1);
  return endpoints_.size() - 1;
}

TrafficMeasure& TrafficBuilder::bucket(std::int64_t unix_ns) {
  return buckets_[static_cast<std::size_t>((unix_ns - range_.since_ns) / range_.bucket_ns)];
}

void TrafficBuilder::add(const BlockTraffic& block, std::int64_t day) {
  std::vector<std::optional<std::size_t>> places;
  places.reserve(block.endpoints.size());
  for (const BlockTraffic::Endpoint& each : block.endpoints) {
    places.push_back(place_of(each.direction, each.method, each.host, each.path));
  }
  for (const BlockTraffic::Row& row : block.rows) {
    const std::optional<std::size_t> place = places[row.endpoint];
    const std::int64_t unix_ns = time_at(day, row.minute * kTrafficStepNs);
    if (!place || unix_ns < range_.since_ns || unix_ns >= range_.until_ns) continue;
    add_row(row, true, bucket(unix_ns));
    add_row(row, range_.endpoint_durations, endpoint(*place));
  }
}

void TrafficBuilder::merge(const TrafficBuilder& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i].merge(other.buckets_[i]);
  for (const EndpointTraffic& theirs : other.endpoints_) {
    endpoint(add_place(theirs.method, theirs.host, theirs.path)).merge(theirs.measure);
  }
  unreadable_ += other.unreadable_;
}

Traffic TrafficBuilder::take() {
  Traffic traffic;
  traffic.buckets = std::move(buckets_);
  traffic.endpoints = std::move(endpoints_);
  // Those of which an open block has rows, but none in the range.
  std::erase_if(traffic.endpoints,
                [](const EndpointTraffic& each) { return each.measure.requests() == 0; });
  sort_by_requests(traffic.endpoints);
  traffic.unreadable = unreadable_;
  return traffic;
}

}  // namespace apitoolkit::server::store
