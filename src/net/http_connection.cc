#include "src/net/http_connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <utility>

#include "src/net/http2_connection.h"
#include "src/net/http_head.h"
#include "src/net/inflate.h"

namespace apitoolkit::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

// Beast keeps a whole header in the buffer; a little more lets it say that a header is too long.
constexpr std::size_t kBufferSlackBytes = 8 << 10;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

std::string_view view(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, std::shared_ptr<ServerShared> shared,
                               TlsFirst first)
    : shared_(std::move(shared)),
      socket_(std::move(socket), shared_->tls(first)),
      timer_(socket_.get_executor()),
      buffer_(static_cast<std::size_t>(shared_->options.header_bytes_max) + kBufferSlackBytes),
      share_(shared_) {
  error_code ignored;
  const auto endpoint = socket_.socket().remote_endpoint(ignored);
  if (!ignored) peer_ = endpoint.address().to_string();
  shared_->counters.connections++;
  shared_->counters.connections_opened++;
}

HttpConnection::~HttpConnection() {
  if (stream_) stream_->abandon();
  release_answer();
  shared_->counters.connections--;
}

void HttpConnection::start() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->socket_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    if (!self->socket_.is_tls()) return self->wait_for_request();
    self->arm(State::kIdle, self->shared_->options.request_timeout_ms);
    self->socket_.async_handshake([self](error_code error) {
      if (error || self->state_ == State::kClosed) return self->close();
      self->wait_for_request();
    });
  });
}

void HttpConnection::turn_away() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->shared_->counters.refused_connections++;
    if (self->socket_.is_tls()) return self->close();  // a handshake would cost more than that
    self->refuse(503, "too many connections; try again later");
  });
}

void HttpConnection::finish() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    // What has begun to arrive is still taken: its sender may count on the answer.
    if (self->state_ == State::kIdle) self->close();
    if (const auto http2 = self->http2_.lock()) http2->finish();
    if (self->state_ != State::kStreaming) return;
    self->stream_->stop();
    self->send_pieces();
  });
}

void HttpConnection::abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void HttpConnection::wait_for_request() {
  share_.release();
  request_ = ServerRequest{};
  head_only_ = false;
  turn_++;
  gone_ = nullptr;
  if (watching_ && !shared_->stopping) return arm(State::kIdle, shared_->options.idle_timeout_ms);
  if (buffer_.size() > 0) return read_header();  // pipelined: it is here already
  if (shared_->stopping) return close();
  arm(State::kIdle, shared_->options.idle_timeout_ms);
  socket_.async_read_some(buffer_.prepare(std::min(kReadBytes, buffer_.max_size())),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            if (error || self->state_ == State::kClosed) return self->close();
                            self->buffer_.commit(bytes);
                            self->turn_ == 1 ? self->on_first_bytes() : self->read_header();
                          });
}

void HttpConnection::on_first_bytes() {
  const std::string_view bytes = view(buffer_);
  const std::size_t compared = std::min(bytes.size(), kHttp2Preface.size());
  if (bytes.substr(0, compared) != kHttp2Preface.substr(0, compared)) return read_header();
  if (compared == kHttp2Preface.size()) return become_http2();
  if (state_ == State::kIdle) arm(State::kHeader, shared_->options.request_timeout_ms);
  socket_.async_read_some(
      buffer_.prepare(std::min(kReadBytes, buffer_.max_size() - buffer_.size())),
      [self = shared_from_this()](error_code error, std::size_t more) {
        if (self->state_ == State::kClosed) return;
        if (error || self->timed_out_) return self->on_read_error(error);
        self->buffer_.commit(more);
        self->on_first_bytes();
      });
}

void HttpConnection::become_http2() {
  timer_.cancel();
  state_ = State::kHttp2;
  const auto http2 = std::make_shared<Http2Connection>(shared_from_this());
  http2_ = http2;
  http2->start(view(buffer_));
  buffer_ = beast::flat_buffer();
}

