#include "src/net/http2_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "src/base/limits.h"

namespace apitoolkit::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t kReadBytes = 32 << 10;
constexpr std::size_t kWriteBytes = 64 << 10;
// Deadlines are looked at so many times within the shortest of them: one timer serves all streams.
constexpr std::int64_t kTicksPerTimeout = 4;

}  // namespace

Http2Connection::Http2Connection(std::shared_ptr<HttpConnection> below)
    : below_(std::move(below)),
      shared_(*below_->shared_),
      timer_(below_->socket_.get_executor()),
      input_(kReadBytes, '\0') {}

void Http2Connection::start(std::string_view bytes) {
  auto later = [weak = weak_from_this()](std::int32_t stream, GrpcAnswer answer) {
    const auto self = weak.lock();
    if (!self || self->shared_.stopped) return;
    asio::post(self->below_->socket_.get_executor(), [self, stream, answer = std::move(answer)] {
      self->session_->answer(stream, answer);
      self->write();
    });
  };
  session_ = std::make_unique<Http2Session>(below_->shared_, below_->peer_, std::move(later));
  last_input_ = Clock::now();
  if (shared_.stopping) session_->finish();
  tick();
  take(bytes);
  read();
}

void Http2Connection::finish() {
  session_->finish();
  write();
}

void Http2Connection::take(std::string_view bytes) {
  last_input_ = Clock::now();
  if (deaf_) {
    drained_bytes_ += static_cast<std::int64_t>(bytes.size());
    if (drained_bytes_ > limits::kLingerBytesMax) close();
    return;
  }
  if (!session_->receive(bytes)) deaf_ = true;
  write();
}

void Http2Connection::read() {
  if (below_->state_ == HttpConnection::State::kClosed) return;
  below_->socket_.async_read_some(asio::buffer(input_),
                                  [self = shared_from_this()](error_code error, std::size_t bytes) {
                                    if (error) return self->close();
                                    self->take({self->input_.data(), bytes});
                                    self->read();
                                  });
}

void Http2Connection::write() {
  if (writing_ || below_->state_ == HttpConnection::State::kClosed) return;
  output_.clear();
  session_->send_to(output_, kWriteBytes);
  if (output_.empty()) {
    if (deaf_ || session_->is_over()) drain();
    return;
  }
  writing_ = true;
  write_started_ = Clock::now();
  asio::async_write(below_->socket_, asio::buffer(output_),
                    [self = shared_from_this()](error_code error, std::size_t /*bytes*/) {
                      self->writing_ = false;
                      if (error) return self->close();
                      self->write();
                    });
}

void Http2Connection::tick() {
  if (below_->state_ == HttpConnection::State::kClosed) return;
  const auto& options = shared_.options;
  const auto now = Clock::now();
  const milliseconds patience(options.request_timeout_ms);
  if (writing_ && now - write_started_ > patience) return close();
  session_->expire(now);
  if (session_->is_idle() && now - last_input_ > milliseconds(options.idle_timeout_ms)) {
    session_->finish();
  }
  write();
  if (draining_) return;
  const std::int64_t shortest_ms = std::min(options.request_timeout_ms, options.idle_timeout_ms);
  timer_.expires_after(milliseconds(std::max<std::int64_t>(1, shortest_ms / kTicksPerTimeout)));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->tick();
  });
}

// Everything is said. Bytes left unread would make the kernel reset the connection, and with it
// what was said last.
void Http2Connection::drain() {
  if (std::exchange(draining_, true)) return;
  deaf_ = true;
  error_code error;
  below_->socket_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) return close();
  timer_.expires_after(milliseconds(limits::kLingerTimeoutMs));
  timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->close();
  });
}

void Http2Connection::close() {
  timer_.cancel();
  below_->close();
}

}  // namespace apitoolkit::net
