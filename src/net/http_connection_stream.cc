// The part of HttpConnection that answers late or little by little: what a Responder reaches, the
// watch on a client that may leave, streams.
#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <utility>

#include "src/net/http_connection.h"
#include "src/net/http_head.h"

namespace apitoolkit::net {

namespace asio = boost::asio;
using boost::system::error_code;

// Brings each call to the strand.
class HttpConnection::AnswerTarget final : public Responder::Target {
 public:
  AnswerTarget(std::shared_ptr<HttpConnection> connection, std::uint64_t turn)
      : connection_(std::move(connection)), turn_(turn) {}

  void send(ServerResponse response) override {
    post([turn = turn_, response = std::move(response)](HttpConnection& connection) mutable {
      connection.respond(turn, std::move(response));
    });
  }

  void on_gone(std::function<void()> gone) override {
    post([turn = turn_, gone = std::move(gone)](HttpConnection& connection) mutable {
      connection.tell_when_gone(turn, std::move(gone));
    });
  }

  std::unique_ptr<AnswerStream> stream(ServerResponse head, StreamOptions options) override {
    const std::weak_ptr<HttpConnection> weak = connection_;
    // The counters live in what is shared, which the waker therefore holds.
    auto wake = [weak, shared = connection_->shared_] {
      const auto connection = weak.lock();
      if (!connection || shared->stopped) return;
      asio::post(connection->socket_.get_executor(), [connection] { connection->send_pieces(); });
    };
    auto& shared = *connection_->shared_;
    auto state = std::make_shared<StreamState>(std::move(options), std::move(wake),
                                               shared.counters.answer_bytes,
                                               shared.options.answers_bytes_max);
    if (shared.stopped) state->abandon();
    post([turn = turn_, state, head = std::move(head)](HttpConnection& connection) mutable {
      connection.begin_stream(turn, std::move(head), std::move(state));
    });
    return make_stream_handle(std::move(state));
  }

 private:
  template <class Work>
  void post(Work work) {
    if (connection_->shared_->stopped) return;
    asio::post(connection_->socket_.get_executor(),
               [self = connection_, work = std::move(work)]() mutable { work(*self); });
  }

  const std::shared_ptr<HttpConnection> connection_;  // shared: an answer may be late
  const std::uint64_t turn_;
};

Responder HttpConnection::make_responder() {
  return Responder(std::make_unique<AnswerTarget>(shared_from_this(), turn_));
}

void HttpConnection::tell_when_gone(std::uint64_t turn, std::function<void()> gone) {
  if (state_ == State::kClosed) return gone();
  if (!is_handling(turn)) return;
  gone_ = std::move(gone);
  watch();
}

// One read: a client that pipelines further requests shows by them that it is there.
void HttpConnection::watch() {
  if (watching_ || buffer_.size() > 0) return;
  watching_ = true;
  socket_.async_read_some(buffer_.prepare(std::min(kReadBytes, buffer_.max_size())),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->on_watched(error, bytes);
                          });
}

void HttpConnection::on_watched(error_code error, std::size_t bytes) {
  watching_ = false;
  if (state_ == State::kClosed) return;
  if (!error) {
    buffer_.commit(bytes);
    if (state_ == State::kIdle) read_header();
    return;
  }
  if (state_ == State::kIdle || state_ == State::kStreaming) return close();
  if (const auto gone = std::exchange(gone_, nullptr)) gone();
}

void HttpConnection::begin_stream(std::uint64_t turn, ServerResponse head,
                                  std::shared_ptr<StreamState> stream) {
  if (!is_handling(turn)) return stream->abandon();
  if (head_only_ || shared_->stopping) {
    stream->abandon();
    head.body.clear();
    return write(head_only_ ? std::move(head) : busy(), false);
  }
  gone_ = nullptr;
  stream_ = std::move(stream);
  chunked_ = parser_->get().version() >= 11;
  head_ = serialise_head(head, chunked_ && parser_->keep_alive(),
                         chunked_ ? Framing::kChunked : Framing::kUntilClose);
  shared_->counters.answers.at(static_cast<std::size_t>(head.status / 100) % 6)++;
  share_.release();
  state_ = State::kStreaming;
  keep_ = shared_from_this();
  watch();
  send_piece({});
}

void HttpConnection::send_pieces() {
  if (state_ != State::kStreaming || sending_) return;
  StreamState::Taken taken = stream_->take();
  if (taken.aborted) return close();
  if (!taken.bytes.empty() || taken.at_end) send_piece(std::move(taken));
}

// The head goes with the first piece, the last chunk with the last one.
void HttpConnection::send_piece(StreamState::Taken taken) {
  sending_ = true;
  payload_ = std::move(taken.bytes);
  if (chunked_ && !payload_.empty()) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), payload_.size(), 16).ptr;
    head_.append(size.data(), end).append("\r\n");
    payload_.append("\r\n");
  }
  if (chunked_ && taken.at_end) payload_.append("0\r\n\r\n");
  const auto bytes = static_cast<std::int64_t>(payload_.size());
  arm(State::kStreaming,
      shared_->options.request_timeout_ms + bytes * 1000 / limits::kSlowestReaderBytesPerS);
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head_), asio::buffer(payload_)};
  asio::async_write(
      socket_, parts,
      [self = shared_from_this(), at_end = taken.at_end](error_code error, std::size_t /*bytes*/) {
        self->sending_ = false;
        self->timer_.cancel();
        self->head_.clear();
        self->payload_ = {};
        if (error || self->state_ == State::kClosed) return self->close();
        if (at_end) return self->end_stream();
        self->stream_->sent();
        self->send_pieces();
      });
}

void HttpConnection::end_stream() {
  const auto self = std::exchange(keep_, nullptr);
  std::exchange(stream_, nullptr)->abandon();
  if (chunked_ && parser_->keep_alive() && !shared_->stopping) return wait_for_request();
  close();
}

}  // namespace apitoolkit::net
