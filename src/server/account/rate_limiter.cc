#include "src/server/account/rate_limiter.h"

#include <algorithm>
#include <chrono>

#include "src/base/limits.h"

namespace apitoolkit::server::account {
namespace {

void fill(double& level, std::int64_t per_s, double seconds, bool is_new) {
  const double full = static_cast<double>(per_s * limits::kRateBurstS);
  level = is_new ? full : std::min(full, level + static_cast<double>(per_s) * seconds);
}

}  // namespace

bool RateLimiter::admit(const KeyHolder& holder, std::int64_t bytes, std::int64_t now_ns) {
  const std::int64_t requests_per_s =
      holder.limits.requests_per_s != 0 ? holder.limits.requests_per_s : defaults_.requests_per_s;
  const std::int64_t bytes_per_s =
      holder.limits.bytes_per_s != 0 ? holder.limits.bytes_per_s : defaults_.bytes_per_s;
  if ((requests_per_s == 0 && bytes_per_s == 0) || holder.key_id == 0) return true;  // 0: no key
  const std::lock_guard lock(mutex_);
  Bucket& bucket = buckets_[holder.key_id];
  const double seconds = static_cast<double>(now_ns - bucket.filled_ns) / 1e9;
  fill(bucket.requests, requests_per_s, seconds, bucket.is_new);
  fill(bucket.bytes, bytes_per_s, seconds, bucket.is_new);
  bucket.is_new = false;
  bucket.filled_ns = now_ns;
  if (requests_per_s != 0 && bucket.requests < 1) return false;
  if (bytes_per_s != 0 && bucket.bytes <= 0) return false;
  if (requests_per_s != 0) bucket.requests -= 1;
  if (bytes_per_s != 0) bucket.bytes -= static_cast<double>(bytes);
  return true;
}

bool RateLimiter::admit(const KeyHolder& holder, std::int64_t bytes) {
  return admit(holder, bytes,
               std::chrono::duration_cast<std::chrono::nanoseconds>(
                   std::chrono::steady_clock::now().time_since_epoch())
                   .count());
}

}  // namespace apitoolkit::server::account
