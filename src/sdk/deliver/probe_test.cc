#include "src/sdk/deliver/probe.h"

#include <gtest/gtest.h>

#include "src/sdk/deliver/fake_world.h"

namespace apitoolkit::sdk {
namespace {

using std::chrono::milliseconds;

World world_of(FakeHttp::Script script) {
  World world;
  world.make_http_client = [script = std::move(script)] {
    return std::make_unique<FakeHttp>(script);
  };
  return world;
}

Config pubsub_config() {
  Config config;
  config.api_key = "k";
  config.root_url = "http://root.example";
  config.pubsub_endpoint = "http://pubsub.example";
  return config;
}

TEST(Probe, TellsWhereItWouldPublishAndSendsNothing) {
  int posts = 0;
  const auto script = [&](const net::HttpRequest& request) -> Result<net::HttpResponse> {
    posts += request.method == "POST" ? 1 : 0;
    return answer(200, test_metadata("my-topic"));
  };
  const ProbeReport report = probe(pubsub_config(), world_of(script), "{}", false, milliseconds(9));
  EXPECT_EQ(posts, 0);
  EXPECT_EQ(report.transport, "pubsub");
  EXPECT_EQ(report.settings.outcome, Delivery::Outcome::kDelivered);
  EXPECT_FALSE(report.remote.project_id.empty());
  ASSERT_EQ(report.calls.size(), 2U);
  EXPECT_EQ(report.calls[0].url, "http://root.example/api/client_metadata");
  EXPECT_EQ(report.calls[0].status, 200);
  EXPECT_FALSE(report.calls[1].was_sent);
  EXPECT_TRUE(report.calls[1].url.starts_with("http://pubsub.example/v1/projects/"));
  EXPECT_TRUE(report.calls[1].url.ends_with("/topics/my-topic:publish"));
}

TEST(Probe, SendsTheMessageWhenAskedTo) {
  std::string body;
  const auto script = [&](const net::HttpRequest& request) -> Result<net::HttpResponse> {
    if (request.method == "GET") return answer(200, test_metadata());
    body = request.body;
    return answer(200, R"({"messageIds":["1"]})");
  };
  const ProbeReport report = probe(pubsub_config(), world_of(script), "{}", true, milliseconds(9));
  EXPECT_TRUE(report.has_delivered);
  EXPECT_EQ(report.delivery.outcome, Delivery::Outcome::kDelivered);
  EXPECT_NE(body.find("e30="), std::string::npos);
  EXPECT_EQ(report.calls.back().status, 200);
}

TEST(Probe, StopsAtAKeyThatIsRefused) {
  const auto script = [](const net::HttpRequest&) -> Result<net::HttpResponse> {
    return answer(401);
  };
  const ProbeReport report = probe(pubsub_config(), world_of(script), "{}", true, milliseconds(9));
  EXPECT_EQ(report.settings.outcome, Delivery::Outcome::kUnauthorized);
  EXPECT_FALSE(report.has_delivered);
  EXPECT_EQ(report.calls.size(), 1U);
}

TEST(Probe, SaysWhyThereIsNoAnswer) {
  const auto script = [](const net::HttpRequest&) -> Result<net::HttpResponse> {
    return fail(ErrorCode::kUnavailable, "Could not resolve host: root.example");
  };
  const ProbeReport report = probe(pubsub_config(), world_of(script), "{}", false, milliseconds(9));
  EXPECT_EQ(report.settings.outcome, Delivery::Outcome::kRetry);
  ASSERT_EQ(report.calls.size(), 1U);
  EXPECT_EQ(report.calls[0].status, 0);
  EXPECT_EQ(report.calls[0].error, "Could not resolve host: root.example");
}

}  // namespace
}  // namespace apitoolkit::sdk
