// A door: one protocol through which exchanges come in. Doors translate; what happens to what they
// bring is the pipeline's business (src/server/pipeline.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/net/grpc.h"
#include "src/net/router.h"
#include "src/server/account/accounts.h"
#include "src/server/account/rate_limiter.h"
#include "src/server/redaction/rule_uptake.h"
#include "src/server/store/store.h"

namespace apitoolkit::server::ingest {

// One thing that a request held: an exchange, or why it cannot be read.
struct Item {
  Result<Exchange> exchange;
  std::string bytes;  // as received; only where there is no exchange
};

// What one request held.
struct Contents {
  // Something that was read, understood, and is kept by nobody: "span_not_http".
  struct Dropped {
    std::string_view what;  // a literal: the metrics' label
    std::size_t count = 0;
  };
  std::vector<Item> items;
  std::vector<Dropped> dropped{};
  std::vector<store::LogEntry> logs{};  // of no project yet, as they came
};

// What became of a request whose exchanges are durable now.
struct Receipt {
  struct Bad {
    std::size_t index;  // in the request's list
    std::string reason;
  };
  std::size_t items = 0;
  std::vector<Bad> bad;  // kept as dead letters
};

// One request at a door, on its way through the pipeline. authenticate, decode and one of
// acknowledge and refuse are called in this order, by one thread at a time.
class Delivery {
 public:
  virtual ~Delivery() = default;

  // The door's name in metrics and dead letters, for example "pubsub_rest".
  virtual std::string_view source() const = 0;
  // The size of what was received.
  virtual std::int64_t bytes() const = 0;
  // Who sends this, by whatever credentials the protocol has.
  virtual Result<account::KeyHolder> authenticate() = 0;
  // An error if not even the envelope can be read; the items' own errors are in them.
  virtual Result<Contents> decode() = 0;

  // Everything that could be read is durable.
  virtual void acknowledge(const Receipt& receipt) = 0;
  // Nothing of it was taken. kResourceExhausted and kUnavailable invite to try again.
  virtual void refuse(const Error& error) = 0;
};

// The pipeline, as doors see it. Thread-safe.
class Intake {
 public:
  virtual ~Intake() = default;
  // Takes a delivery on; the answer comes later, from another thread. Does not block.
  virtual void take(std::shared_ptr<Delivery> delivery) = 0;
};

// What doors are made of. Everything outlives them.
struct Context {
  account::Accounts& accounts;
  Intake& intake;
  const base::Clock& clock;
  account::RateLimiter& limiter;
  redaction::RuleUptake& uptake;
  std::int64_t metadata_refresh_s = limits::kMetadataRefreshS;
};

class Source {
 public:
  virtual ~Source() = default;
  // Its paths over HTTP, and what it answers over gRPC: one or both.
  virtual void add_routes(net::Router& /*router*/) {}
  virtual void add_methods(net::GrpcMethods& /*methods*/) {}
};

// Every door there is (sources.cc).
std::vector<std::unique_ptr<Source>> make_sources(const Context& context);

// The token of an Authorization header: what follows "Bearer", or the whole value, as the reference
// server accepts both. Empty where there is none.
std::string_view bearer_token(std::string_view authorization);

}  // namespace apitoolkit::server::ingest
