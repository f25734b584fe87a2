// The whole client while something is wrong: the server, the key, a message, a transport. No timing
// is asserted; what would hang fails by never ending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apitoolkit/client.h"
#include "src/sdk/fake_server.h"

namespace apitoolkit::sdk {
namespace {

using net::http_answer;
using net::ScriptedAnswer;
using net::ScriptedRequest;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST(Client, AppliesTheServersRulesToWhatWasCapturedBefore) {
  FakeServer server;
  std::atomic<bool> is_up = false;
  server.on_metadata([&] {
    return is_up ? http_answer(200, server.metadata_body(R"({"request_body":["$.pin"]})"))
                 : http_answer(503, "");
  });
  const auto client = make_client(server.config());
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
  const auto client = make_client(server.config());
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
      const auto client = make_client(server.config());
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
  const auto client = make_client(server.config());
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
  const auto client = make_client(server.config());
  for (int i = 0; i < 50; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(server.exchanges(), SizeIs(49));
  EXPECT_EQ(client->stats().dropped["rejected"], 1);
  EXPECT_EQ(client->stats().sent, 49);
}

TEST(Client, DeliversOverAnUplinkThatIsTooSlowForAWholeBatch) {
  FakeServer server;
  server.on_publish([](const ScriptedRequest& request) -> std::optional<ScriptedAnswer> {
    if (body_of(request).size() > 20'000) return http_answer(408, "");
    return std::nullopt;
  });
  const auto client = make_client(server.config());
  for (int i = 0; i < 100; ++i) client->push(numbered(i));
  ASSERT_TRUE(client->flush(kLongMs));
  EXPECT_THAT(server.exchanges(), SizeIs(100));
  EXPECT_GT(client->stats().retried, 0);
}

TEST(Client, BoundsWhatWaitsAndCountsWhatItDrops) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, ""); });
  Config config = server.config();
  config.queue_bytes_max = 100'000;
  const auto client = make_client(config);
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

// close() does not wait for a worker that is late to notice, which then counts what it drops.
void wait_for_shutdown_drops(const Client& client, std::int64_t count) {
  while (client.stats().dropped["shutdown"] != count) usleep(1000);
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
    const auto client = make_client(config);
    client->push(numbered(1));
    while (!is_hanging) usleep(1000);
    client->close();
    EXPECT_EQ(client->stats().state, "closed");
    wait_for_shutdown_drops(*client, 1);
    client->push(numbered(2));
    wait_for_shutdown_drops(*client, 2);
    client->close();
  }
}

TEST(Client, EndsInTimeThroughABackOff) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, "", "Retry-After: 600\r\n"); });
  Config config = server.config();
  config.flush_timeout_ms = 300;
  const auto client = make_client(config);
  client->push(numbered(1));
  wait_for_state(*client, "unreachable");
  client->close();
  wait_for_shutdown_drops(*client, 1);
}

TEST(Client, IsTriedAtOnceByAFlush) {
  FakeServer server;
  server.on_metadata([] { return http_answer(503, "", "Retry-After: 600\r\n"); });
  const auto client = make_client(server.config());
  client->push(numbered(1));
  wait_for_state(*client, "unreachable");
  EXPECT_FALSE(client->flush(10));
  server.on_metadata({});
  EXPECT_TRUE(client->flush(kLongMs)) << "although the server had asked for ten minutes";
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
  auto client = make_client(config);
  client->push(numbered(1));
  while (!stubborn->is_inside) usleep(1000);
  client.reset();  // comes back although the worker does not
  EXPECT_FALSE(stubborn->has_left);
  stubborn->may_leave = true;
  while (!stubborn->has_left) usleep(1000);
}

}  // namespace
}  // namespace apitoolkit::sdk
