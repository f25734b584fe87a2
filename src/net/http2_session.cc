#include "src/net/http2_session.h"

#include <algorithm>
#include <array>
#include <exception>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "src/base/base64.h"
#include "src/base/limits.h"

namespace apitoolkit::net {
namespace {

struct Field {
  std::string_view name;
  std::string_view value;
};

// nghttp2 copies names and values before a submit returns.
std::vector<nghttp2_nv> to_nv(std::span<const Field> fields) {
  const auto bytes = [](std::string_view text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-*): nghttp2's signature, which writes to neither
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  std::vector<nghttp2_nv> list;
  list.reserve(fields.size());
  for (const Field& field : fields) {
    list.push_back({bytes(field.name), bytes(field.value), field.name.size(), field.value.size(),
                    NGHTTP2_NV_FLAG_NONE});
  }
  return list;
}

constexpr Field kStatusOk{":status", "200"};
constexpr Field kContentType{"content-type", "application/grpc"};
constexpr Field kAcceptEncoding{"grpc-accept-encoding", "identity,deflate,gzip"};

std::string_view view(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Base64 without padding, as metadata whose name ends in "-bin" has it.
std::string to_bin(std::string_view bytes) {
  std::string text = base::base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

struct Http2Session::Stream {
  Stream(std::shared_ptr<ServerShared> shared, const std::string& peer)
      : call(std::move(shared), peer) {}

  GrpcCall call;
  // Until when it has to be received; then until when its answer has to be sent.
  Clock::time_point deadline = Clock::time_point::max();
  bool received = false;  // or not wanted any more
  bool answered = false;
  std::string out;
  std::size_t sent_bytes = 0;  // of `out`
};

// nghttp2 is C: no exception, such as memory's running out, may pass through it.
struct Http2Session::Callbacks {
  template <class Body>
  static int guarded(void* user_data, Body body) {
    auto& session = *static_cast<Http2Session*>(user_data);
    try {
      body(session);
      return 0;
    } catch (const std::exception&) {
      session.shared_->counters.exceptions++;
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  static bool is_request(const nghttp2_frame* frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
  }

  static int on_begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                              void* user_data) {
    if (!is_request(frame)) return 0;
    return guarded(user_data, [&](Http2Session& self) {
      auto stream = std::make_unique<Stream>(self.shared_, self.peer_);
      stream->deadline =
          Clock::now() + std::chrono::milliseconds(self.shared_->options.request_timeout_ms);
      self.streams_[frame->hd.stream_id] = std::move(stream);
    });
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_bytes, const std::uint8_t* value,
                       std::size_t value_bytes, std::uint8_t /*flags*/, void* user_data) {
    if (!is_request(frame)) return 0;  // trailers say nothing that is needed
    return guarded(user_data, [&](Http2Session& self) {
      Stream* stream = self.find(frame->hd.stream_id);
      if (stream == nullptr) return;
      stream->call.add_header(view(name, name_bytes), view(value, value_bytes));
    });
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t id,
                     const std::uint8_t* data, std::size_t bytes, void* user_data) {
    return guarded(user_data, [&](Http2Session& self) {
      Stream* stream = self.find(id);
      if (stream == nullptr || stream->received) return;
      if (auto refusal = stream->call.append(view(data, bytes))) {
        self.refuse(id, *stream, *refusal);
      }
    });
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    return guarded(user_data, [&](Http2Session& self) {
      const std::int32_t id = frame->hd.stream_id;
      Stream* stream = self.find(id);
      if (stream == nullptr || stream->received) return;
      if (is_request(frame)) {
        if (auto refusal = stream->call.begin()) return self.refuse(id, *stream, *refusal);
      }
      if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) self.on_end(id, *stream);
    });
  }

  // Whoever is answered early need not send the rest.
  static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void* /*user_data*/) {
    const bool can_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!can_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t /*error*/,
                      void* user_data) {
    static_cast<Http2Session*>(user_data)->streams_.erase(id);
    return 0;
  }

  static ssize_t read_out(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer,
                          std::size_t bytes, std::uint32_t* flags, nghttp2_data_source* source,
                          void* /*user_data*/) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const std::size_t count = std::min(bytes, stream.out.size() - stream.sent_bytes);
    std::copy_n(stream.out.data() + stream.sent_bytes, count, buffer);
    stream.sent_bytes += count;
    if (stream.sent_bytes == stream.out.size()) {
      *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      constexpr std::array<Field, 1> kOk{{{"grpc-status", "0"}}};
      const auto trailers = to_nv(kOk);
      nghttp2_submit_trailer(session, id, trailers.data(), trailers.size());
    }
    return static_cast<ssize_t>(count);
  }

  static nghttp2_session* make(Http2Session* self) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_option* option = nullptr;
    nghttp2_session* session = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) return nullptr;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    if (nghttp2_option_new(&option) == 0) {
      nghttp2_option_set_no_closed_streams(option, 1);
      if (nghttp2_session_server_new2(&session, callbacks, self, option) != 0) session = nullptr;
      nghttp2_option_del(option);
    }
    nghttp2_session_callbacks_del(callbacks);
    return session;
  }
};

