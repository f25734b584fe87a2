#include "src/sdk/redact/extra_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "apitoolkit/client.h"
#include "src/sdk/deliver/memory.h"

namespace apitoolkit {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Exchange call() {
  Exchange exchange;
  exchange.method = "GET";
  exchange.raw_url = "/";
  exchange.request_headers = {{"X-Mine", "plain-1"}, {"X-Site", "plain-2"}, {"X-Open", "plain-3"}};
  return exchange;
}

std::unique_ptr<CapturedExchange> captured(Exchange exchange) {
  auto captured = std::make_unique<CapturedExchange>();
  captured->exchange = std::move(exchange);
  return captured;
}

// A client whose messages stay in memory.
struct Memory {
  explicit Memory(Config config) {
    config.custom_transport = transport;
    client = std::move(*Client::create(std::move(config)));
  }
  std::vector<std::string> messages() const {
    EXPECT_TRUE(client->flush(10'000));
    return transport->take();
  }
  std::shared_ptr<sdk::MemoryTransport> transport = std::make_shared<sdk::MemoryTransport>();
  std::unique_ptr<Client> client;
};

TEST(ExtraRules, JoinTheConfigurationsOwn) {
  Config config;
  config.redact_headers = {"X-Site"};
  const Memory memory(config);
  const auto rules = memory.client->compile({{"x-mine"}, {}, {}});
  ASSERT_TRUE(rules.has_value()) << rules.error().message;
  const auto is_masked =
      AllOf(Not(HasSubstr("plain-1")), Not(HasSubstr("plain-2")), HasSubstr("plain-3"));
  EXPECT_THAT(memory.client->preview(call(), rules->get()), is_masked);
  memory.client->push(captured(call()), *rules);
  EXPECT_THAT(memory.messages(), testing::ElementsAre(is_masked));
}

TEST(ExtraRules, AreOfTheirExchangesOnly) {
  const Memory memory(Config{});
  const auto rules = memory.client->compile({{"X-Mine"}, {}, {}});
  ASSERT_TRUE(rules.has_value());
  memory.client->push(captured(call()), *rules);
  memory.client->push(call());
  EXPECT_THAT(memory.messages(),
              testing::ElementsAre(Not(HasSubstr("plain-1")), HasSubstr("plain-1")));
}

TEST(ExtraRules, AnErrorCountsTheEntriesOfTheExtraList) {
  Config config;
  config.redact_request_body = {"$.a", "$.b"};
  const Memory memory(config);
  const auto rules = memory.client->compile({{}, {"$.c", "$["}, {}});
  ASSERT_FALSE(rules.has_value());
  EXPECT_THAT(rules.error().message, StartsWith("redact_request_body[1]: \"$[\""));
}

TEST(ExtraRules, FollowTheServersRulesFromVersionToVersion) {
  redact::Rules local;
  local.headers = {"X-Mine"};
  const ExtraRules rules(local);
  sdk::CombinedRules combined;
  redact::Rules remote;
  Exchange before = call();
  const auto first = combined.get(rules, 1, remote);
  ASSERT_TRUE(first.has_value());
  (*first)->redact(before);
  EXPECT_EQ(before.request_headers[1].value, "plain-2");
  remote.headers = {"X-Site"};
  Exchange after = call();
  const auto second = combined.get(rules, 2, remote);
  ASSERT_TRUE(second.has_value());
  (*second)->redact(after);
  EXPECT_NE(after.request_headers[1].value, "plain-2");
  EXPECT_EQ(*combined.get(rules, 2, remote), *second) << "compiled once a version";
}

TEST(ExtraRules, AreCompiledEachForItself) {
  sdk::CombinedRules combined;
  redact::Rules mine, site;
  mine.headers = {"X-Mine"};
  site.headers = {"X-Site"};
  const ExtraRules one(mine), two(site);
  for (const auto& [rules, masked, open] : {std::tuple(&one, 0, 1), std::tuple(&two, 1, 0)}) {
    Exchange exchange = call();
    const auto redactor = combined.get(*rules, 1, {});
    ASSERT_TRUE(redactor.has_value());
    (*redactor)->redact(exchange);
    EXPECT_THAT(exchange.request_headers[masked].value, Not(StartsWith("plain")));
    EXPECT_THAT(exchange.request_headers[open].value, StartsWith("plain"));
  }
  EXPECT_NE(one.id(), two.id());
}

TEST(PushMessage, IsDeliveredAsItIs) {
  const Memory memory(Config{});
  memory.client->push_message(R"({"method":"GET","mine":1})");
  EXPECT_EQ(memory.messages(), std::vector<std::string>{R"({"method":"GET","mine":1})"});
}

}  // namespace
}  // namespace apitoolkit
