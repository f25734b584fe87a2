// The whole client: real threads, a scripted server on the loopback, no timing asserted.
#include "apitoolkit/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>
#include <thread>

#include "src/base/uuid.h"
#include "src/net/scripted_server.h"
#include "src/sdk/deliver/fake_world.h"
#include "src/sdk/deliver/memory.h"
#include "src/sdk/fork_safe_client.h"
#include "src/wire/message.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::sdk {
namespace {

using net::http_answer;
using net::ScriptedAnswer;
using net::ScriptedRequest;
using net::ScriptedServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::int64_t kLongMs = 60'000;  // longer than any test should take

Exchange numbered(int i) {
  Exchange exchange;
  exchange.method = "GET";
  exchange.raw_url = "/n/" + std::to_string(i);
  exchange.start_ns = 1'700'000'000'000'000'000;
  return exchange;
}

// A server as ours is, whose answers a test can change at any time.
class FakeServer {
 public:
  FakeServer() : server_([this](const ScriptedRequest& request) { return handle(request); }) {}

  void on_metadata(std::function<ScriptedAnswer()> answer) {
    const std::lock_guard lock(mutex_);
    metadata_ = std::move(answer);
  }
  // Asked before a publish is accepted; nullopt accepts it.
  void on_publish(std::function<std::optional<ScriptedAnswer>(const ScriptedRequest&)> answer) {
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
  ScriptedAnswer handle(const ScriptedRequest& request) {
    ++requests_;
    std::function<ScriptedAnswer()> metadata;
    std::function<std::optional<ScriptedAnswer>(const ScriptedRequest&)> publish;
    {
      const std::lock_guard lock(mutex_);
      metadata = metadata_;
      publish = publish_;
    }
    if (request.method == "GET") {
      return metadata ? metadata() : http_answer(200, metadata_body());
    }
    if (publish) {
      if (auto answer = publish(request)) return *answer;
    }
    const auto messages = wire::decode_publish_request(request.body);
    if (!messages) return http_answer(400, "");
    std::vector<std::string> ids;
    const std::lock_guard lock(mutex_);
    for (const wire::PubsubMessage& message : *messages) {
      auto exchange = wire::decode_message(message.data);
      if (!exchange) return http_answer(400, "");
      exchanges_.push_back(std::move(*exchange));
      ids.push_back(std::to_string(exchanges_.size()));
    }
    return http_answer(200, wire::encode_publish_response(ids));
  }

  std::mutex mutex_;
  std::function<ScriptedAnswer()> metadata_;
  std::function<std::optional<ScriptedAnswer>(const ScriptedRequest&)> publish_;
  std::vector<Exchange> exchanges_;
  std::atomic<int> requests_ = 0;
  ScriptedServer server_;
};

std::vector<wire::PubsubMessage> messages_of(const ScriptedRequest& request) {
  return wire::decode_publish_request(request.body).value_or(std::vector<wire::PubsubMessage>());
}

std::unique_ptr<Client> make(Config config) {
  auto client = create_client(std::move(config), {});
  EXPECT_TRUE(client) << client.error().message;
  return client ? std::move(*client) : nullptr;
}

// Until the client says so: states are reached in the background.
void wait_for_state(const Client& client, const std::string& state) {
  while (client.stats().state != state) usleep(1000);
}

std::string log_of(Client& client) {
  std::string text;
  for (const LogRecord& record : client.take_log()) text += record.message + "\n";
  return text;
}

TEST(Client, DeliversWhatIsPushed) {
  FakeServer server;
  Config config = server.config();
  config.tags = {"prod", "eu"};
  config.service_version = "3.0.0";
  const auto client = make(config);
  EXPECT_EQ(client->stats().state, "idle");
  for (int i = 0; i < 2500; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs));
  const auto exchanges = server.exchanges();
  ASSERT_THAT(exchanges, SizeIs(2500));
  std::set<Uuid> ids;
  for (int i = 0; i < 2500; ++i) {
    EXPECT_EQ(exchanges[static_cast<std::size_t>(i)].raw_url, "/n/" + std::to_string(i));
    ids.insert(exchanges[static_cast<std::size_t>(i)].id);
  }
  EXPECT_THAT(ids, SizeIs(2500));
  EXPECT_EQ(exchanges[0].tags, (std::vector<std::string>{"prod", "eu"}));
  EXPECT_EQ(exchanges[0].service_version, "3.0.0");
  EXPECT_EQ(exchanges[0].project_id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(exchanges[0].id[6] >> 4, 7) << "UUIDv7";
  const Stats stats = client->stats();
  EXPECT_EQ(stats.captured, 2500);
  EXPECT_EQ(stats.sent, 2500);
  EXPECT_TRUE(stats.dropped.empty());
  EXPECT_EQ(stats.queue_bytes, 0);
  EXPECT_EQ(stats.state, "ready");
}

TEST(Client, KeepsTheIdThatTheExchangeHas) {
  FakeServer server;
  const auto client = make(server.config());
  Exchange exchange = numbered(1);
  exchange.id = make_id();
  const Uuid id = exchange.id;
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_EQ(server.exchanges()[0].id, id);
}

TEST(Client, RedactsBeforeAnythingLeaves) {
  FakeServer server;
  std::string seen;
  server.on_publish([&](const ScriptedRequest& request) {
    for (const auto& message : messages_of(request)) seen += message.data;
    return std::nullopt;
  });
  Config config = server.config();
  config.redact_request_body = {"$.card.cvv"};
  config.redact_headers = {"X-Internal"};
  config.debug = true;
  const auto client = make(config);
  Exchange exchange = numbered(1);
  exchange.raw_url = "/pay?token=hunter1";
  exchange.request_headers = {{"Content-Type", "application/json"},
                              {"Authorization", "hunter2"},
                              {"x-internal", "hunter3"}};
  exchange.request_body.bytes = R"({"card":{"cvv":"hunter4","holder":"Ada"}})";
  exchange.response_headers = {{"Content-Type", "application/json"}};
  exchange.response_body.bytes = R"({"ok":)";  // no path for it: passes as it is
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  const Exchange received = server.exchanges()[0];
  EXPECT_EQ(received.request_body.bytes, R"({"card":{"cvv":"[CLIENT_REDACTED]","holder":"Ada"}})");
  EXPECT_EQ(received.raw_url, "/pay?token=[CLIENT_REDACTED]");
  EXPECT_EQ(received.query_params[0].value, "[CLIENT_REDACTED]");
  const std::string log = log_of(*client);
  EXPECT_THAT(log, HasSubstr("/pay?token=[CLIENT_REDACTED]")) << "debug logs what is sent";
  EXPECT_THAT(seen + log, Not(HasSubstr("hunter")));
}

TEST(Client, CountsBodiesThatAreMaskedWhole) {
  FakeServer server;
  Config config = server.config();
  config.redact_request_body = {"$.a"};
  const auto client = make(config);
  Exchange exchange = numbered(1);
  exchange.request_headers = {{"Content-Type", "application/json"}};
  exchange.request_body.bytes = "{broken";
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_EQ(client->stats().redaction["invalid_json"], 1);
  EXPECT_EQ(server.exchanges()[0].redaction, std::vector<std::string>{"request_body:invalid_json"});
}

TEST(Client, CutsBodiesAfterRedacting) {
  FakeServer server;
  Config config = server.config();
  config.body_bytes_max = 20;
  config.redact_response_body = {"$.secret"};
  const auto client = make(config);
  Exchange exchange = numbered(1);
  exchange.response_headers = {{"Content-Type", "application/json"}};
  exchange.response_body.bytes = R"({"open":"0123456789","secret":"hunter2"})";
  const auto size = static_cast<std::int64_t>(exchange.response_body.bytes.size());
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  const Body body = server.exchanges()[0].response_body;
  EXPECT_EQ(body.bytes, R"({"open":"0123456789")");
  EXPECT_TRUE(body.truncated);
  EXPECT_GE(body.size, size);
}

TEST(Client, AppliesTheServersRulesToWhatWasCapturedBefore) {
  FakeServer server;
  std::atomic<bool> is_up = false;
  server.on_metadata([&] {
    return is_up ? http_answer(200, server.metadata_body(R"({"request_body":["$.pin"]})"))
                 : http_answer(503, "");
  });
  const auto client = make(server.config());
  Exchange exchange = numbered(1);
  exchange.request_headers = {{"Content-Type", "application/json"}};
  exchange.request_body.bytes = R"({"pin":"1234"})";
  client->push(std::move(exchange));
  wait_for_state(*client, "unreachable");
  is_up = true;
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_EQ(server.exchanges()[0].request_body.bytes, R"({"pin":"[CLIENT_REDACTED]"})");
  Exchange next = numbered(2);
  next.request_headers = {{"Content-Type", "application/json"}};
  next.request_body.bytes = R"({"pin":"1234"})";
  EXPECT_THAT(client->preview(std::move(next)), Not(HasSubstr("MTIzN")));
}

TEST(Client, AppliesRulesThatComeWhileABatchCannotBeDelivered) {
  FakeServer server;
  std::atomic<int> refusals = 0;
  std::atomic<bool> has_rule = false;
  server.on_metadata([&] {
    return http_answer(200,
                       server.metadata_body(has_rule ? R"({"request_body":["$.pin"]})" : "{}"));
  });
  server.on_publish([&](const ScriptedRequest&) -> std::optional<ScriptedAnswer> {
    if (has_rule) return std::nullopt;
    if (++refusals == 2) has_rule = true;
    return http_answer(404, "");  // makes the client ask for the metadata again
  });
  const auto client = make(server.config());
  Exchange exchange = numbered(1);
  exchange.request_headers = {{"Content-Type", "application/json"}};
  exchange.request_body.bytes = R"({"pin":"1234"})";
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_EQ(server.exchanges()[0].request_body.bytes, R"({"pin":"[CLIENT_REDACTED]"})");
}

TEST(Client, DeliversWhenTheServerComesBack) {
  const ScriptedAnswer cases[] = {
      http_answer(500, "oops"),
      http_answer(429, "", "Retry-After: 0\r\n"),
      http_answer(200, "<html>"),
      http_answer(404, ""),
      {"garbage\r\n\r\n", ScriptedAnswer::Then::kClose},
      {"", ScriptedAnswer::Then::kReset},
      {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", ScriptedAnswer::Then::kClose},
  };
  for (const ScriptedAnswer& bad : cases) {
    for (const bool is_metadata : {true, false}) {
      SCOPED_TRACE(bad.bytes + (is_metadata ? " to metadata" : " to publish"));
      FakeServer server;
      if (is_metadata) {
        server.on_metadata([&] { return bad; });
      } else {
        server.on_publish([&](const ScriptedRequest&) { return bad; });
      }
      const auto client = make(server.config());
      for (int i = 0; i < 10; ++i) client->push(numbered(i));
      wait_for_state(*client, "unreachable");
      EXPECT_FALSE(client->stats().last_error.empty());
      server.on_metadata({});
      server.accept_publish();
      ASSERT_TRUE(client->flush(kLongMs));
      EXPECT_THAT(server.exchanges(), SizeIs(10));
      EXPECT_EQ(client->stats().state, "ready");
      EXPECT_GE(client->stats().retried, 1);
      EXPECT_THAT(log_of(*client), AllOf(HasSubstr("trying again"), HasSubstr("delivering again")));
    }
  }
}

TEST(Client, SaysOnceThatTheKeyIsWrongAndKeepsAsking) {
  FakeServer server;
  server.on_metadata([] { return http_answer(401, ""); });
  const auto client = make(server.config());
  client->push(numbered(1));
  wait_for_state(*client, "unauthorized");
  while (server.requests() < 3) usleep(1000);
  const auto log = client->take_log();
  ASSERT_THAT(log, SizeIs(1));
  EXPECT_EQ(log[0].level, LogLevel::kError);
  EXPECT_THAT(log[0].message, HasSubstr("API key"));
  client->push(numbered(2));
  server.on_metadata({});
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(server.exchanges(), SizeIs(2));
  EXPECT_EQ(client->stats().state, "ready");
}

TEST(Client, LosesOnlyTheMessageThatIsRefused) {
  FakeServer server;
  server.on_publish([](const ScriptedRequest& request) -> std::optional<ScriptedAnswer> {
    for (const auto& message : messages_of(request)) {
      if (message.data.find("/n/7\"") != std::string::npos) return http_answer(400, "");
    }
    return std::nullopt;
  });
  const auto client = make(server.config());
  for (int i = 0; i < 50; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(server.exchanges(), SizeIs(49));
  EXPECT_EQ(client->stats().dropped["rejected"], 1);
  EXPECT_EQ(client->stats().sent, 49);
}

TEST(Client, BoundsWhatWaitsAndCountsWhatItDrops) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, ""); });
  Config config = server.config();
  config.queue_bytes_max = 100'000;
  const auto client = make(config);
  for (int i = 0; i < 1000; ++i) client->push(numbered(i));
  Stats stats = client->stats();
  EXPECT_LE(stats.queue_bytes, 100'000);
  EXPECT_GT(stats.dropped["queue_full"], 0);
  EXPECT_THAT(log_of(*client), HasSubstr("queue_full"));
  server.on_metadata({});
  ASSERT_TRUE(client->flush(kLongMs));
  stats = client->stats();
  EXPECT_EQ(stats.sent + stats.dropped["queue_full"], 1000);
  EXPECT_EQ(static_cast<std::int64_t>(server.exchanges().size()), stats.sent);
}

TEST(Client, EndsInTimeThroughAHangingServer) {
  for (const bool is_metadata : {true, false}) {
    FakeServer server;
    std::atomic<bool> is_hanging = false;
    const ScriptedAnswer hang{"", ScriptedAnswer::Then::kHang};
    if (is_metadata) {
      server.on_metadata([&] { return is_hanging = true, hang; });
    } else {
      server.on_publish([&](const ScriptedRequest&) { return is_hanging = true, hang; });
    }
    Config config = server.config();
    config.flush_timeout_ms = 300;
    const auto client = make(config);
    client->push(numbered(1));
    while (!is_hanging) usleep(1000);
    client->close();
    EXPECT_EQ(client->stats().state, "closed");
    EXPECT_EQ(client->stats().dropped["shutdown"], 1);
    client->push(numbered(2));
    EXPECT_EQ(client->stats().dropped["shutdown"], 2);
    client->close();
  }
}

TEST(Client, EndsInTimeThroughABackOff) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, "", "Retry-After: 600\r\n"); });
  Config config = server.config();
  config.flush_timeout_ms = 300;
  const auto client = make(config);
  client->push(numbered(1));
  wait_for_state(*client, "unreachable");
  client->close();
  EXPECT_EQ(client->stats().dropped["shutdown"], 1);
}

