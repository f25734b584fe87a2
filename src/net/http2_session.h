// The HTTP/2 of one connection, without its socket: bytes go in, bytes come out, whole gRPC calls
// are handed to their methods' handlers. nghttp2 does the framing, HPACK and flow control (RFC
// 9113, RFC 7541) and bounds what a peer can make it keep: resets, pings, settings, continuations.
//
// Used by one thread at a time, the connection's strand; only `AnswerLater` is called from others.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/net/grpc_call.h"
#include "src/net/server_shared.h"

namespace apitoolkit::net {

// What an HTTP/2 client sends first, RFC 9113, section 3.4.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

class Http2Session {
 public:
  using Clock = std::chrono::steady_clock;
  // Brings an answer to `answer` of the same session, on its strand, if that still exists.
  // Thread-safe.
  using AnswerLater = std::function<void(std::int32_t stream, GrpcAnswer answer)>;

  Http2Session(std::shared_ptr<ServerShared> shared, std::string peer, AnswerLater answer_later);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Takes bytes as they come, from the preface on. False where the peer broke the protocol: what
  // output there is should still be sent, and no more received.
  bool receive(std::string_view bytes);
  // Ignored where the stream is gone or has its answer.
  void answer(std::int32_t stream, const GrpcAnswer& answer);
  // Appends what is to be sent now, until there is no more or `out` has grown by `bytes`.
  void send_to(std::string& out, std::size_t bytes);

  // Refuses calls that have not arrived in time, and drops answers that are not read.
  void expire(Clock::time_point now);
  // Takes no more streams: GOAWAY. Those there are still get their answers.
  void finish();

  bool is_idle() const { return streams_.empty(); }
  // Nothing will come of this connection any more, once its output is sent.
  bool is_over() const;

 private:
  struct Stream;
  struct Callbacks;
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  Stream* find(std::int32_t id) const;
  void on_end(std::int32_t id, Stream& stream);
  void refuse(std::int32_t id, Stream& stream, const GrpcCall::Refusal& refusal);
  void submit_status(std::int32_t id, Stream& stream, const GrpcAnswer& answer);
  void submit_message(std::int32_t id, Stream& stream, std::string_view message);

  const std::shared_ptr<ServerShared> shared_;  // shared: as its connection does
  const std::string peer_;
  const AnswerLater answer_later_;
  std::unordered_map<std::int32_t, std::unique_ptr<Stream>> streams_;
  std::unique_ptr<nghttp2_session, Deleter> session_;  // last: its end calls back
  bool finishing_ = false;
};

}  // namespace apitoolkit::net