void HttpConnection::read_header() {
  arm(State::kHeader, shared_->options.request_timeout_ms);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_->options.header_bytes_max));
  parser_->body_limit(boost::none);  // until the path is known
  header_bytes_ = 0;
  read_more_header();
}

// Piece by piece, because Beast bounds each header but neither their number nor their sum.
void HttpConnection::read_more_header() {
  http::async_read_some(socket_, buffer_, *parser_,
                        [self = shared_from_this()](error_code error, std::size_t bytes) {
                          self->header_bytes_ += static_cast<std::int64_t>(bytes);
                          self->on_header(error);
                        });
}

void HttpConnection::on_header(error_code error) {
  if (state_ == State::kClosed) return;
  if (!error && header_bytes_ > shared_->options.header_bytes_max)
    error = http::error::header_limit;
  if (error || timed_out_) return on_read_error(error);
  if (!parser_->is_header_done()) return read_more_header();
  take_header();
  if (auto wrong = refuse_header()) return write(std::move(*wrong), false);
  state_ = State::kBody;
  parser_->eager(true);
  if (parser_->is_done()) return handle();
  if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return read_body();
  head_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(head_),
                    [self = shared_from_this()](error_code failed, std::size_t /*bytes*/) {
                      if (failed || self->state_ == State::kClosed) return self->close();
                      self->read_body();
                    });
}

// Copied before the body is read: what Beast then appends are trailers, which are not headers.
void HttpConnection::take_header() {
  const auto& message = parser_->get();
  const std::string_view target = view(message.target());
  const std::size_t question = target.find('?');
  request_.method = view(message.method_string());
  request_.path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  for (const auto& field : message) {
    request_.headers.push_back(
        {std::string(view(field.name_string())), std::string(view(field.value()))});
  }
  const TrustedProxies& proxies = shared_->trusted_proxies;
  request_.peer = proxies.client_of(peer_, request_.header("X-Forwarded-For"));
  request_.is_secure =
      socket_.is_tls() ||
      (beast::iequals(request_.header("X-Forwarded-Proto"), "https") && proxies.contains(peer_));
  head_only_ = message.method() == http::verb::head;
}

std::optional<ServerResponse> HttpConnection::refuse_header() {
  const auto& message = parser_->get();
  auto& counters = shared_->counters;
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    counters.refused_malformed++;
    return refusal(400, "exactly one Host header is expected");
  }
  if (request_.path.empty() || request_.path.front() != '/') {
    counters.refused_malformed++;
    return refusal(400, "the request target must be a path");
  }
  if (message.version() != 10 && message.version() != 11) {
    counters.refused_malformed++;
    return refusal(505, "HTTP/1.1 is spoken here");
  }
  // Any other coding would leave the body's end in doubt, and the next request with it.
  const std::string_view coding = request_.header("Transfer-Encoding");
  if (!coding.empty() && !beast::iequals(coding, "chunked")) {
    counters.refused_malformed++;
    return refusal(501, "the only transfer coding understood is chunked");
  }
  const std::string_view encoding = request_.header("Content-Encoding");
  if (!encoding.empty() && !beast::iequals(encoding, "gzip") &&
      !beast::iequals(encoding, "x-gzip") && !beast::iequals(encoding, "deflate") &&
      !beast::iequals(encoding, "identity")) {
    counters.refused_malformed++;
    ServerResponse response = refusal(415, "the content codings understood are gzip and deflate");
    response.headers.push_back({"Accept-Encoding", "gzip, deflate"});
    return response;
  }
  const auto length = parser_->content_length();
  const std::int64_t bytes_max = body_bytes_max();
  if (length && *length > static_cast<std::uint64_t>(bytes_max)) {
    counters.refused_too_large++;
    return refusal(413, "the body is larger than " + std::to_string(bytes_max) + " bytes");
  }
  parser_->body_limit(static_cast<std::uint64_t>(bytes_max));
  return std::nullopt;
}