TEST(Client, DeliversTheRestWhenItIsClosed) {
  FakeServer server;
  Config config = server.config();
  config.flush_timeout_ms = kLongMs;
  auto client = make(config);
  for (int i = 0; i < 100; ++i) client->push(numbered(i));
  client.reset();
  EXPECT_THAT(server.exchanges(), SizeIs(100));
}

TEST(Client, IsTriedAtOnceByAFlush) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, "", "Retry-After: 600\r\n"); });
  const auto client = make(server.config());
  client->push(numbered(1));
  wait_for_state(*client, "unreachable");
  EXPECT_FALSE(client->flush(10));
  server.on_metadata({});
  EXPECT_TRUE(client->flush(kLongMs)) << "although the server had asked for ten minutes";
}

TEST(Client, DoesNothingWhenItIsDisabled) {
  Config config;
  config.enabled = false;
  const auto client = make(config);
  client->push(numbered(1));
  EXPECT_TRUE(client->flush(0));
  EXPECT_EQ(client->stats().captured, 0);
  EXPECT_EQ(client->stats().state, "disabled");
}

TEST(Client, RefusesABadPathByItsPlace) {
  Config config;
  config.api_key = "key";
  config.redact_request_body = {"$.a", "$.b", "$.a["};
  const auto client = Client::create(config);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(client.error().message, HasSubstr("redact_request_body[2]: \"$.a[\""));
}

