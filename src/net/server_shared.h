// What the connections of one HttpServer share, whichever version of HTTP they speak.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "src/net/grpc.h"
#include "src/net/http_server.h"
#include "src/net/tls.h"
#include "src/net/trusted_proxies.h"

namespace apitoolkit::net {

// Each connection holds it, because a handler that answers late keeps its connection, and with it
// the io_context, beyond the server's end.
struct ServerShared {
  explicit ServerShared(HttpServerOptions given) : options(std::move(given)) {}
  const HttpServerOptions options;
  Handler handler;                 // set before the first connection
  GrpcMethods methods;             // so too
  TrustedProxies trusted_proxies;  // so too
  // What new connections begin with; null: plain.
  TlsContext tls(TlsFirst first) {
    const std::lock_guard lock(tls_mutex);
    return tls_now.at(static_cast<std::size_t>(first));
  }
  std::mutex tls_mutex;  // guards tls_now
  TlsContexts tls_now;
  HttpServerCounters counters;
  boost::asio::io_context io;
  std::atomic<bool> stopping{false};  // no further requests
  std::atomic<bool> stopped{false};   // nobody runs `io` any more
};

// What one request holds of the bound on all bodies. Given back by release, or at its end. Used by
// one thread at a time.
class BodyShare {
 public:
  explicit BodyShare(std::shared_ptr<ServerShared> shared) : shared_(std::move(shared)) {}
  ~BodyShare() { release(); }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  // Makes this share `bytes` if it is not more already; false, counted and without doing so, where
  // the bound is reached. Only bytes that have come should count: a client that announces much and
  // sends nothing takes no room.
  bool grow_to(std::int64_t bytes) {
    const std::int64_t more = bytes - bytes_;
    if (more <= 0) return true;
    auto& counters = shared_->counters;
    if (counters.body_bytes.fetch_add(more) + more > shared_->options.bodies_bytes_max) {
      counters.body_bytes -= more;
      counters.refused_busy++;
      return false;
    }
    bytes_ = bytes;
    return true;
  }
  void release() { shared_->counters.body_bytes -= std::exchange(bytes_, 0); }

 private:
  const std::shared_ptr<ServerShared> shared_;  // shared: a responder may outlive its connection
  std::int64_t bytes_ = 0;
};

}  // namespace apitoolkit::net
