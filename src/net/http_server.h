// An HTTP/1.1 server: every request is bounded in size, time and number before a handler sees it,
// and a handler may answer later, from any thread.
//
//   auto server = net::HttpServer::listen({.port = 8080});
//   (*server)->start([](net::ServerRequest request, net::Responder responder) { … });
//   …
//   (*server)->stop();   // finishes what is in flight
//
// Requests of one connection are answered in their order: the next one is read when the answer to
// the one before has been written, so that pipelining is safe. A connection that begins with the
// preface of HTTP/2 speaks gRPC, on the same port, within the same bounds (src/net/grpc.h). TLS is
// below both (socket_stream.h).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "apitoolkit/result.h"
#include "src/base/limits.h"
#include "src/net/answer_stream.h"
#include "src/net/grpc.h"

namespace apitoolkit::net {

// A whole request; its body is already inflated.
struct ServerRequest {
  std::string method;
  std::string path;   // before "?", still percent-encoded
  std::string query;  // after "?", without it
  std::vector<Header> headers;
  std::string body;
  // The address it came from, without the port; what a trusted proxy says it is, if it came from
  // one.
  std::string peer;
  bool is_secure = false;  // by TLS, here or as far as such a proxy

  // The first value of that header, names compared without case; empty if there is none.
  std::string_view header(std::string_view name) const;
};

// Content-Length, Date and Connection are the server's business. A HEAD request is answered without
// the body, whatever the handler gives.
struct ServerResponse {
  int status = 200;
  std::vector<Header> headers;  // control characters in a value become blanks
  std::string body;
};

// Answers one request, once: further answers are ignored. Copies share that. When the last copy
// goes without an answer, the client gets 500. Thread-safe.
class Responder {
 public:
  // Where the answer goes. Thread-safe; a call after the connection's end does nothing.
  class Target {
   public:
    virtual ~Target() = default;
    virtual void send(ServerResponse response) = 0;
    virtual std::unique_ptr<AnswerStream> stream(ServerResponse head, StreamOptions options) = 0;
    virtual void on_gone(std::function<void()> gone) = 0;
  };
  explicit Responder(std::unique_ptr<Target> target);

  void operator()(ServerResponse response) const;

  // Answers with `head` (its body is not sent) and what is then written into the stream. A stream
  // that is over from the start where an answer was given already, to HEAD, and at the server's
  // stop.
  std::unique_ptr<AnswerStream> stream(ServerResponse head, StreamOptions options) const;

  // Calls `gone` if the client leaves before the answer is given: once, on an I/O thread, which it
  // must not block. A client that only ends its side of the connection counts as gone, but may
  // still be answered. Last call counts.
  void on_gone(std::function<void()> gone) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;  // shared: whichever copy answers first is the one that counts
};

// Called on an I/O thread: it must not block, but hand slow work to a WorkerPool.
using Handler = std::function<void(ServerRequest, Responder)>;

// What a request that never reaches the handler is answered with. Of the request there is what was
// read of it: nothing, or its head, never its body.
using RefusalBody = std::function<ServerResponse(int status, const ServerRequest& request,
                                                 std::string_view message)>;

// Counters, for as long as the server lives.
struct HttpServerCounters {
  std::atomic<std::int64_t> connections{0};         // open now
  std::atomic<std::int64_t> connections_opened{0};  // since the start
  std::atomic<std::int64_t> requests{0};
  std::array<std::atomic<std::int64_t>, 6> answers{};  // by the first digit of the status
  std::atomic<std::int64_t> body_bytes{0};             // of requests being read or handled now
  std::atomic<std::int64_t> answer_bytes{0};  // of large answers and streams, not sent off yet
  std::atomic<std::int64_t> exceptions{0};    // connections lost to one
  std::atomic<std::int64_t> refused_connections{0};
  std::atomic<std::int64_t> refused_malformed{0};
  std::atomic<std::int64_t> refused_too_large{0};
  std::atomic<std::int64_t> refused_timeout{0};
  // Of requests or of answers: all bodies together are at the bound.
  std::atomic<std::int64_t> refused_busy{0};
};

// PEM files.
struct TlsFiles {
  std::string certificate;  // with the rest of its chain behind it
  std::string key;
};

struct ListenAddress {
  std::string host = "127.0.0.1";   // an address, not a name
  std::uint16_t port = 0;           // 0: any free one
  std::string option = "--listen";  // by which a user chooses it
  // Of clients that offer both over TLS; else HTTP/1.1 is chosen for them, which browsers need.
  bool prefers_http2 = false;
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // as in ListenAddress
  std::uint16_t port = 0;
  std::vector<ListenAddress> further{};  // where the same is answered as well
  int threads = 2;
  RefusalBody refusal;                         // plain text where it is not set
  std::optional<TlsFiles> tls;                 // plain where it is not set
  std::vector<std::string> trusted_proxies{};  // networks or addresses (net/trusted_proxies.h)

  std::int64_t header_bytes_max = limits::kRequestHeaderBytesMax;
  std::int64_t body_bytes_max = limits::kRequestBodyBytesMax;
  std::int64_t inflated_bytes_max = limits::kInflatedBytesMax;
  // Paths whose requests may have larger bodies: this many bytes, before and after inflating.
  std::vector<std::string> large_body_paths{};
  std::int64_t large_body_bytes_max = limits::kOtlpBodyBytesMax;
  std::int64_t bodies_bytes_max = limits::kRequestsBytesMax;  // of all requests together
  // Of all answers that clients have not read; smaller ones than limits::kSmallAnswerBytesMax do
  // not count. What is over it becomes 503.
  std::int64_t answers_bytes_max = limits::kAnswersBytesMax;
  int connections_max = limits::kConnectionsMax;
  std::int64_t idle_timeout_ms = limits::kIdleTimeoutS * 1000;
  std::int64_t request_timeout_ms = limits::kRequestTimeoutS * 1000;
  std::int64_t stop_timeout_ms = limits::kStopTimeoutS * 1000;
};

class HttpServer {
 public:
  // Binds: clients may connect, and wait. kIo or kAlreadyExists (the port is in use) say what to
  // do.
  static Result<std::unique_ptr<HttpServer>> listen(HttpServerOptions options);

  // Stops.
  virtual ~HttpServer() = default;

  virtual std::uint16_t port() const = 0;
  // Of options.further, in its order.
  virtual std::vector<std::uint16_t> further_ports() const = 0;

  // Starts the threads. Once. `methods` are what clients that speak gRPC may call.
  virtual void start(Handler handler, GrpcMethods methods = {}) = 0;

  // Closes the listening socket and every idle connection, waits until the requests in flight are
  // answered, at most stop_timeout_ms, then ends the threads. Idempotent; not from a handler.
  virtual void stop() = 0;

  virtual const HttpServerCounters& counters() const = 0;

  // Reads the files of options.tls again, for the connections that are opened from now on. On an
  // error what was there stays. Thread-safe.
  virtual Status reload_tls() = 0;
};

// Whether `host` is an IP address that only this machine reaches.
bool is_loopback(const std::string& host);

// The standard phrase, "Not Found" for 404; empty for what is not known.
std::string_view reason_phrase(int status);

}  // namespace apitoolkit::net
