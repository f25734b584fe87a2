// Traffic by looking at every exchange: the oracle of the stores that count ahead.
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "src/server/store/store.h"

namespace apitoolkit::server::store {

class MemoryTraffic {
 public:
  // Of a range that has been checked, which must outlive it.
  explicit MemoryTraffic(const TrafficRange& range);
  void add(const Record& record);
  Traffic take();

 private:
  using Name = std::tuple<std::string, std::string, std::string>;  // path, host, method

  const TrafficRange& range_;
  Traffic traffic_;
  std::map<Name, TrafficMeasure> endpoints_;
};

}  // namespace apitoolkit::server::store
