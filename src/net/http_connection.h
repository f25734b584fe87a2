// One connection of an HttpServer. Everything in it happens on its own strand; the server and the
// responders reach it through start, finish and the strand.
//
//   idle ──first byte──▶ header ──▶ body ──▶ handling ──answer──▶ writing ──▶ idle, or closed
//                                               └──stream──▶ streaming ──end──▶ idle, or closed
//     refusals: ──▶ writing ──▶ lingering (the rest of the request is read and dropped) ──▶ closed
//     the HTTP/2 preface: ──▶ http2, where Http2Connection does the rest
//
// Whoever answers late may want to know when the client leaves. Then the first read of the next
// request begins early, while this one is handled ("watching"); it is never begun twice.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/net/server_shared.h"
#include "src/net/socket_stream.h"
#include "src/net/stream_state.h"
#include "src/net/trusted_proxies.h"

namespace apitoolkit::net {

class Http2Connection;

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, std::shared_ptr<ServerShared> shared,
                 TlsFirst first);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start();
  // Answers 503 at once and closes: there are too many connections.
  void turn_away();
  // Closes when the request in flight is answered; now, if there is none.
  void finish();
  // Closes now, whatever is in flight.
  void abort();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  static constexpr std::size_t kReadBytes = 64 << 10;  // at once
  enum class State {
    kIdle,
    kHeader,
    kBody,
    kHandling,
    kWriting,
    kStreaming,
    kLingering,
    kHttp2,
    kClosed
  };
  friend class Http2Connection;  // which uses the socket that this one keeps
  class AnswerTarget;            // of http_connection_stream.cc, as all that it calls

  void wait_for_request();
  // Of a new connection: HTTP/1.1, or the preface of HTTP/2?
  void on_first_bytes();
  void become_http2();
  void read_header();
  void read_more_header();
  void on_header(boost::system::error_code error);
  // The first thing wrong with a header that Beast accepts; nothing is answered yet.
  std::optional<ServerResponse> refuse_header();
  // Of the request whose header was read.
  bool has_large_body() const;
  std::int64_t body_bytes_max() const;
  void read_body();
  void on_body(boost::system::error_code error);
  void take_header();
  void handle();
  Responder make_responder();
  bool is_handling(std::uint64_t turn) const { return state_ == State::kHandling && turn == turn_; }
  void respond(std::uint64_t turn, ServerResponse response);
  void watch();
  void on_watched(boost::system::error_code error, std::size_t bytes);
  void tell_when_gone(std::uint64_t turn, std::function<void()> gone);
  void begin_stream(std::uint64_t turn, ServerResponse head, std::shared_ptr<StreamState> stream);
  // Sends what waits in the stream, unless a piece is being sent.
  void send_pieces();
  void send_piece(StreamState::Taken taken);
  void end_stream();
  void write(ServerResponse response, bool keep_alive);
  // Takes an answer's body into the bound on all of them; false where that is reached.
  bool reserve_answer(std::int64_t bytes);
  void release_answer();
  void linger(std::int64_t bytes_left);
  // Answers what went wrong while reading, or closes where no answer can help.
  void on_read_error(boost::system::error_code error);
  void refuse(int status, std::string_view message);
  ServerResponse busy() const;
  ServerResponse refusal(int status, std::string_view message) const;
  void arm(State state, std::int64_t timeout_ms);
  void on_timeout();
  void close();

  std::shared_ptr<ServerShared> shared_;  // first, because the socket needs its io_context
  SocketStream socket_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::weak_ptr<Http2Connection> http2_;  // which keeps this connection alive
  BodyShare share_;
  ServerRequest request_;
  std::string peer_;
  std::string head_;               // of the answer being written
  std::string payload_;            // its body
  std::int64_t header_bytes_ = 0;  // of the request being read
  std::int64_t answer_bytes_ = 0;  // of the bound on all answers
  std::uint64_t turn_ = 0;  // which request of this connection it is: late answers are ignored
  State state_ = State::kIdle;
  bool head_only_ = false;
  bool timed_out_ = false;
  bool watching_ = false;                // a read that may be the next request's first is pending
  std::function<void()> gone_;           // of the request being handled
  std::shared_ptr<StreamState> stream_;  // shared with its handle
  // While a stream is open: between its pieces nothing else may hold the connection.
  std::shared_ptr<HttpConnection> keep_;
  bool sending_ = false;  // a piece of the stream, or its head
  bool chunked_ = false;
};

}  // namespace apitoolkit::net
