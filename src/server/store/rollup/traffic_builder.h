// Adds up what is counted, into the answer to one range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/server/store/rollup/block_traffic.h"
#include "src/server/store/traffic.h"

namespace apitoolkit::server::store {

// Used by one thread at a time.
class TrafficBuilder {
 public:
  // Of a range that has been checked, which must outlive it.
  explicit TrafficBuilder(const TrafficRange& range);

  bool is_filtered() const { return range_.method || range_.host || range_.path; }
  // The place of an endpoint's sum; nullopt where the range leaves it out.
  std::optional<std::size_t> place_of(Direction direction, std::string_view method,
                                      std::string_view host, std::string_view path);
  TrafficMeasure& endpoint(std::size_t place) { return endpoints_[place].measure; }
  // Of a time in the range.
  TrafficMeasure& bucket(std::int64_t unix_ns);

  // Those of the block's exchanges that are in the range; `day` is the block's.
  void add(const BlockTraffic& block, std::int64_t day);
  void add_unreadable(std::int64_t exchanges) { unreadable_ += exchanges; }
  void merge(const TrafficBuilder& other);

  Traffic take();

 private:
  // The place of one that the range does not leave out.
  std::size_t add_place(std::string_view method, std::string_view host, std::string_view path);

  const TrafficRange& range_;
  std::vector<TrafficMeasure> buckets_;
  std::vector<EndpointTraffic> endpoints_;
  std::unordered_map<std::string, std::size_t> places_;
  std::int64_t unreadable_ = 0;
};

}  // namespace apitoolkit::server::store
