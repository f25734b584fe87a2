#include "src/server/store/traffic.h"

#include <algorithm>
#include <tuple>

namespace apitoolkit::server::store {

Status check(const TrafficRange& range) {
  const auto is_whole = [](std::int64_t ns) { return ns % kTrafficStepNs == 0; };
  std::int64_t length_ns = 0;
  if (!is_whole(range.since_ns) || !is_whole(range.until_ns) || !is_whole(range.bucket_ns) ||
      range.bucket_ns <= 0 || range.since_ns >= range.until_ns ||
      __builtin_sub_overflow(range.until_ns, range.since_ns, &length_ns) ||
      length_ns % range.bucket_ns != 0 || length_ns / range.bucket_ns > kTrafficBucketsMax) {
    return fail(ErrorCode::kInvalidArgument, "traffic: expected whole buckets of whole minutes");
  }
  return {};
}

void sort_by_requests(std::vector<EndpointTraffic>& endpoints) {
  std::sort(endpoints.begin(), endpoints.end(),
            [](const EndpointTraffic& a, const EndpointTraffic& b) {
              const std::int64_t requests_a = a.measure.requests();
              const std::int64_t requests_b = b.measure.requests();
              if (requests_a != requests_b) return requests_a > requests_b;
              return std::tie(a.path, a.host, a.method) < std::tie(b.path, b.host, b.method);
            });
}

}  // namespace apitoolkit::server::store
