// The whole client while all is well: real threads, a server on the loopback, no timing asserted.
#include "apitoolkit/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>
#include <thread>

#include "src/sdk/deliver/memory.h"
#include "src/sdk/fake_server.h"

namespace apitoolkit::sdk {
namespace {

using net::ScriptedRequest;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(Client, DeliversWhatIsPushed) {
  FakeServer server;
  Config config = server.config();
  config.tags = {"prod", "eu"};
  config.service_version = "3.0.0";
  const auto client = make_client(config);
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
  const auto client = make_client(server.config());
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
  const auto client = make_client(config);
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
  const auto client = make_client(config);
  Exchange exchange = numbered(1);
  exchange.request_headers = {{"Content-Type", "application/json"}};
  exchange.request_body.bytes = "{broken";
  client->push(std::move(exchange));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_EQ(client->stats().redaction["invalid_json"], 1);
  EXPECT_EQ(server.exchanges()[0].redaction, std::vector<std::string>{"request_body:invalid_json"});
}

TEST(Client, TakesTheErrorsAndTheAskedForPartOfTheRest) {
  FakeServer server;
  Config config = server.config();
  config.sample_rate = 0.5;
  const auto client = make_client(config);
  for (int i = 0; i < 1000; ++i) {
    Exchange exchange = numbered(i);
    exchange.status_code = i % 10 == 0 ? 500 : 200;
    client->push(std::move(exchange));
  }
  ASSERT_TRUE(client->flush(kLongMs));
  double stands_for = 0;
  int errors = 0;
  for (const Exchange& exchange : server.exchanges()) {
    EXPECT_EQ(exchange.sample_weight, exchange.status_code == 500 ? 1.0 : 2.0);
    stands_for += exchange.sample_weight;
    errors += exchange.status_code == 500 ? 1 : 0;
  }
  EXPECT_EQ(errors, 100);
  EXPECT_NEAR(stands_for, 1000, 300);  // ten standard deviations
  const Stats stats = client->stats();
  EXPECT_EQ(stats.captured, 1000);
  EXPECT_EQ(stats.sent + stats.dropped.at("sampled"), 1000);
}

TEST(Client, ObeysTheSampleRateOfTheServer) {
  FakeServer server;
  server.on_metadata([&] {
    return net::http_answer(200, test_metadata("topic", R"({"sample_rate":0,"pubsub_endpoint":")" +
                                                            server.url() + "\"}"));
  });
  const auto client = make_client(server.config());
  client->push(numbered(1));  // taken: the server has not been asked yet
  ASSERT_TRUE(client->flush(kLongMs));
  client->push(numbered(2));
  Exchange failed = numbered(3);
  failed.status_code = 503;
  client->push(std::move(failed));
  ASSERT_TRUE(client->flush(kLongMs));
  const auto exchanges = server.exchanges();
  ASSERT_THAT(exchanges, SizeIs(2));
  EXPECT_EQ(exchanges[1].raw_url, "/n/3");
}

TEST(Client, CutsBodiesAfterRedacting) {
  FakeServer server;
  Config config = server.config();
  config.body_bytes_max = 20;
  config.redact_response_body = {"$.secret"};
  const auto client = make_client(config);
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

TEST(Client, DeliversTheRestWhenItIsClosed) {
  FakeServer server;
  Config config = server.config();
  config.flush_timeout_ms = kLongMs;
  auto client = make_client(config);
  for (int i = 0; i < 100; ++i) client->push(numbered(i));
  client.reset();
  EXPECT_THAT(server.exchanges(), SizeIs(100));
}

TEST(Client, DoesNothingWhenItIsDisabled) {
  Config config;
  config.enabled = false;
  const auto client = make_client(config);
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
  const auto client = make_client(config);
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
  const auto client = make_client(config);
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
  const auto client = make_client(config);
  client->push(numbered(1));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_TRUE(looker->blocks_signals);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0) << "the pushing thread has its own mask back";
}

}  // namespace
}  // namespace apitoolkit::sdk
