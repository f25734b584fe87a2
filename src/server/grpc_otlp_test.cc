// OTLP over gRPC, on the port that serves everything else. What both of OTLP's doors have in common
// is tested in otlp_test.cc.
#include <gtest/gtest.h>

#include "src/net/raw_grpc_client.h"
#include "src/server/test_server.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::server {
namespace {

constexpr const char* kTraces = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr const char* kLogs = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
constexpr const char* kMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

class GrpcOtlp : public testing::Test {
 protected:
  // One served request, as opentelemetry.proto.collector.trace.v1 has it.
  static std::string request(std::string_view path) {
    wire::ProtobufWriter writer;
    const auto attribute = [&](std::string_view key, std::string_view value) {
      writer.message(9, [&] {
        writer.text(1, key);
        writer.message(2, [&] { writer.text(1, value); });
      });
    };
    writer.message(1, [&] {
      writer.message(2, [&] {
        writer.message(2, [&] {
          writer.bytes(1, "0123456789abcdef");
          writer.bytes(2, "01234567");
          writer.integer(6, 2);  // SERVER
          attribute("http.request.method", "GET");
          attribute("url.path", path);
        });
      });
    });
    return std::move(writer).str();
  }

  net::RawGrpcResult send(const char* method, std::string_view message,
                          std::string_view key = kKey) {
    std::vector<Header> metadata;
    if (!key.empty()) metadata.push_back({"authorization", "Bearer " + std::string(key)});
    return client_.call(method, message, std::move(metadata));
  }

  std::size_t stored() const { return json_count(server_.get("/api/v1/exchanges").body, {"data"}); }

  TestServer server_;
  net::RawGrpcClient client_{server_.port()};
};

TEST_F(GrpcOtlp, StoresASpanOnceHoweverOftenItIsSent) {
  for (int i = 0; i < 2; i++) {
    const auto result = send(kTraces, request("/a"));
    EXPECT_EQ(result.code, 0) << result.text;
    EXPECT_EQ(result.message(), "");  // nothing was rejected
  }
  EXPECT_EQ(stored(), 1u);
  const auto other_name = client_.call(kTraces, request("/a"), {{"x-api-key", std::string(kKey)}});
  EXPECT_EQ(other_name.code, 0) << other_name.text;
  EXPECT_EQ(stored(), 1u);
}

TEST_F(GrpcOtlp, TakesLogsAndMetrics) {
  EXPECT_EQ(send(kLogs, "").code, 0);
  EXPECT_EQ(send(kMetrics, "").code, 0);
}

TEST_F(GrpcOtlp, RefusesWithTheProtocolsCodes) {
  EXPECT_EQ(send(kTraces, request("/a"), "").code, 16);
  EXPECT_EQ(send(kTraces, request("/a"), "no-such-key").code, 16);
  EXPECT_EQ(send(kTraces, "\xff\xff").code, 3);
  EXPECT_EQ(send("/opentelemetry.proto.collector.trace.v1.TraceService/Import", "").code, 12);
  EXPECT_EQ(stored(), 0u);
}

}  // namespace
}  // namespace apitoolkit::server
