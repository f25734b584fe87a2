// How many different values a stream has, mergeable: exact up to 4096, then HyperLogLog with 2^14
// registers and Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches",
// 2017), whose standard error is 0.8 %. Depends on the set of values alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace apitoolkit::server::query {

// 64 well-mixed bits; the same on every machine.
std::uint64_t hash_bytes(std::string_view bytes);

class DistinctCounter {
 public:
  void add(std::uint64_t hash);
  void merge(const DistinctCounter& other);
  std::int64_t estimate() const;
  std::int64_t memory_bytes() const;  // beyond its own size

 private:
  void insert(std::uint64_t hash);
  void grow();
  void raise(std::uint64_t hash);

  std::vector<std::uint64_t> slots_;     // open addressing; 0 is free
  std::int64_t used_ = 0;                // of the slots
  std::vector<std::uint8_t> registers_;  // once there are too many
};

}  // namespace apitoolkit::server::query
