// Which requests an SDK of ours has told already, for the SERVER span of an automatic
// instrumentation that tells them again.
//
// Within one export request the twins are found for certain (wire/otlp_relations.h). But a span is
// exported when it has ended, and the SDK's ends before the SERVER span around it: where an
// exporter's batch ends between the two, the SERVER span comes with the next one, some seconds
// later. So the SDK's spans of late are remembered here, by what a twin of theirs would say of
// itself, and such a SERVER span is dropped as if both had come together.
//
// This is best effort on purpose: the memory is of this process, of this door and of the last
// 200,000 or so, so that after a restart, or where another server of several got the first half,
// both stay. To find those would need a look into the store for every SERVER span, and what is
// stored already could not be taken back where the SERVER span came first. The worst that happens
// is a request that is shown twice, once without its bodies.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "apitoolkit/exchange.h"

namespace apitoolkit::server::ingest {

// Thread-safe, lock-free; 2 MiB, allocated when the first SDK's span comes with a trace.
class OtlpTwins {
 public:
  OtlpTwins() = default;
  ~OtlpTwins();
  OtlpTwins(const OtlpTwins&) = delete;
  OtlpTwins& operator=(const OtlpTwins&) = delete;

  // Remembers the SDK's exchanges among these, and drops the twins of earlier ones. Returns how
  // many.
  std::size_t drop(const Uuid& project, std::vector<Exchange>& exchanges);

 private:
  using Memory = std::vector<std::atomic<std::uint64_t>>;
  std::atomic<Memory*> memory_{nullptr};  // direct-mapped: a hash stands where its last bits say
};

}  // namespace apitoolkit::server::ingest
