// gRPC on the HTTP server's port: what it hands over, what it refuses and how, and that no peer
// makes it keep more than its bounds.
#include "src/net/grpc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "src/net/deflate.h"
#include "src/net/http_server.h"
#include "src/net/raw_grpc_client.h"

namespace apitoolkit::net {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kMessageBytesMax = 100'000;
constexpr const char* kEcho = "/test.Service/Echo";

// Keeps responders until the test answers.
class Held {
 public:
  void add(GrpcResponder responder) {
    const std::lock_guard lock(mutex_);
    responders_.push_back(std::move(responder));
    changed_.notify_all();
  }
  GrpcResponder take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !responders_.empty(); });
    GrpcResponder responder = std::move(responders_.back());
    responders_.pop_back();
    return responder;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<GrpcResponder> responders_;
};

class Grpc : public testing::Test {
 protected:
  void serve(const std::function<void(HttpServerOptions&)>& change = {}) {
    HttpServerOptions options;
    if (change) change(options);
    auto server = HttpServer::listen(std::move(options));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    GrpcMethods methods;
    methods.add(kEcho, kMessageBytesMax, [](GrpcRequest request, const GrpcResponder& responder) {
      responder({GrpcCode::kOk, "", std::move(request.message), ""});
    });
    methods.add("/test.Service/Describe", kMessageBytesMax,
                [](const GrpcRequest& request, const GrpcResponder& responder) {
                  responder({GrpcCode::kOk, "",
                             request.method + "|" + request.authority + "|" + request.peer + "|" +
                                 std::string(request.find("authorization")),
                             ""});
                });
    methods.add("/test.Service/Fail", kMessageBytesMax,
                [](const GrpcRequest& /*request*/, const GrpcResponder& responder) {
                  responder({GrpcCode::kNotFound, "50% of \"ü\"\n", "", "details"});
                });
    methods.add("/test.Service/Forget", kMessageBytesMax,
                [](const GrpcRequest& /*request*/, const GrpcResponder& /*responder*/) {});
    methods.add("/test.Service/Hold", kMessageBytesMax,
                [this](const GrpcRequest& /*request*/, GrpcResponder responder) {
                  held_.add(std::move(responder));
                });
    server_->start(
        [](const ServerRequest& request, const Responder& responder) {
          responder({200, {}, request.path});
        },
        std::move(methods));
  }

  std::uint16_t port() const { return server_->port(); }

  // Polls, because counters change a moment after what the client sees.
  template <class Condition>
  bool eventually(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  Held held_;
  std::unique_ptr<HttpServer> server_;  // ends before what its handlers use
};

TEST_F(Grpc, SharesThePortWithHttp1) {
  serve();
  RawGrpcClient grpc(port());
  RawClient http(port());
  EXPECT_EQ(http.call(raw_request("POST", "/first", {}, "x"))->body, "/first");
  const auto result = grpc.call(kEcho, "hello");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.message(), "hello");
  EXPECT_EQ(result.http_status, "200");
  EXPECT_EQ(result.headers.at("content-type"), "application/grpc");
  EXPECT_EQ(http.call(raw_request("PRI", "/second"))->body, "/second");
  EXPECT_EQ(grpc.call(kEcho, "").message(), "");
}

TEST_F(Grpc, HandsOverMethodMetadataAndPeer) {
  serve();
  RawGrpcClient client(port());
  EXPECT_EQ(client.call("/test.Service/Describe", "", {{"authorization", "Bearer k"}}).message(),
            "/test.Service/Describe|test|127.0.0.1|Bearer k");
}

TEST_F(Grpc, APrefaceThatComesByteByByteIsOne) {
  serve();
  RawClient client(port());
  for (const char& byte : kHttp2Preface) ASSERT_TRUE(client.send({&byte, 1}));
  ASSERT_TRUE(client.send(std::string_view("\0\0\0\4\0\0\0\0\0", 9)));  // SETTINGS
  const auto answer = client.read_some();
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[3], NGHTTP2_SETTINGS);
}

TEST_F(Grpc, ManyCallsOfOneConnectionAreAnsweredAsTheyAreReady) {
  serve();
  RawGrpcClient client(port());
  const auto held = client.start({"/test.Service/Hold", grpc_frame("")});
  std::vector<std::int32_t> streams;
  for (int i = 0; i < 200; i++) {  // twice what may be open at a time
    streams.push_back(client.start({kEcho, grpc_frame(std::to_string(i))}));
  }
  for (int i = 0; i < 200; i++) {
    EXPECT_EQ(client.wait(streams[static_cast<std::size_t>(i)]).message(), std::to_string(i));
  }
  held_.take()({GrpcCode::kOk, "", "late", ""});
  EXPECT_EQ(client.wait(held).message(), "late");
}