bool HttpConnection::has_large_body() const {
  const auto& paths = shared_->options.large_body_paths;
  return std::find(paths.begin(), paths.end(), request_.path) != paths.end();
}

std::int64_t HttpConnection::body_bytes_max() const {
  return has_large_body() ? shared_->options.large_body_bytes_max : shared_->options.body_bytes_max;
}

// Piece by piece, so that a body is counted while it grows.
void HttpConnection::read_body() {
  http::async_read_some(socket_, buffer_, *parser_,
                        [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                          self->on_body(error);
                        });
}

void HttpConnection::on_body(error_code error) {
  if (state_ == State::kClosed) return;
  if (error || timed_out_) return on_read_error(error);
  const auto read_bytes = static_cast<std::int64_t>(parser_->get().body().size());
  if (!share_.grow_to(read_bytes)) return write(busy(), false);
  if (!parser_->is_done()) return read_body();
  handle();
}

void HttpConnection::handle() {
  timer_.cancel();
  request_.body = std::move(parser_->get().body());
  const std::string_view encoding = request_.header("Content-Encoding");
  if (!encoding.empty() && !beast::iequals(encoding, "identity") && !request_.body.empty()) {
    auto inflated = inflate(
        request_.body, has_large_body() ? body_bytes_max() : shared_->options.inflated_bytes_max);
    if (!inflated) {
      const bool large = inflated.error().code == ErrorCode::kResourceExhausted;
      (large ? shared_->counters.refused_too_large : shared_->counters.refused_malformed)++;
      return write(refusal(large ? 413 : 400, inflated.error().message), false);
    }
    request_.body = std::move(*inflated);
    if (!share_.grow_to(static_cast<std::int64_t>(request_.body.size()))) {
      return write(busy(), false);
    }
  }
  state_ = State::kHandling;
  shared_->counters.requests++;
  Responder responder = make_responder();
  ServerRequest request = std::exchange(request_, {});
  request_.path = request.path;  // a refusal may still take the answer's place
  shared_->handler(std::move(request), std::move(responder));
}

void HttpConnection::respond(std::uint64_t turn, ServerResponse response) {
  if (!is_handling(turn)) return;
  write(std::move(response), parser_->keep_alive() && !shared_->stopping);
}

// A refused request's unread rest would make the kernel reset the connection and with it the
// answer; so after a refusal the rest is read and dropped for a while.
void HttpConnection::write(ServerResponse response, bool keep_alive) {
  const bool has_payload = !head_only_ && !has_no_body(response.status);
  if (has_payload && !reserve_answer(static_cast<std::int64_t>(response.body.size()))) {
    response = busy();
  }
  head_ = serialise_head(response, keep_alive, Framing::kLength);
  shared_->counters.answers.at(static_cast<std::size_t>(response.status / 100) % 6)++;
  payload_ = has_payload ? std::move(response.body) : std::string();
  const bool unread = state_ != State::kHandling;
  const auto bytes = static_cast<std::int64_t>(payload_.size());
  arm(State::kWriting,
      shared_->options.request_timeout_ms + bytes * 1000 / limits::kSlowestReaderBytesPerS);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(payload_)};
  asio::async_write(
      socket_, parts,
      [self = shared_from_this(), keep_alive, unread](error_code error, std::size_t /*bytes*/) {
        self->payload_ = {};
        self->release_answer();
        if (error || self->state_ == State::kClosed) return self->close();
        if (keep_alive) return self->wait_for_request();
        self->socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
        if (error || !unread) return self->close();
        self->arm(State::kLingering, limits::kLingerTimeoutMs);
        self->linger(limits::kLingerBytesMax);
      });
}

