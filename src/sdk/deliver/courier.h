// Carries a batch to a transport, call by call.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string_view>

#include "apitoolkit/transport.h"
#include "src/sdk/deliver/batch.h"
#include "src/sdk/deliver/call_size.h"

namespace apitoolkit::sdk {

class Courier {
 public:
  // Told of every call that decided something: an empty reason means delivered.
  // `detail` is the transport's, of what it refused.
  using OnDecided =
      std::function<void(Batch::Decided, std::string_view drop_reason, std::string_view detail)>;

  // `transport`, `interrupt` and `size` must outlive this.
  Courier(Transport& transport, const std::atomic<bool>& interrupt, CallSize& size,
          OnDecided on_decided)
      : transport_(transport),
        interrupt_(interrupt),
        size_(size),
        on_decided_(std::move(on_decided)) {}

  // Goes on until the batch is decided (kDelivered), or a call asks to wait (kRetry,
  // kUnauthorized), which the caller does before it calls again. A refused call of several messages
  // is split, at most kSplitRequestsMax times a batch, so that one bad message costs only itself.
  // One that was too slow is split for the next time.
  Delivery carry(Batch& batch);

 private:
  Delivery call(Batch& batch);
  void delivered(Batch::Decided all, const Delivery& delivery);
  void send_less(Batch& batch);

  Transport& transport_;
  const std::atomic<bool>& interrupt_;
  CallSize& size_;
  OnDecided on_decided_;
};

// When a call that begins now and may take `time` must have ended.
std::chrono::steady_clock::time_point call_deadline(std::chrono::milliseconds time);

}  // namespace apitoolkit::sdk