TEST_F(Grpc, AnswersFailuresWithCodeTextAndDetails) {
  serve();
  RawGrpcClient client(port());
  const auto failed = client.call("/test.Service/Fail", "");
  EXPECT_EQ(failed.code, 5);
  EXPECT_EQ(failed.text, "50%25 of \"%C3%BC\"%0A");
  EXPECT_EQ(failed.headers.at("grpc-status-details-bin"), "ZGV0YWlscw");
  EXPECT_EQ(failed.http_status, "200");
  EXPECT_EQ(client.call("/test.Service/Forget", "").code, 13);
  EXPECT_EQ(client.call("/test.Service/NoSuch", "").code, 12);
  EXPECT_THAT(client.call("/x", "").text, HasSubstr("/x"));
}

std::string zlib_deflate(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size,
           reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  out.resize(size);
  return out;
}

std::string compressed_frame(std::string_view bytes) {
  std::string frame = grpc_frame(bytes);
  frame[0] = 1;
  return frame;
}

TEST_F(Grpc, InflatesWithinTheBound) {
  serve();
  RawGrpcClient client(port());
  const std::string text(kMessageBytesMax, 'x');
  EXPECT_EQ(
      client.call({kEcho, compressed_frame(gzip(text)), {{"grpc-encoding", "gzip"}}}).message(),
      text);
  EXPECT_EQ(
      client.call({kEcho, compressed_frame(zlib_deflate(text)), {{"grpc-encoding", "deflate"}}})
          .message(),
      text);
  // Compression may be named and not used for a message.
  EXPECT_EQ(client.call(kEcho, "plain", {{"grpc-encoding", "gzip"}}).message(), "plain");
  const std::string bomb = gzip(std::string(50 << 20, 'x'));
  EXPECT_EQ(client.call({kEcho, compressed_frame(bomb), {{"grpc-encoding", "gzip"}}}).code, 8);
}

TEST_F(Grpc, RefusesWhatIsWrongAsTheProtocolSays) {
  serve();
  const std::string big(kMessageBytesMax + 1, 'x');
  std::string announced = grpc_frame("");
  announced[1] = 0x7f;
  std::string odd = grpc_frame("x");
  odd[0] = 2;
  struct Case {
    const char* what;
    RawGrpcClient::Call call;
    int code;
  };
  const std::vector<Case> cases{
      {"no message", {kEcho, ""}, 12},
      {"two messages", {kEcho, grpc_frame("a") + grpc_frame("b")}, 12},
      {"half a prefix", {kEcho, std::string(3, '\0')}, 13},
      {"half a message", {kEcho, grpc_frame("whole").substr(0, 7)}, 13},
      {"an unknown flag", {kEcho, odd}, 13},
      {"compressed, and nobody knows how", {kEcho, compressed_frame("x")}, 13},
      {"not gzip", {kEcho, compressed_frame("x"), {{"grpc-encoding", "gzip"}}}, 13},
      {"an encoding that is not known", {kEcho, grpc_frame("x"), {{"grpc-encoding", "br"}}}, 12},
      {"too large", {kEcho, grpc_frame(big)}, 8},
      {"announces two gigabytes",
       {kEcho, announced, {}, "application/grpc+proto", "POST", false},
       8},
      {"large metadata",
       {kEcho, grpc_frame("x"), {{"x", std::string(65'000, 'x')}, {"y", std::string(2'000, 'y')}}},
       8},
  };
  RawGrpcClient client(port());
  for (const Case& c : cases) {
    const auto result = client.call(c.call);
    EXPECT_EQ(result.code, c.code) << c.what;
    EXPECT_FALSE(result.text.empty()) << c.what;
    EXPECT_EQ(result.reset, 0u) << c.what;
  }
  for (const char* type : {"application/json", "application/grpcx", "text/plain", ""}) {
    EXPECT_EQ(client.call({kEcho, grpc_frame(""), {}, type}).http_status, "415") << type;
  }
  EXPECT_EQ(client.call({kEcho, grpc_frame(""), {}, "application/grpc;x=y", "PUT"}).http_status,
            "405");
  EXPECT_EQ(client.call(kEcho, "still there").message(), "still there");
  EXPECT_FALSE(client.said_goaway());
  EXPECT_TRUE(eventually([&] { return server_->counters().body_bytes == 0; }));
}

