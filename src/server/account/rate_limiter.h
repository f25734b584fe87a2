// How much a key may send: requests and bytes a second, with a burst.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "src/server/account/accounts.h"

namespace apitoolkit::server::account {

// Two token buckets a key. Each fills at its rate up to limits::kRateBurstS seconds' worth. A
// request is admitted while there is something in both and takes what it takes, so that one which
// is larger than the whole bucket gets through, and the next waits for the debt. Thread-safe; as
// many buckets as there are keys in use.
class RateLimiter {
 public:
  // For keys that have no limits of their own. 0: none.
  explicit RateLimiter(KeyLimits defaults) : defaults_(defaults) {}

  // False: too much already; nothing is taken. `now_ns` never goes back (a steady clock's).
  bool admit(const KeyHolder& holder, std::int64_t bytes, std::int64_t now_ns);
  // Now.
  bool admit(const KeyHolder& holder, std::int64_t bytes);

 private:
  struct Bucket {
    double requests = 0;
    double bytes = 0;
    std::int64_t filled_ns = 0;
    bool is_new = true;
  };

  const KeyLimits defaults_;
  std::mutex mutex_;                                  // guards buckets_
  std::unordered_map<std::int64_t, Bucket> buckets_;  // by key id
};

}  // namespace apitoolkit::server::account
