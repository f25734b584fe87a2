// What no handler sees is refused in the words of the door that it came to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/server/test_server.h"
#include "src/wire/protobuf_reader.h"

namespace apitoolkit::server {
namespace {

// `code` of a google.rpc.Status.
std::int64_t rpc_code(std::string_view status) {
  for (wire::ProtobufReader reader(status); reader.next();) {
    if (reader.number() == 1) return reader.int64();
  }
  return -1;
}

struct Refused {
  const char* what;
  std::string headers;
  int status;
  int rpc_code;
};

const std::vector<Refused>& refused() {
  static const std::vector<Refused> kRefused{
      {"a body over every bound", "Content-Length: 99999999\r\n", 413, 8},
      {"a length that is no number", "Content-Length: 1180591620717411303424\r\n", 400, 3},
      {"headers over the bound", "X: " + std::string(70'000, 'x') + "\r\n", 431, 3},
      {"an unknown coding", "Content-Encoding: zstd\r\nContent-Length: 1\r\n", 415, 3},
      {"an unknown transfer coding", "Transfer-Encoding: gzip\r\n", 501, 12},
  };
  return kRefused;
}

net::RawAnswer send(const TestServer& server, const std::string& path, std::string_view type,
                    const Refused& refused) {
  net::RawClient client(server.port());
  const auto answer =
      client.call("POST " + path + " HTTP/1.1\r\nHost: t\r\nContent-Type: " + std::string(type) +
                  "\r\n" + refused.headers + "\r\n");
  EXPECT_TRUE(answer) << refused.what;
  return answer.value_or(net::RawAnswer{});
}

TEST(DoorErrors, PubsubAnswersInGooglesShape) {
  TestServer server;
  const std::string path = server.publish_path();
  for (const Refused& one : refused()) {
    const auto answer = send(server, path, "application/json", one);
    EXPECT_EQ(answer.status, one.status) << one.what;
    EXPECT_EQ(json_at(answer.body, {"error", "code"}), std::to_string(one.status)) << answer.body;
    EXPECT_NE(json_at(answer.body, {"error", "status"}), "") << answer.body;
  }
}

TEST(DoorErrors, OtlpAnswersWithAStatusInTheFormOfTheRequest) {
  TestServer server;
  for (const Refused& one : refused()) {
    const auto text = send(server, "/v1/traces", "application/json", one);
    EXPECT_EQ(text.status, one.status) << one.what;
    EXPECT_EQ(json_at(text.body, {"code"}), std::to_string(one.rpc_code)) << text.body;
    const auto binary = send(server, "/v1/logs", "application/x-protobuf", one);
    EXPECT_EQ(binary.status, one.status) << one.what;
    EXPECT_EQ(binary.header("Content-Type"), "application/x-protobuf") << one.what;
    EXPECT_EQ(rpc_code(binary.body), one.rpc_code) << one.what;
  }
}

TEST(DoorErrors, RestAnswersWithAProblem) {
  TestServer server;
  for (const Refused& one : refused()) {
    const auto answer = send(server, "/api/v1/query", "application/json", one);
    EXPECT_EQ(answer.status, one.status) << one.what;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << one.what;
    EXPECT_EQ(json_at(answer.body, {"status"}), std::to_string(one.status)) << answer.body;
  }
}

TEST(DoorErrors, MetadataAnswersWithoutABody) {
  TestServer server;
  for (const Refused& one : refused()) {
    const auto answer = send(server, "/api/client_metadata", "application/json", one);
    EXPECT_EQ(answer.status, one.status) << one.what;
    EXPECT_EQ(answer.body, "") << one.what;
  }
}

}  // namespace
}  // namespace apitoolkit::server
