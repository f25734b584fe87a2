// How messages leave the process. A transport is given batches by the client's worker thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace apitoolkit {

// What became of a batch.
struct Delivery {
  enum class Outcome {
    kDelivered,     // the receiver has all of it
    kRetry,         // try the same batch again, after `retry_after_ms` if that is given
    kUnauthorized,  // the key was refused: ask again later, nothing of the batch is lost yet
    kRejected,      // the receiver will never take this batch: count it and go on
  };
  Outcome outcome = Outcome::kDelivered;
  std::int64_t retry_after_ms = -1;  // the receiver's wish; -1 if it has none
  std::string detail;                // one sentence for the log; never holds captured content
  bool is_too_slow = false;   // with kRetry: there was no answer in time; less may get through
  std::int64_t rejected = 0;  // with kDelivered: so many of its messages were refused nevertheless
};

// Called from one thread at a time, always the client's worker. Implementations may block until
// `deadline`, and return early once `*interrupt` is true (close() sets it).
class Transport {
 public:
  virtual ~Transport() = default;

  // A short name for logs and stats, for example "pubsub".
  virtual std::string_view name() const = 0;

  // Hands over a batch. Each message is one JSON object as wire/README.md describes, already
  // redacted; the views are valid during the call only. Must not throw.
  virtual Delivery deliver(std::span<const std::string_view> messages,
                           std::chrono::steady_clock::time_point deadline,
                           const std::atomic<bool>& interrupt) = 0;
};

}  // namespace apitoolkit