bool HttpConnection::reserve_answer(std::int64_t bytes) {
  if (bytes <= limits::kSmallAnswerBytesMax) return true;
  auto& counters = shared_->counters;
  if (counters.answer_bytes.fetch_add(bytes) + bytes > shared_->options.answers_bytes_max) {
    counters.answer_bytes -= bytes;
    counters.refused_busy++;
    return false;
  }
  answer_bytes_ = bytes;
  return true;
}

void HttpConnection::release_answer() {
  shared_->counters.answer_bytes -= std::exchange(answer_bytes_, 0);
}

void HttpConnection::linger(std::int64_t bytes_left) {
  buffer_.consume(buffer_.size());
  socket_.async_read_some(
      buffer_.prepare(std::min(kReadBytes, buffer_.max_size())),
      [self = shared_from_this(), bytes_left](error_code error, std::size_t bytes) {
        const std::int64_t left = bytes_left - static_cast<std::int64_t>(bytes);
        if (error || left <= 0 || self->state_ == State::kClosed) return self->close();
        self->linger(left);
      });
}

void HttpConnection::on_read_error(error_code error) {
  auto& counters = shared_->counters;
  if (timed_out_) {
    counters.refused_timeout++;
    return refuse(408, "the request did not arrive in time");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    counters.refused_too_large++;
    return refuse(431, "the headers are larger than " +
                           std::to_string(shared_->options.header_bytes_max) + " bytes");
  }
  if (error == http::error::body_limit) {
    counters.refused_too_large++;
    return refuse(413, "the body is larger than " + std::to_string(body_bytes_max()) + " bytes");
  }
  if (error == http::error::end_of_stream) return close();
  if (error.category() == http::make_error_code(http::error::bad_method).category()) {
    counters.refused_malformed++;
    return refuse(400, "the request is not HTTP/1.1: " + error.message());
  }
  close();  // the connection itself broke
}

void HttpConnection::refuse(int status, std::string_view message) {
  if (state_ == State::kHandling) return;
  // Of a head that does not end well, as much as there is: its path says how to answer.
  if (request_.path.empty() && parser_) take_header();
  write(refusal(status, message), false);
}

ServerResponse HttpConnection::busy() const {
  return refusal(503, "too many requests at once; try again later");
}

ServerResponse HttpConnection::refusal(int status, std::string_view message) const {
  ServerResponse response = shared_->options.refusal
                                ? shared_->options.refusal(status, request_, message)
                                : ServerResponse{status,
                                                 {{"Content-Type", "text/plain; charset=utf-8"}},
                                                 std::string(message) + "\n"};
  const auto& headers = response.headers;
  const bool says_when = std::any_of(headers.begin(), headers.end(), [](const Header& header) {
    return beast::iequals(header.name, "Retry-After");
  });
  if (status == 503 && !says_when) {
    response.headers.push_back({"Retry-After", std::to_string(limits::kRetryAfterS)});
  }
  return response;
}

void HttpConnection::arm(State state, std::int64_t timeout_ms) {
  state_ = state;
  timed_out_ = false;
  timer_.expires_after(std::chrono::milliseconds(timeout_ms));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->on_timeout();
  });
}

void HttpConnection::on_timeout() {
  // A newer deadline may have been set while this handler was already queued.
  if (timer_.expiry() > std::chrono::steady_clock::now()) return;
  if (state_ == State::kHandling) return;
  if (state_ == State::kStreaming && !sending_) return;
  if (state_ != State::kHeader && state_ != State::kBody) return close();
  timed_out_ = true;  // the pending read ends, and answers 408
  error_code ignored;
  socket_.socket().cancel(ignored);
}

void HttpConnection::close() {
  if (state_ == State::kClosed) return;
  const auto self = std::exchange(keep_, nullptr);
  state_ = State::kClosed;
  timer_.cancel();
  error_code ignored;
  socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.socket().close(ignored);
  if (const auto stream = std::exchange(stream_, nullptr)) stream->abandon();
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

}  // namespace apitoolkit::net
