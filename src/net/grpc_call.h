// One unary call while it is being received: checks its headers, gathers its message within the
// method's bound, inflates it. Knows nothing of frames and sockets.
//
//   Request → Headers *Length-Prefixed-Message EOS       (grpc/doc/PROTOCOL-HTTP2.md)
//   Length-Prefixed-Message → Compressed-Flag (1 byte) Message-Length (4 bytes, big endian) Message
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/net/grpc.h"
#include "src/net/server_shared.h"

namespace apitoolkit::net {

class GrpcCall {
 public:
  // What a call is answered with before any handler saw it. Other than 200, `http_status` is the
  // whole answer: who sent this does not speak gRPC.
  struct Refusal {
    GrpcAnswer answer;
    int http_status = 200;
  };

  GrpcCall(std::shared_ptr<ServerShared> shared, std::string peer);

  // Each header as it comes, the pseudo-headers as well.
  void add_header(std::string_view name, std::string_view value);
  // After the last header: whether the message is wanted.
  std::optional<Refusal> begin();
  // A piece of the body.
  std::optional<Refusal> append(std::string_view bytes);
  // After the last piece. Without a refusal, `take` has the whole request.
  std::optional<Refusal> end();

  GrpcRequest take() { return std::move(request_); }
  const GrpcHandler& handler() const { return method_->handler; }
  // Lives as long as the request is at work.
  const std::shared_ptr<BodyShare>& share() const { return share_; }

 private:
  std::optional<Refusal> refuse(GrpcCode code, std::string text);
  std::optional<Refusal> too_large(std::int64_t bytes);
  std::optional<Refusal> check_prefix();
  std::optional<Refusal> grow();

  const std::shared_ptr<ServerShared> shared_;  // shared: as its connection does
  const std::shared_ptr<BodyShare> share_;      // shared: with the responder
  const GrpcMethods::Method* method_ = nullptr;
  GrpcRequest request_;
  std::string http_method_;
  std::string prefix_;               // at most its 5 bytes
  std::uint32_t message_bytes_ = 0;  // that the prefix announces
  std::int64_t header_bytes_ = 0;
};

}  // namespace apitoolkit::net
