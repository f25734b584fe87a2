#include "src/sdk/deliver/courier.h"

#include <algorithm>

#include "src/base/limits.h"

namespace apitoolkit::sdk {

using Outcome = Delivery::Outcome;

std::chrono::steady_clock::time_point call_deadline(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Delivery Courier::carry(Batch& batch) {
  while (!batch.is_decided()) {
    if (interrupt_) return {Outcome::kRetry, -1, "interrupted"};
    Delivery delivery = call(batch);
    switch (delivery.outcome) {
      case Outcome::kDelivered:
        size_.got_through();
        delivered(batch.decide_next(), delivery);
        break;
      case Outcome::kRejected:
        if (batch.next().size() > 1 && batch.splits < limits::kSplitRequestsMax) {
          batch.split_next();
          ++batch.splits;
        } else {
          on_decided_(batch.decide_next(), "rejected", delivery.detail);
        }
        break;
      case Outcome::kRetry:
        if (delivery.is_too_slow) send_less(batch);
        return delivery;
      case Outcome::kUnauthorized:
        return delivery;
    }
  }
  return {};
}

// It is not known which ones were refused, only how many.
void Courier::delivered(Batch::Decided all, const Delivery& delivery) {
  const std::int64_t rejected = std::clamp<std::int64_t>(delivery.rejected, 0, all.count);
  if (rejected > 0) on_decided_({rejected, 0, all.is_queued}, "rejected", delivery.detail);
  on_decided_({all.count - rejected, all.bytes, all.is_queued}, "", "");
}

void Courier::send_less(Batch& batch) {
  std::int64_t bytes = 0;
  for (const std::string_view message : batch.messages(batch.next())) {
    bytes += static_cast<std::int64_t>(message.size());
  }
  const bool is_one_message = batch.next().size() == 1;
  size_.was_too_slow(bytes, is_one_message);
  if (!is_one_message) batch.split_next();
}

// A custom transport may be anyone's code.
Delivery Courier::call(Batch& batch) {
  const std::vector<std::string_view> messages = batch.messages(batch.next());
  try {
    return transport_.deliver(messages, call_deadline(size_.time()), interrupt_);
  } catch (...) {
    return {Outcome::kRetry, -1, "the transport threw an exception"};
  }
}

}  // namespace apitoolkit::sdk
