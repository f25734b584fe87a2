#include "src/server/store/memory/memory_traffic.h"

#include <utility>

namespace apitoolkit::server::store {

MemoryTraffic::MemoryTraffic(const TrafficRange& range) : range_(range) {
  traffic_.from_exchanges = true;
  traffic_.buckets.resize(
      static_cast<std::size_t>((range.until_ns - range.since_ns) / range.bucket_ns));
}

void MemoryTraffic::add(const Record& record) {
  const Exchange& exchange = record.exchange;
  if (record.project != range_.project || exchange.direction != range_.direction ||
      exchange.start_ns < range_.since_ns || exchange.start_ns >= range_.until_ns ||
      (range_.method && exchange.method != *range_.method) ||
      (range_.host && exchange.host != *range_.host) ||
      (range_.path && exchange.url_path != *range_.path)) {
    return;
  }
  TrafficMeasure one;
  one.requests_by_class[status_class(exchange.status_code)] = 1;
  one.request_bytes = counted_bytes(exchange.request_body.size);
  one.response_bytes = counted_bytes(exchange.response_body.size);
  one.duration_ns.add(static_cast<double>(exchange.duration_ns));
  const std::int64_t bucket = (exchange.start_ns - range_.since_ns) / range_.bucket_ns;
  traffic_.buckets[static_cast<std::size_t>(bucket)].merge(one);
  Name name(exchange.url_path, exchange.host, exchange.method);
  if (endpoints_.size() >= kTrafficEndpointsMax && !endpoints_.contains(name)) {
    name = Name(kOtherEndpoints, "", "");
  }
  endpoints_[std::move(name)].merge(one);
}

Traffic MemoryTraffic::take() {
  for (auto& [name, measure] : endpoints_) {
    const auto& [path, host, method] = name;
    if (!range_.endpoint_durations) measure.duration_ns = {};
    traffic_.endpoints.push_back({method, host, path, std::move(measure)});
  }
  sort_by_requests(traffic_.endpoints);
  return std::move(traffic_);
}

}  // namespace apitoolkit::server::store
