// Which exchanges are taken: every error, and of the rest the part that was asked for.
#pragma once

#include <algorithm>
#include <atomic>

#include "apitoolkit/exchange.h"

namespace apitoolkit::sdk {

// An answer of 500 and above, or anything that was raised or reported.
bool is_error(const Exchange& exchange);

// Thread-safe.
class Sampler {
 public:
  // `rate` is the part to take, from 0 (errors only) to 1 (all).
  explicit Sampler(double rate) : rate_(rate) {}

  // What the server asks for. The smaller of the two counts.
  void set_remote_rate(double rate) { remote_rate_ = rate; }

  // Whether to take the exchange, whose sample_weight then says how many it stands for.
  // `pressure_rate` is the part of what would be taken that there is room for. A request and the
  // calls that it made are taken together or not at all, unless one of them is an error.
  bool keep(Exchange& exchange, double pressure_rate) const noexcept;

 private:
  const double rate_;
  std::atomic<double> remote_rate_ = 1.0;
};

}  // namespace apitoolkit::sdk
