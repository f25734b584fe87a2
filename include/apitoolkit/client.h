// The SDK: takes exchanges from a web application and gets them, redacted, to a server in the
// background.
//
//   apitoolkit::Config config;
//   config.api_key = "…";
//   config.redact_request_body = {"$.user.password"};
//   auto client = apitoolkit::Client::create(std::move(config));
//   if (!client) return report(client.error().message);
//   …
//   (*client)->push(std::move(exchange));   // microseconds; never waits, never throws
//
// A client owns one worker thread, which the first push starts (never the constructor: a process
// may fork after it). The worker redacts, encodes, batches and delivers. After a fork the child's
// first push starts a worker of its own with an empty queue; the parent's queue stays the parent's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "apitoolkit/captured_exchange.h"
#include "apitoolkit/config.h"
#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "apitoolkit/transport.h"

namespace apitoolkit {

struct Stats {
  std::int64_t captured = 0;  // exchanges pushed
  std::int64_t sent = 0;      // acknowledged by the receiver
  std::int64_t retried = 0;   // batches tried again
  std::map<std::string, std::int64_t>
      dropped;  // by reason: "queue_full", "rejected", "sampled", "shutdown", …
  std::map<std::string, std::int64_t> redaction;  // bodies masked whole, by reason code
  std::int64_t queue_bytes = 0;
  std::int64_t spool_bytes = 0;  // on the disk, of all processes that share the directory
  // "idle", "connecting", "ready", "unauthorized", "unreachable", "closed", "disabled"
  std::string state;
  std::string last_error;  // one sentence; empty if none
};

// Levels as Python's logging has them.
enum class LogLevel { kDebug = 10, kInfo = 20, kWarning = 30, kError = 40 };
struct LogRecord {
  LogLevel level;
  std::string message;
};

// Redaction of some exchanges beyond what the Config says: one outgoing call's own lists.
struct ExtraRedaction {
  std::vector<std::string> headers;
  std::vector<std::string> request_body;   // JSONPath
  std::vector<std::string> response_body;  // JSONPath
};
class ExtraRules;  // compiled, together with the Config's own; opaque

class Client {
 public:
  // Checks the whole configuration; an error names the argument and the place in it:
  // `redact_request_body[2]: "$.a[": expected a selector at column 5`. Makes no connection and
  // starts no thread.
  static Result<std::unique_ptr<Client>> create(Config config);

  // Closes, waiting at most Config::flush_timeout_ms.
  virtual ~Client() = default;

  // Takes an exchange. Thread-safe; wait-free but for one short lock; drops (and counts) when the
  // queue is full. `exchange.id` is filled in if it is all zero.
  virtual void push(Exchange&& exchange) noexcept = 0;

  // What push() asks first: whether the exchange is to be taken under sample_rate, and whether
  // there is room for more than errors. Where it is, sample_weight says how many it stands for;
  // where it is not, it counts as dropped. For those who preview() and push_message().
  virtual bool keep(Exchange& exchange) noexcept = 0;

  // Errors as create() gives them, with the arguments redact_headers, redact_request_body and
  // redact_response_body. Compile once, use often.
  virtual Result<std::shared_ptr<const ExtraRules>> compile(const ExtraRedaction& extra) const = 0;
  // As push() and preview(), with extra rules, which may be null. Shared: the exchange waits in the
  // queue for as long as it takes; nothing of it is moved on the way. A null exchange is ignored.
  virtual void push(std::unique_ptr<CapturedExchange> captured,
                    std::shared_ptr<const ExtraRules> rules) noexcept = 0;
  // A clear one to fill in for it, most often one that was delivered. May throw std::bad_alloc.
  virtual std::unique_ptr<CapturedExchange> take_spare() = 0;
  virtual std::string preview(Exchange exchange, const ExtraRules* rules) const = 0;

  // Takes a message that is encoded and redacted already: what preview() gave, perhaps changed by
  // the application. Otherwise as push().
  virtual void push_message(std::string message) noexcept = 0;

  // The project that the key belongs to; empty until the server has told it.
  virtual std::string project_id() const = 0;

  // Waits until everything pushed before the call is delivered or dropped, or is on the disk where
  // there is a spool; false if `timeout_ms` passed first. Thread-safe.
  virtual bool flush(std::int64_t timeout_ms) noexcept = 0;

  // Flushes for at most Config::flush_timeout_ms in all, also through a hanging socket, and stops
  // the worker. Further pushes are dropped and counted. Idempotent.
  virtual void close() noexcept = 0;

  virtual Stats stats() const = 0;

  // Log lines since the last call, oldest first, at most 100 (rate-limited at the source). The
  // library itself never prints: whoever embeds it passes these on. Thread-safe.
  virtual std::vector<LogRecord> take_log() noexcept = 0;

  // One exchange, redacted and encoded as it would be sent; what `debug` and before_send read.
  // Thread-safe. Never delivers anything.
  virtual std::string preview(Exchange exchange) const = 0;
};

// A fresh UUIDv7. Thread-safe, and safe after fork.
Uuid make_id() noexcept;

}  // namespace apitoolkit
