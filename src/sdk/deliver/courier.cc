#include "src/sdk/deliver/courier.h"

#include "src/base/limits.h"

namespace apitoolkit::sdk {

using Outcome = Delivery::Outcome;

std::chrono::steady_clock::time_point call_deadline() {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::kHttpTimeoutMs);
}

Delivery Courier::carry(Batch& batch) {
  Delivery result;
  while (!batch.is_decided()) {
    if (interrupt_) return {Outcome::kRetry, -1, "interrupted"};
    Delivery delivery = call(batch);
    switch (delivery.outcome) {
      case Outcome::kDelivered:
        on_decided_(batch.decide_next(), "");
        break;
      case Outcome::kRejected:
        if (batch.next().size() > 1 && batch.splits < limits::kSplitRequestsMax) {
          batch.split_next();
        } else {
          on_decided_(batch.decide_next(), "rejected");
        }
        result.detail = std::move(delivery.detail);
        break;
      case Outcome::kRetry:
      case Outcome::kUnauthorized:
        return delivery;
    }
  }
  return result;
}

// A custom transport may be anyone's code.
Delivery Courier::call(Batch& batch) {
  const std::vector<std::string_view> messages = batch.messages(batch.next());
  try {
    return transport_.deliver(messages, call_deadline(), interrupt_);
  } catch (...) {
    return {Outcome::kRetry, -1, "the transport threw an exception"};
  }
}

}  // namespace apitoolkit::sdk
