// For tests: a blocking gRPC client on loopback, on nghttp2, that can also do what no client
// should.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apitoolkit/exchange.h"
#include "src/net/grpc.h"
#include "src/net/http2_session.h"
#include "src/net/raw_client.h"

namespace apitoolkit::net {

// What became of one call.
struct RawGrpcResult {
  std::string http_status;
  int code = -1;  // of grpc-status; -1 if there was none
  std::string text;
  std::map<std::string, std::string> headers;  // trailers too
  std::string data;                            // with the length prefix
  std::uint32_t reset = 0;                     // the error of the stream's end
  bool ended = false;

  std::string message() const { return data.size() < 5 ? "" : data.substr(5); }
};

class RawGrpcClient {
 public:
  // How a call is made, where it is not made in the ordinary way.
  struct Call {
    std::string path;
    std::string body;  // framed
    std::vector<Header> metadata = {};
    std::string content_type = "application/grpc";
    std::string http_method = "POST";
    bool finished = true;  // false: the stream stays open after `body`
  };

  explicit RawGrpcClient(std::uint16_t port) : socket_(port) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_max_send_header_block_length(option, 1 << 20);
    nghttp2_session_client_new2(&session_, callbacks, this, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~RawGrpcClient() { nghttp2_session_del(session_); }
  RawGrpcClient(const RawGrpcClient&) = delete;
  RawGrpcClient& operator=(const RawGrpcClient&) = delete;

  RawClient& socket() { return socket_; }
  nghttp2_session* session() { return session_; }
  bool said_goaway() const { return goaway_; }
  // The last stream that the server says it has taken; what came later it has not seen.
  std::int32_t last_stream() const { return last_stream_; }

  // Sends a call and returns its stream, or a negative number.
  std::int32_t start(const Call& call) {
    std::vector<Header> fields{{":method", call.http_method},
                               {":scheme", "http"},
                               {":path", call.path},
                               {":authority", "test"},
                               {"content-type", call.content_type},
                               {"te", "trailers"}};
    fields.insert(fields.end(), call.metadata.begin(), call.metadata.end());
    std::vector<nghttp2_nv> list;
    for (Header& field : fields) {
      list.push_back({reinterpret_cast<std::uint8_t*>(field.name.data()),
                      reinterpret_cast<std::uint8_t*>(field.value.data()), field.name.size(),
                      field.value.size(), NGHTTP2_NV_FLAG_NONE});
    }
    nghttp2_data_provider provider{{}, read_body};
    const std::int32_t id =
        nghttp2_submit_request(session_, nullptr, list.data(), list.size(), &provider, nullptr);
    if (id >= 0) {
      bodies_[id] = {call.body, 0, call.finished};
      flush();
    }
    return id;
  }

  // Waits for the end of that stream; its result so far if the connection ends, or nothing comes.
  RawGrpcResult wait(std::int32_t stream, int timeout_ms = 20'000) {
    while (!results_[stream].ended && receive(timeout_ms)) {
    }
    return results_[stream];
  }

  RawGrpcResult call(const Call& call) { return wait(start(call)); }
  RawGrpcResult call(std::string path, std::string_view message,
                     std::vector<Header> metadata = {}) {
    return call(Call{std::move(path), grpc_frame(message), std::move(metadata)});
  }

  // Takes in what comes once; false when nothing does in that time, or the connection ends.
  bool receive(int timeout_ms) {
    flush();
    const auto bytes = socket_.read_some(timeout_ms);
    if (!bytes) return false;
    const ssize_t taken = nghttp2_session_mem_recv(
        session_, reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size());
    flush();
    return taken >= 0;
  }

  // Sends what is pending.
  void flush() {
    const std::uint8_t* piece = nullptr;
    for (ssize_t count = 0; (count = nghttp2_session_mem_send(session_, &piece)) > 0;) {
      socket_.send({reinterpret_cast<const char*>(piece), static_cast<std::size_t>(count)});
    }
  }

 private:
  struct Body {
    std::string bytes;
    std::size_t sent = 0;
    bool finished = true;
  };

  static RawGrpcClient& self(void* user_data) { return *static_cast<RawGrpcClient*>(user_data); }

  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t id, std::uint8_t* buffer,
                           std::size_t bytes, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                           void* user_data) {
    Body& body = self(user_data).bodies_[id];
    const std::size_t count = std::min(bytes, body.bytes.size() - body.sent);
    if (count == 0 && !body.finished) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(body.bytes.data() + body.sent, count, buffer);
    body.sent += count;
    if (body.sent == body.bytes.size() && body.finished) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  static int on_header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_bytes, const std::uint8_t* value,
                       std::size_t value_bytes, std::uint8_t /*flags*/, void* user_data) {
    RawGrpcResult& result = self(user_data).results_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_bytes);
    const std::string text(reinterpret_cast<const char*>(value), value_bytes);
    result.headers[key] = text;
    if (key == ":status") result.http_status = text;
    if (key == "grpc-status") result.code = std::atoi(text.c_str());
    if (key == "grpc-message") result.text = text;
    return 0;
  }

  static int on_data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t id,
                     const std::uint8_t* data, std::size_t bytes, void* user_data) {
    self(user_data).results_[id].data.append(reinterpret_cast<const char*>(data), bytes);
    return 0;
  }

  static int on_frame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type != NGHTTP2_GOAWAY) return 0;
    self(user_data).goaway_ = true;
    self(user_data).last_stream_ = frame->goaway.last_stream_id;
    return 0;
  }

  static int on_close(nghttp2_session* /*session*/, std::int32_t id, std::uint32_t error,
                      void* user_data) {
    RawGrpcResult& result = self(user_data).results_[id];
    result.reset = error;
    result.ended = true;
    return 0;
  }

  RawClient socket_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, Body> bodies_;
  std::map<std::int32_t, RawGrpcResult> results_;
  bool goaway_ = false;
  std::int32_t last_stream_ = 0;
};

}  // namespace apitoolkit::net
