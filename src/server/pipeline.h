// The way of every exchange into the server, from any door to the store. pipeline.cc reads from top
// to bottom in the order in which things happen.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/base/worker_pool.h"
#include "src/server/account/rate_limiter.h"
#include "src/server/committer.h"
#include "src/server/disk_watch.h"
#include "src/server/ingest/source.h"
#include "src/server/metrics.h"
#include "src/server/redaction/rule_book.h"

namespace apitoolkit::server {

// Thread-safe. Everything given must outlive the Pipeline.
class Pipeline final : public ingest::Intake {
 public:
  Pipeline(const redaction::RuleBook& rules, account::RateLimiter& limiter, Committer& committer,
           DiskWatch& disk, const base::Clock& clock, base::WorkerPool& workers, Metrics& metrics,
           std::int64_t queue_bytes_max = limits::kIngestQueueBytesMax);

  void take(std::shared_ptr<ingest::Delivery> delivery) override;

  // Received, not yet committed.
  std::int64_t queue_bytes() const { return queue_bytes_; }

 private:
  class Share;

  void run(const std::shared_ptr<ingest::Delivery>& delivery);
  Result<std::shared_ptr<Share>> admit(const ingest::Delivery& delivery,
                                       const account::KeyHolder& holder);
  Committer::Work prepare(ingest::Contents contents, const ingest::Delivery& delivery,
                          const account::KeyHolder& holder, ingest::Receipt& receipt) const;
  void commit(Committer::Work work, std::shared_ptr<ingest::Delivery> delivery,
              ingest::Receipt receipt, std::shared_ptr<Share> share);
  void refuse(ingest::Delivery& delivery, const Error& error);

  const redaction::RuleBook& rules_;
  account::RateLimiter& limiter_;
  Committer& committer_;
  DiskWatch& disk_;
  const base::Clock& clock_;
  base::WorkerPool& workers_;
  Metrics& metrics_;
  const std::int64_t queue_bytes_max_;
  std::atomic<std::int64_t> queue_bytes_{0};
};

}  // namespace apitoolkit::server
