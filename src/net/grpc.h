// Unary calls of gRPC as the server's doors see them: a method's name and bytes in, bytes or a
// status out. What generated code would add, doors do by hand, with a reader that they bound
// themselves.
//
//   GrpcMethods methods;
//   methods.add("/google.pubsub.v1.Publisher/Publish", 11 << 20,
//               [](GrpcRequest request, GrpcResponder responder) { … });
//   server->start(handler, std::move(methods));
//
// Source: grpc/doc/PROTOCOL-HTTP2.md and statuscodes.md. A method that nobody added is answered
// UNIMPLEMENTED before its message is read. What speaks HTTP/2 underneath is http2_session.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"

namespace apitoolkit::net {

// google/rpc/code.proto
enum class GrpcCode : int {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

struct GrpcRequest {
  std::string method;            // "/package.Service/Method"
  std::vector<Header> metadata;  // names in lower case, as HTTP/2 has them
  std::string message;           // inflated, without its length prefix
  std::string authority;         // what the client calls this server, "localhost:8080"
  std::string peer;              // the address it came from, without the port

  // The first value of that name in lower case; empty if there is none.
  std::string_view find(std::string_view name) const;
};

struct GrpcAnswer {
  GrpcCode code = GrpcCode::kOk;
  std::string text;     // says what was wrong; cut at limits::kGrpcTextBytesMax
  std::string message;  // the response; only with kOk
  std::string details;  // a serialised google.rpc.Status, or empty; not with kOk
};

// Answers one call, once: further answers are ignored. Copies share that. When the last copy goes
// without an answer, the client gets INTERNAL. Thread-safe.
class GrpcResponder {
 public:
  using Send = std::function<void(GrpcAnswer)>;
  explicit GrpcResponder(Send send);
  void operator()(GrpcAnswer answer) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;  // shared: whichever copy answers first is the one that counts
};

// Called on an I/O thread: it must not block, but hand slow work to a WorkerPool.
using GrpcHandler = std::function<void(GrpcRequest, GrpcResponder)>;

// Filled before the server's start, then immutable; threads may share it.
class GrpcMethods {
 public:
  struct Method {
    std::int64_t message_bytes_max;  // also of the inflated message; more is RESOURCE_EXHAUSTED
    GrpcHandler handler;
  };

  void add(std::string path, std::int64_t message_bytes_max, GrpcHandler handler);
  // nullptr where there is none; lives as long as this.
  const Method* find(std::string_view path) const;

 private:
  std::map<std::string, Method, std::less<>> methods_;
};

// As `grpc-message` carries it: what is not printable ASCII, and "%", become %XX.
std::string grpc_percent_encode(std::string_view text);

// One message with its length prefix, not compressed.
std::string grpc_frame(std::string_view message);

}  // namespace apitoolkit::net