Http2Session::Http2Session(std::shared_ptr<ServerShared> shared, std::string peer,
                           AnswerLater answer_later)
    : shared_(std::move(shared)),
      peer_(std::move(peer)),
      answer_later_(std::move(answer_later)),
      session_(Callbacks::make(this)) {
  if (!session_) return;  // no memory: `receive` says so
  const std::array<nghttp2_settings_entry, 3> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits::kHttp2StreamsMax},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits::kHttp2StreamWindowBytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE,
       static_cast<std::uint32_t>(shared_->options.header_bytes_max)},
  }};
  nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0,
                                        limits::kHttp2ConnectionWindowBytes);
}

Http2Session::~Http2Session() = default;

bool Http2Session::receive(std::string_view bytes) {
  if (!session_) return false;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) shared_->counters.refused_malformed++;
  return taken >= 0;
}

void Http2Session::send_to(std::string& out, std::size_t bytes) {
  const std::size_t end = out.size() + bytes;
  while (session_ && out.size() < end) {
    const std::uint8_t* piece = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_.get(), &piece);
    if (count <= 0) return;  // an error is lack of memory: it shows as a stream that stalls
    out.append(view(piece, static_cast<std::size_t>(count)));
  }
}

Http2Session::Stream* Http2Session::find(std::int32_t id) const {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Session::on_end(std::int32_t id, Stream& stream) {
  if (auto refusal = stream.call.end()) return refuse(id, stream, *refusal);
  stream.received = true;
  stream.deadline = Clock::time_point::max();  // the handler's business now
  shared_->counters.requests++;
  GrpcResponder responder([later = answer_later_, id, share = stream.call.share()](
                              GrpcAnswer answer) { later(id, std::move(answer)); });
  stream.call.handler()(stream.call.take(), std::move(responder));
}

void Http2Session::answer(std::int32_t id, const GrpcAnswer& answer) {
  Stream* stream = find(id);
  if (stream == nullptr || stream->answered) return;
  if (answer.code == GrpcCode::kOk) return submit_message(id, *stream, answer.message);
  submit_status(id, *stream, answer);
}

void Http2Session::refuse(std::int32_t id, Stream& stream, const GrpcCall::Refusal& refusal) {
  stream.received = true;
  if (refusal.http_status == 200) return submit_status(id, stream, refusal.answer);
  stream.answered = true;
  shared_->counters.answers.at(static_cast<std::size_t>(refusal.http_status / 100) % 6)++;
  const std::string status = std::to_string(refusal.http_status);
  const std::array<Field, 1> fields{{{":status", status}}};
  const auto headers = to_nv(fields);
  nghttp2_submit_response(session_.get(), id, headers.data(), headers.size(), nullptr);
}

// One header block says it all ("Trailers-Only").
void Http2Session::submit_status(std::int32_t id, Stream& stream, const GrpcAnswer& answer) {
  stream.answered = true;
  stream.deadline = Clock::now() + std::chrono::milliseconds(shared_->options.request_timeout_ms);
  shared_->counters.answers[2]++;
  const std::string code = std::to_string(static_cast<int>(answer.code));
  const std::string text = grpc_percent_encode(
      std::string_view(answer.text).substr(0, static_cast<std::size_t>(limits::kGrpcTextBytesMax)));
  const std::string details = to_bin(answer.details);
  std::vector<Field> fields{kStatusOk, kContentType, {"grpc-status", code}};
  if (answer.code == GrpcCode::kUnimplemented) fields.push_back(kAcceptEncoding);
  if (!text.empty()) fields.push_back({"grpc-message", text});
  if (!details.empty()) fields.push_back({"grpc-status-details-bin", details});
  const auto headers = to_nv(fields);
  nghttp2_submit_response(session_.get(), id, headers.data(), headers.size(), nullptr);
}

void Http2Session::submit_message(std::int32_t id, Stream& stream, std::string_view message) {
  stream.answered = true;
  stream.deadline = Clock::now() + std::chrono::milliseconds(shared_->options.request_timeout_ms);
  shared_->counters.answers[2]++;
  stream.out = grpc_frame(message);
  constexpr std::array<Field, 3> kFields{kStatusOk, kContentType, kAcceptEncoding};
  const auto headers = to_nv(kFields);
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = Callbacks::read_out;
  nghttp2_submit_response(session_.get(), id, headers.data(), headers.size(), &provider);
}

void Http2Session::expire(Clock::time_point now) {
  for (auto& [id, stream] : streams_) {
    if (stream->deadline > now) continue;
    if (stream->answered) {
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    } else {
      shared_->counters.refused_timeout++;
      refuse(id, *stream,
             {{GrpcCode::kDeadlineExceeded, "the request did not arrive in time", "", ""}});
    }
  }
}

void Http2Session::finish() {
  if (std::exchange(finishing_, true) || !session_) return;
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

bool Http2Session::is_over() const {
  if (!session_) return true;
  if (nghttp2_session_want_write(session_.get()) != 0) return false;
  return nghttp2_session_want_read(session_.get()) == 0 || (finishing_ && streams_.empty());
}

}  // namespace apitoolkit::net
