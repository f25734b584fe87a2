// At each door: what a full queue and a disk that takes nothing look like to a client, and that it
// all goes on afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "src/net/raw_grpc_client.h"
#include "src/server/faulty_store.h"
#include "src/server/store/sqlite/faulty_disk.h"
#include "src/server/test_server.h"
#include "src/wire/otlp_encode.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;

constexpr const char* kPublish = "/google.pubsub.v1.Publisher/Publish";
constexpr const char* kExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

// One exchange on its way to each door. What they answer: HTTP's status, or gRPC's code.
class EachDoor {
 public:
  explicit EachDoor(const TestServer& server) : server_(server), grpc_(server.port()) {
    const std::string path = server.publish_path();
    topic_ = path.substr(4, path.find(':') - 4);  // without "/v1/"
  }

  net::RawAnswer pubsub_rest() const { return server_.publish({message("/pubsub/rest")}); }
  net::RawGrpcResult pubsub_grpc() {
    wire::ProtobufWriter request;
    request.text(1, topic_);
    request.message(2, [&] { request.bytes(1, message("/pubsub/grpc")); });
    return grpc_.call(kPublish, std::move(request).str());
  }
  net::RawAnswer otlp_http() const {
    return server_.call(
        "POST", "/v1/traces",
        {"Content-Type: application/x-protobuf", std::string("Authorization: Bearer ") + kKey},
        span("/otlp/http"));
  }
  net::RawGrpcResult otlp_grpc() {
    return grpc_.call(kExport, span("/otlp/grpc"),
                      {{"authorization", std::string("Bearer ") + kKey}});
  }

  // Nothing of what they bring is taken now, and they are told when to come again.
  void expect_refused(int status, net::GrpcCode code) {
    for (const net::RawAnswer& answer : {pubsub_rest(), otlp_http()}) {
      EXPECT_EQ(answer.status, status) << answer.head;
      EXPECT_EQ(answer.header("Retry-After"), "1") << answer.head;
    }
    for (const net::RawGrpcResult& result : {pubsub_grpc(), otlp_grpc()}) {
      EXPECT_EQ(result.code, static_cast<int>(code)) << result.text;
      ASSERT_EQ(result.headers.count("grpc-status-details-bin"), 1u);
      const auto details = base::base64_decode(result.headers.at("grpc-status-details-bin"));
      ASSERT_TRUE(details);
      EXPECT_THAT(*details, HasSubstr("google.rpc.RetryInfo"));
    }
  }

  void expect_taken() {
    EXPECT_EQ(pubsub_rest().status, 200);
    EXPECT_EQ(otlp_http().status, 200);
    EXPECT_EQ(pubsub_grpc().code, 0);
    EXPECT_EQ(otlp_grpc().code, 0);
  }

 private:
  static std::string span(const std::string& path) {
    Exchange exchange;
    exchange.method = "GET";
    exchange.url_path = exchange.raw_url = path;
    exchange.status_code = 200;
    exchange.start_ns = base::system_clock().now_ns();
    exchange.trace_id = "0af7651916cd43dd8448eb211c80319c";
    exchange.span_id = path == "/otlp/grpc" ? "b7ad6b7169203331" : "b7ad6b7169203332";
    exchange.sdk_type = "PythonFlask";
    return wire::encode_trace_request({&exchange, 1}, {"shop", "1", "test/1", "cpp", ""});
  }

  const TestServer& server_;
  net::RawGrpcClient grpc_;
  std::string topic_;
};

std::size_t stored(const TestServer& server) {
  return json_count(server.get("/api/v1/exchanges").body, {"data"});
}

TEST(DoorTrouble, AFullQueueInvitesToComeAgainAtEveryDoor) {
  const auto control = std::make_shared<FaultyStore::Control>();
  ServerOptions options = with(control);
  options.ingest_queue_bytes_max = 1;  // whatever is on its way fills it
  const TestServer server(std::move(options));
  std::promise<void> go;  // after the server, which waits for it: first to go
  control->wait = go.get_future().share();
  EachDoor doors(server);
  net::RawClient first(server.port());
  ASSERT_TRUE(first.send(
      net::raw_request("POST", server.publish_path(), {}, publish_body({message("/first")}))));
  const auto is_empty = [&] {
    return server.get("/metrics").body.find("apitoolkit_ingest_queue_bytes 0\n") !=
           std::string::npos;
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (is_empty() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  doors.expect_refused(429, net::GrpcCode::kResourceExhausted);
  go.set_value();
  const auto answer = first.read(false, 20'000);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  doors.expect_taken();
  EXPECT_EQ(stored(server), 5u);
}

TEST(DoorTrouble, ADiskThatTurnsReadOnlyIs503WhileQueriesGoOnAndThenAllIsTaken) {
  store::FaultyDisk disk;
  const TestServer server;
  EachDoor doors(server);
  ASSERT_EQ(server.publish({message("/before")}).status, 200);
  disk.fail_after(0, store::FaultyDisk::Fault::kWriteError);
  doors.expect_refused(503, net::GrpcCode::kUnavailable);
  EXPECT_TRUE(disk.has_failed());
  EXPECT_EQ(stored(server), 1u);
  EXPECT_EQ(
      server
          .call("POST", "/api/v1/query",
                {std::string("Authorization: Bearer ") + kKey, "Content-Type: application/json"},
                R"x({"query":"summarize count()"})x")
          .status,
      200);
  disk.repair();
  doors.expect_taken();
  EXPECT_EQ(stored(server), 5u);
}

}  // namespace
}  // namespace apitoolkit::server