TEST_F(Grpc, EndsAConnectionThatBreaksHttp2) {
  serve();
  const std::string preface(kHttp2Preface);
  const std::string settings("\0\0\0\4\0\0\0\0\0", 9);
  struct Case {
    const char* what;
    std::string bytes;
  };
  const std::vector<Case> cases{
      {"garbage after the preface", preface + std::string(100, 'x')},
      {"HTTP/1.1 after the preface", preface + raw_request("GET", "/")},
      {"a frame that is too long", preface + settings + std::string("\xff\xff\xff\0\0\0\0\0\1", 9)},
      {"DATA of no stream", preface + settings + std::string("\0\0\1\0\1\0\0\0\1x", 10)},
      {"headers that are no HPACK",
       preface + settings + std::string("\0\0\2\1\5\0\0\0\1\xff\xff", 11)},
      {"a window update of nothing",
       preface + settings + std::string("\0\0\4\10\0\0\0\0\0\0\0\0\0", 13)},
      {"a stream of the server's", preface + settings + std::string("\0\0\1\1\5\0\0\0\2\x82", 10)},
  };
  for (const Case& c : cases) {
    RawClient client(port());
    ASSERT_TRUE(client.send(c.bytes)) << c.what;
    // Whatever it says before, it ends; the rest is dropped.
    while (client.read_some()) {
    }
    EXPECT_TRUE(client.is_closed()) << c.what;
    client.close();
  }
  RawGrpcClient client(port());
  EXPECT_EQ(client.call(kEcho, "still there").message(), "still there");
  EXPECT_TRUE(eventually([&] { return server_->counters().connections == 1; }));
}

