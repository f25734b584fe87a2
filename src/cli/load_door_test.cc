// Each door of a load, against a whole server: what is acknowledged is stored, once.
#include "src/cli/load_door.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/cli/load_run.h"
#include "src/server/test_server.h"

namespace apitoolkit::cli {
namespace {

using testing::HasSubstr;

std::unique_ptr<LoadDoor> door_of(const std::string& protocol, const LoadAddress& address) {
  if (protocol == "otlp") return make_otlp_door(address);
  return protocol == "grpc" ? make_grpc_door(address, base::system_clock())
                            : make_pubsub_door(address, base::system_clock());
}

class LoadDoors : public testing::TestWithParam<const char*> {
 protected:
  LoadAddress address(const std::string& key = server::kKey) const {
    return {"http://127.0.0.1:" + std::to_string(server_.port()), key};
  }
  std::int64_t stored() const {
    return std::stoll(server::json_at(server_.get("/api/v1/stats").body, {"exchanges"}));
  }

  server::TestServer server_;
  const std::unique_ptr<net::HttpClient> http_ = net::make_curl_client();
  std::atomic<bool> interrupt_{false};
};

TEST_P(LoadDoors, WhatIsAcknowledgedIsStoredOnce) {
  const auto door = door_of(GetParam(), address());
  const Status opened = door->open(*http_);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto calls = net::make_curl_calls();
  LoadPlan plan;
  plan.batch = 7;
  plan.connections = 3;
  plan.count = 100;
  const LoadReport report =
      LoadRun(plan, *door, *calls, base::system_clock(), nullptr, [](const LoadRun::Now&) {
      }).run(interrupt_);
  EXPECT_EQ(report.refusal, "");
  EXPECT_EQ(report.acknowledged, 100);
  EXPECT_EQ(report.failed, 0);
  EXPECT_EQ(stored(), 100);
  const std::string one = server_.get("/api/v1/exchanges?limit=1").body;
  EXPECT_THAT(server::json_at(one, {"data", "0", "service_name"}), testing::Ne(""));
  EXPECT_THAT(server::json_at(one, {"data", "0", "request_headers"}), HasSubstr("{"));
}

TEST_P(LoadDoors, AWrongKeyIsToldBeforeAnythingIsSent) {
  const Status opened = door_of(GetParam(), address("wrong-key-0123456789"))->open(*http_);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, HasSubstr("API key"));
}

TEST_P(LoadDoors, ARefusalSaysWhy) {
  const auto door = door_of(GetParam(), address());
  ASSERT_TRUE(door->open(*http_));
  // The key is no longer one.
  const auto key = server_->accounts().find_key(server::kKey);
  ASSERT_TRUE(key);
  ASSERT_TRUE(server_->accounts().revoke_key(key->key_id));
  const auto calls = net::make_curl_calls();
  LoadPlan plan;
  plan.batch = 2;
  plan.count = 4;
  const LoadReport report =
      LoadRun(plan, *door, *calls, base::system_clock(), nullptr, [](const LoadRun::Now&) {
      }).run(interrupt_);
  EXPECT_EQ(report.acknowledged, 0);
  EXPECT_THAT(report.refusal, HasSubstr("the server answered"));
  EXPECT_THAT(report.refusal, HasSubstr("key"));
}

INSTANTIATE_TEST_SUITE_P(Each, LoadDoors, testing::Values("pubsub", "grpc", "otlp"),
                         [](const auto& door) { return std::string(door.param); });

}  // namespace
}  // namespace apitoolkit::cli
