// For tests: a server as ours is, on the loopback, and clients of it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apitoolkit/client.h"
#include "src/net/inflate.h"
#include "src/net/scripted_server.h"
#include "src/sdk/deliver/fake_world.h"
#include "src/sdk/fork_safe_client.h"
#include "src/wire/message.h"
#include "src/wire/pubsub.h"

// The sanitizers' own allocators hold locks over a fork, which the C library's does not: a child
// hangs in its first allocation whatever it does.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SKIP_WHERE_FORK_IS_UNSAFE() GTEST_SKIP() << "this sanitizer does not support fork here"
#else
#define SKIP_WHERE_FORK_IS_UNSAFE() static_cast<void>(0)
#endif

namespace apitoolkit::sdk {

inline constexpr std::int64_t kLongMs = 60'000;  // longer than any test should take

inline Exchange numbered(int i) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.raw_url = "/n/" + std::to_string(i);
  exchange.start_ns = 1'700'000'000'000'000'000;
  return exchange;
}

inline std::string body_of(const net::ScriptedRequest& request) {
  if (!request.headers.contains("content-encoding")) return request.body;
  return net::inflate(request.body, 64 << 20).value_or("");
}

// A server as ours is, whose answers a test can change at any time.
class FakeServer {
 public:
  FakeServer() : server_([this](const net::ScriptedRequest& request) { return handle(request); }) {}

  void on_metadata(std::function<net::ScriptedAnswer()> answer) {
    const std::lock_guard lock(mutex_);
    metadata_ = std::move(answer);
  }
  // Asked before a publish is accepted; nullopt accepts it.
  void on_publish(
      std::function<std::optional<net::ScriptedAnswer>(const net::ScriptedRequest&)> answer) {
    const std::lock_guard lock(mutex_);
    publish_ = std::move(answer);
  }
  void accept_publish() { on_publish({}); }

  std::string metadata_body(const std::string& redact = "{}") const {
    return test_metadata("topic", R"({"refresh_s":1,"pubsub_endpoint":")" + server_.url() +
                                      R"(","redact":)" + redact + "}");
  }

  std::vector<Exchange> exchanges() {
    const std::lock_guard lock(mutex_);
    return exchanges_;
  }
  std::string url() const { return server_.url(); }
  int requests() const { return requests_; }

  Config config() const {
    Config config;
    config.api_key = "key";
    config.root_url = url();
    return config;
  }

 private:
  net::ScriptedAnswer handle(const net::ScriptedRequest& request) {
    ++requests_;
    std::function<net::ScriptedAnswer()> metadata;
    std::function<std::optional<net::ScriptedAnswer>(const net::ScriptedRequest&)> publish;
    {
      const std::lock_guard lock(mutex_);
      metadata = metadata_;
      publish = publish_;
    }
    if (request.method == "GET") {
      return metadata ? metadata() : net::http_answer(200, metadata_body());
    }
    if (publish) {
      if (auto answer = publish(request)) return *answer;
    }
    const auto messages = wire::decode_publish_request(body_of(request));
    if (!messages) return net::http_answer(400, "");
    std::vector<std::string> ids;
    const std::lock_guard lock(mutex_);
    for (const wire::PubsubMessage& message : *messages) {
      auto exchange = wire::decode_message(message.data);
      if (!exchange) return net::http_answer(400, "");
      exchanges_.push_back(std::move(*exchange));
      ids.push_back(std::to_string(exchanges_.size()));
    }
    return net::http_answer(200, wire::encode_publish_response(ids));
  }

  std::mutex mutex_;
  std::function<net::ScriptedAnswer()> metadata_;
  std::function<std::optional<net::ScriptedAnswer>(const net::ScriptedRequest&)> publish_;
  std::vector<Exchange> exchanges_;
  std::atomic<int> requests_ = 0;
  net::ScriptedServer server_;
};

inline std::vector<wire::PubsubMessage> messages_of(const net::ScriptedRequest& request) {
  return wire::decode_publish_request(body_of(request))
      .value_or(std::vector<wire::PubsubMessage>());
}

inline std::unique_ptr<Client> make_client(Config config) {
  auto client = create_client(std::move(config), {});
  EXPECT_TRUE(client) << client.error().message;
  return client ? std::move(*client) : nullptr;
}

// Until the client says so: states are reached in the background.
inline void wait_for_state(const Client& client, const std::string& state) {
  while (client.stats().state != state) usleep(1000);
}

inline std::string log_of(Client& client) {
  std::string text;
  for (const LogRecord& record : client.take_log()) text += record.message + "\n";
  return text;
}

}  // namespace apitoolkit::sdk