TEST(Client, UsesATransportOfOnesOwn) {
  Config config;
  const auto transport = std::make_shared<MemoryTransport>();
  config.custom_transport = transport;
  const auto client = make(config);
  client->push(numbered(1));
  ASSERT_TRUE(client->flush(kLongMs));
  const auto messages = transport->take();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_THAT(messages[0], HasSubstr("/n/1"));
  EXPECT_EQ(client->stats().state, "ready");
}

TEST(Client, TakesExchangesFromManyThreads) {
  Config config;
  const auto transport = std::make_shared<MemoryTransport>();
  config.custom_transport = transport;
  const auto client = make(config);
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        client->push(numbered(i));
        if (i % 50 == 0) {
          client->stats();
          client->take_log();
          client->preview(numbered(i));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(transport->take(), SizeIs(16 * 200));
  EXPECT_EQ(client->stats().sent, 16 * 200);
}

TEST(Client, LeavesSignalsToTheApplication) {
  // The transport runs on the worker: it sees the worker's mask.
  class Looker final : public Transport {
   public:
    std::string_view name() const override { return "looker"; }
    Delivery deliver(std::span<const std::string_view>, std::chrono::steady_clock::time_point,
                     const std::atomic<bool>&) override {
      sigset_t mask;
      pthread_sigmask(SIG_SETMASK, nullptr, &mask);
      blocks_signals = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGPROF) == 1;
      return {};
    }
    std::atomic<bool> blocks_signals = false;
  };
  Config config;
  const auto looker = std::make_shared<Looker>();
  config.custom_transport = looker;
  const auto client = make(config);
  client->push(numbered(1));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_TRUE(looker->blocks_signals);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0) << "the pushing thread has its own mask back";
}

TEST(Client, IsNotHeldUpByATransportThatIgnoresItsInterrupt) {
  class Stubborn final : public Transport {
   public:
    std::string_view name() const override { return "stubborn"; }
    Delivery deliver(std::span<const std::string_view>, std::chrono::steady_clock::time_point,
                     const std::atomic<bool>&) override {
      is_inside = true;
      while (!may_leave) usleep(1000);
      has_left = true;
      return {};
    }
    std::atomic<bool> is_inside = false, may_leave = false, has_left = false;
  };
  const auto stubborn = std::make_shared<Stubborn>();
  Config config;
  config.custom_transport = stubborn;
  config.flush_timeout_ms = 10;
  auto client = make(config);
  client->push(numbered(1));
  while (!stubborn->is_inside) usleep(1000);
  client.reset();  // comes back although the worker does not
  EXPECT_FALSE(stubborn->has_left);
  stubborn->may_leave = true;
  while (!stubborn->has_left) usleep(1000);
}

}  // namespace
}  // namespace apitoolkit::sdk
