// The whole server: opens what it keeps, connects its floors, listens.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/result.h"
#include "src/base/clock.h"
#include "src/base/limits.h"
#include "src/net/http_server.h"
#include "src/server/account/accounts.h"
#include "src/server/account/bootstrap.h"
#include "src/server/disk_watch.h"
#include "src/server/retention.h"
#include "src/server/store/store.h"

namespace apitoolkit::server {

struct ServerOptions {
  std::string data_directory;
  net::HttpServerOptions http;  // addresses and bounds
  RetentionLimits retention;
  account::KeyLimits key_limits{};  // of API keys that have none of their own
  std::int64_t metadata_refresh_s = limits::kMetadataRefreshS;  // how often SDKs ask for rules
  account::BootstrapWishes wishes;
  // Whether the owner's password may be a generated one: only where nobody else reaches the port.
  bool generated_password_allowed = true;

  // Where tests put their own.
  std::unique_ptr<store::Store> store;  // SQLite in the data directory where it is not set
  const base::Clock* clock = nullptr;
  DiskWatch::FreeBytes free_bytes;
  std::int64_t ingest_queue_bytes_max = limits::kIngestQueueBytesMax;  // decoded, not committed
};

class Server {
 public:
  // Everything runs when this returns. An error is one sentence that says what to do.
  static Result<std::unique_ptr<Server>> start(ServerOptions options);

  // Stops.
  virtual ~Server() = default;

  virtual std::uint16_t port() const = 0;
  virtual std::vector<std::uint16_t> further_ports() const = 0;  // as HttpServer's
  // What the first start has made; nullopt for any other.
  virtual const std::optional<account::Founded>& founded() const = 0;
  virtual account::Accounts& accounts() = 0;

  // As HttpServer::reload_tls.
  virtual Status reload_tls() = 0;

  // Takes no more requests, finishes those in flight, commits. Idempotent.
  virtual void stop() = 0;
};

}  // namespace apitoolkit::server