TEST_F(Grpc, EndsAConnectionThatFloods) {
  serve();
  // Neither pings whose answers are not read, nor streams that are reset at once, are kept.
  {
    RawClient client(port());
    std::string flood(kHttp2Preface);
    flood.append("\0\0\0\4\0\0\0\0\0", 9);
    for (int i = 0; i < 200'000; i++) flood.append("\0\0\10\6\0\0\0\0\0\0\0\0\0\0\0\0\0", 17);
    client.send(flood);
    while (client.read_some()) {
    }
  }
  {
    RawGrpcClient client(port());
    for (int i = 0; i < 5000 && !client.said_goaway(); i++) {
      const auto id =
          client.start({"/test.Service/Hold", "", {}, "application/grpc", "POST", false});
      if (id < 0) break;
      nghttp2_submit_rst_stream(client.session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
      client.flush();
      client.receive(0);
    }
    while (client.receive(20'000)) {
    }
    EXPECT_TRUE(client.said_goaway());
  }
  EXPECT_TRUE(eventually([&] { return server_->counters().connections == 0; }));
  EXPECT_EQ(server_->counters().body_bytes, 0);
}

TEST_F(Grpc, GivesUpOnCallsThatDoNotArrive) {
  serve([](auto& options) { options.request_timeout_ms = 100; });
  RawGrpcClient client(port());
  const auto headers_only = client.start({kEcho, "", {}, "application/grpc", "POST", false});
  const auto half = client.start(
      {kEcho, grpc_frame("whole").substr(0, 7), {}, "application/grpc", "POST", false});
  EXPECT_EQ(client.wait(headers_only).code, 4);
  EXPECT_EQ(client.wait(half).code, 4);
  EXPECT_EQ(server_->counters().refused_timeout, 2);
  EXPECT_EQ(client.call(kEcho, "still there").message(), "still there");
  // Not one byte of HTTP/2 either.
  RawClient slow(port());
  slow.send(kHttp2Preface.substr(0, 10));
  EXPECT_EQ(slow.read()->status, 408);
}

TEST_F(Grpc, AHandlerMayTakeLongerThanARequestMay) {
  serve([](auto& options) { options.request_timeout_ms = 50; });
  RawGrpcClient client(port());
  const auto held = client.start({"/test.Service/Hold", grpc_frame("")});
  const auto responder = held_.take();
  EXPECT_FALSE(client.receive(0) && client.wait(held, 300).ended);
  responder({GrpcCode::kOk, "", "late", ""});
  EXPECT_EQ(client.wait(held).message(), "late");
}

TEST_F(Grpc, EndsIdleConnectionsInOrder) {
  serve([](auto& options) { options.idle_timeout_ms = 100; });
  RawGrpcClient client(port());
  EXPECT_EQ(client.call(kEcho, "x").message(), "x");
  while (client.receive(20'000)) {
  }
  EXPECT_TRUE(client.said_goaway());
  // Nor is one kept that never sends more than the preface.
  RawClient silent(port());
  silent.send(kHttp2Preface);
  while (silent.read_some()) {
  }
  EXPECT_TRUE(silent.is_closed());
}

TEST_F(Grpc, PingsKeepAConnection) {
  serve([](auto& options) { options.idle_timeout_ms = 4000; });
  RawGrpcClient client(port());
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(5000);
  while (std::chrono::steady_clock::now() < end) {
    nghttp2_submit_ping(client.session(), NGHTTP2_FLAG_NONE, nullptr);
    ASSERT_TRUE(client.receive(20'000));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_FALSE(client.said_goaway());
  EXPECT_EQ(client.call(kEcho, "x").message(), "x");
}

TEST_F(Grpc, AllBodiesTogetherAreBounded) {
  serve([](auto& options) { options.bodies_bytes_max = 200'000; });
  RawGrpcClient client(port());
  const std::string large = grpc_frame(std::string(90'000, 'x'));
  ASSERT_EQ(client.call(kEcho, "").code, 0);  // now it knows the windows
  const auto first = client.start({"/test.Service/Hold", large});
  const auto second = client.start({"/test.Service/Hold", large});
  {
    const auto responder = held_.take();
    const auto other = held_.take();
    EXPECT_EQ(client.call({"/test.Service/Hold", large}).code, 14);
    EXPECT_EQ(server_->counters().refused_busy, 1);
    responder({});
    other({});
  }
  EXPECT_EQ(client.wait(first).code, 0);
  EXPECT_EQ(client.wait(second).code, 0);
  EXPECT_EQ(client.call({kEcho, large}).code, 0);
}

TEST_F(Grpc, WhatIsResetIsForgottenWhateverItsHandlerSays) {
  serve();
  RawGrpcClient client(port());
  const auto id = client.start({"/test.Service/Hold", grpc_frame(std::string(50'000, 'x'))});
  {
    const auto responder = held_.take();
    nghttp2_submit_rst_stream(client.session(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    EXPECT_EQ(client.call(kEcho, "x").message(), "x");
    EXPECT_GE(server_->counters().body_bytes, 50'000);  // it is still at work
    responder({GrpcCode::kOk, "", "late", ""});
  }
  EXPECT_EQ(client.call(kEcho, "x").message(), "x");
  EXPECT_TRUE(eventually([&] { return server_->counters().body_bytes == 0; }));
}

TEST_F(Grpc, StoppingAnswersWhatIsInFlightAndTakesNoMore) {
  serve();
  RawGrpcClient client(port());
  const auto held = client.start({"/test.Service/Hold", grpc_frame("")});
  const auto responder = held_.take();
  std::thread stopper([this] { server_->stop(); });
  while (!client.said_goaway()) ASSERT_TRUE(client.receive(20'000));
  responder({GrpcCode::kOk, "", "late", ""});
  EXPECT_EQ(client.wait(held).message(), "late");
  stopper.join();
  EXPECT_EQ(server_->counters().connections, 0);
}

TEST_F(Grpc, AResponderMayOutliveItsConnectionAndItsServer) {
  serve([](auto& options) { options.stop_timeout_ms = 20; });
  std::optional<GrpcResponder> first;
  std::optional<GrpcResponder> second;
  {
    RawGrpcClient client(port());
    client.start({"/test.Service/Hold", grpc_frame("")});
    first = held_.take();
  }
  ASSERT_TRUE(eventually([&] { return server_->counters().connections == 0; }));
  (*first)({GrpcCode::kOk, "", "nobody", ""});
  RawGrpcClient client(port());
  client.start({"/test.Service/Hold", grpc_frame("")});
  second = held_.take();
  server_.reset();
  (*second)({GrpcCode::kOk, "", "nobody", ""});
}

TEST_F(Grpc, ThousandsOfIdleConnectionsAreKeptAndLetGo) {
  constexpr int kConnections = 1000;
  serve([](auto& options) { options.connections_max = 2 * kConnections; });
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < kConnections; i++) {
    idle.push_back(std::make_unique<RawClient>(port()));
    ASSERT_TRUE(idle.back()->connected());
    idle.back()->send(i % 2 == 0 ? kHttp2Preface : kHttp2Preface.substr(0, 5));
  }
  EXPECT_TRUE(eventually([&] { return server_->counters().connections == kConnections; }));
  RawGrpcClient client(port());
  EXPECT_EQ(client.call(kEcho, "served").message(), "served");
  idle.clear();
  EXPECT_TRUE(eventually([&] { return server_->counters().connections == 1; }));
}

}  // namespace
}  // namespace apitoolkit::net
