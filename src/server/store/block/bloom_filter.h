// Which keys a set may hold: a Bloom filter whose bits for one key share one cache line. About 10
// bits a key, so that 1 in 80 keys that are not there seems to be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"

namespace apitoolkit::server::store {

// Well spread over 64 bits, also where identities or numbers differ in few bits.
std::uint64_t identity_hash(const Uuid& identity);
std::uint64_t number_hash(std::int64_t number);

// Copies and moves freely; read by any number of threads.
class BloomFilter {
 public:
  BloomFilter() = default;
  explicit BloomFilter(std::size_t keys);
  // Of bytes(); any other bytes make some filter as well.
  explicit BloomFilter(std::string bytes) : bits_(std::move(bytes)) {}

  void add(std::uint64_t hash);
  // False: it was not added.
  bool may_hold(std::uint64_t hash) const { return may_hold(bits_, hash); }
  // The same of bytes() that are elsewhere.
  static bool may_hold(std::string_view bytes, std::uint64_t hash);

  const std::string& bytes() const { return bits_; }

 private:
  std::string bits_;  // lines of kLineBytes
};

}  // namespace apitoolkit::server::store
