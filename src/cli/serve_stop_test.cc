// SIGTERM while the server is at work: whoever was told that something is stored finds it, and
// every connection ends so that its client knows what it has to send again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

#include "src/cli/serve_program.h"
#include "src/net/raw_grpc_client.h"
#include "src/wire/protobuf_writer.h"

namespace apitoolkit::cli {
namespace {

using server::TemporaryDirectory;

constexpr int kCallsAtATime = 4;

// What the publishers were told.
struct Told {
  void acknowledge(const std::string& path) {
    const std::lock_guard lock(mutex);
    acknowledged.insert(path);
  }
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::atomic<int> count{0};
};

// Publishes one message after the other until the server ends the connection.
void publish_over_rest(std::uint16_t port, const std::string& path, int publisher, Told& told) {
  net::RawClient client(port);
  for (int i = 0;; i++) {
    const std::string name = "/rest/" + std::to_string(publisher) + "/" + std::to_string(i);
    const auto answer = client.call(
        net::raw_request("POST", path, {}, server::publish_body({server::message(name)})));
    if (!answer) return;
    EXPECT_EQ(answer->status, 200) << answer->body;
    told.acknowledge(name);
    told.count++;
    if (answer->header("Connection") == "close") return;
  }
}

// Several calls at a time, until there is a GOAWAY. Those that it covers have been answered then.
void publish_over_grpc(std::uint16_t port, const std::string& topic, int publisher, Told& told) {
  net::RawGrpcClient client(port);
  for (int i = 0; !client.said_goaway(); i++) {
    std::map<std::int32_t, std::string> calls;
    for (int c = 0; c < kCallsAtATime; c++) {
      const std::string name =
          "/grpc/" + std::to_string(publisher) + "/" + std::to_string(i) + "/" + std::to_string(c);
      wire::ProtobufWriter request;
      request.text(1, topic);
      request.message(2, [&] { request.bytes(1, server::message(name)); });
      const std::int32_t stream = client.start(
          {"/google.pubsub.v1.Publisher/Publish", net::grpc_frame(std::move(request).str())});
      if (stream > 0) calls[stream] = name;
    }
    for (const auto& [stream, name] : calls) {
      const auto result = client.wait(stream);
      if (result.code == 0) {
        told.acknowledge(name);
        told.count++;
        continue;
      }
      EXPECT_TRUE(client.said_goaway()) << result.code << " " << result.text;
      EXPECT_GT(stream, client.last_stream()) << "it was taken, but not answered";
    }
  }
}

TEST(ServeStop, UnderLoadKeepsWhatItAcknowledgedAndEndsEveryStreamInOrder) {
  const TemporaryDirectory directory;
  seed(directory.path());
  Told told;
  {
    Program program(serving(directory.path()), kWishes);
    const std::uint16_t port = program.port();
    ASSERT_NE(port, 0);
    const std::string path = publish_path(port);
    const std::string topic = path.substr(4, path.find(':') - 4);  // without "/v1/"
    net::RawClient tail(port);
    ASSERT_TRUE(tail.send(net::raw_request(
        "GET", "/api/v1/tail", {std::string("Authorization: Bearer ") + server::kKey})));
    std::vector<std::thread> publishers;
    for (int p = 0; p < 2; p++) {
      publishers.emplace_back([&, p] { publish_over_rest(port, path, p, told); });
      publishers.emplace_back([&, p] { publish_over_grpc(port, topic, p, told); });
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (told.count < 200 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_GE(told.count, 200);
    program.send_signal(SIGTERM);
    for (std::thread& publisher : publishers) publisher.join();
    std::string streamed;
    while (const auto piece = tail.read_some(20'000)) streamed += *piece;
    EXPECT_TRUE(streamed.ends_with("\r\n0\r\n\r\n")) << "the tail ends with its last chunk";
    EXPECT_EQ(program.wait(), 0) << program.stderr_text;
  }
  Program program(serving(directory.path()), kWishes);
  const std::uint16_t port = program.port();
  ASSERT_NE(port, 0);
  const auto stored = stored_paths(port);
  for (const std::string& name : told.acknowledged) EXPECT_EQ(stored.count(name), 1u) << name;
  program.send_signal(SIGTERM);
  EXPECT_EQ(program.wait(), 0);
}

}  // namespace
}  // namespace apitoolkit::cli
