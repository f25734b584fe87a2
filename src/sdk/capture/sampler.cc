#include "src/sdk/capture/sampler.h"

#include <cstdint>
#include <cstring>

#include "src/sdk/capture/capture.h"

namespace apitoolkit::sdk {
namespace {

// In [0, 1), the same for the same id, however little of the id is random (the last step of
// MurmurHash3).
double fraction_of(const Uuid& id) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, id.data() + 8, sizeof bits);
  bits ^= bits >> 33;
  bits *= 0xff51afd7ed558ccdU;
  bits ^= bits >> 33;
  bits *= 0xc4ceb9fe1a85ec53U;
  bits ^= bits >> 33;
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

bool is_error(const Exchange& exchange) {
  return exchange.status_code >= 500 || !exchange.errors.empty();
}

bool Sampler::keep(Exchange& exchange, double pressure_rate) const noexcept {
  const double rate = std::min(rate_, remote_rate_.load(std::memory_order_relaxed)) * pressure_rate;
  if (rate >= 1 || is_error(exchange)) return true;
  give_id(exchange);
  if (fraction_of(exchange.parent_id.value_or(exchange.id)) >= rate) return false;
  exchange.sample_weight /= rate;
  return true;
}

}  // namespace apitoolkit::sdk
