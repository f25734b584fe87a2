#include "src/sdk/config_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/sdk/deliver/memory.h"

namespace apitoolkit::sdk {
namespace {

using testing::StartsWith;

Config valid() {
  Config config;
  config.api_key = "key";
  return config;
}

TEST(Config, ThatIsWrongIsRefusedByTheNameOfTheArgument) {
  struct Case {
    void (*change)(Config&);
    const char* message;
  };
  const Case cases[] = {
      {[](Config& c) { c.api_key = ""; }, "api_key: "},
      {[](Config& c) { c.api_key = "a b"; }, "api_key: "},
      {[](Config& c) { c.api_key = "a\r\nX: y"; }, "api_key: "},
      {[](Config& c) { c.root_url = ""; }, "root_url: "},
      {[](Config& c) { c.root_url = "app.apitoolkit.io"; }, "root_url: "},
      {[](Config& c) { c.root_url = "ftp://host"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http://"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http:///path"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http://ho st"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http://host:port"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http://host?x=1"; }, "root_url: "},
      {[](Config& c) { c.root_url = "http://user@host"; }, "root_url: "},
      {[](Config& c) { c.pubsub_endpoint = "localhost:8085"; }, "pubsub_endpoint: "},
      {[](Config& c) { c.transport = "pigeon"; },
       "transport: expected one of pubsub, http, otlp, memory, got \"pigeon\""},
      {[](Config& c) { c.transport = "http", c.api_key = ""; }, "api_key: "},
      {[](Config& c) { c.otlp_endpoint = "localhost:4318"; }, "otlp_endpoint: "},
      {[](Config& c) {
         c.otlp_headers = {"a=b", "c"};
       },
       "otlp_headers[1]: "},
      {[](Config& c) { c.body_bytes_max = -1; }, "body_bytes_max: "},
      {[](Config& c) { c.queue_bytes_max = 0; }, "queue_bytes_max: "},
      {[](Config& c) { c.flush_timeout_ms = -1; }, "flush_timeout_ms: "},
      {[](Config& c) { c.sdk = ""; }, "sdk: "},
      {[](Config& c) { c.sdk = "a\nb"; }, "sdk: "},
  };
  for (const Case& c : cases) {
    Config config = valid();
    c.change(config);
    const Status status = check(config, "");
    ASSERT_FALSE(status) << c.message;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(status.error().message, StartsWith(c.message));
  }
  for (const char* host : {"http://localhost:1", "localhost:x", "a b:1", ":8085"}) {
    EXPECT_FALSE(check(valid(), host)) << host;
  }
}

TEST(Config, ThatIsRightIsAccepted) {
  EXPECT_TRUE(check(valid(), ""));
  for (const char* url : {"http://h", "https://h:8443", "http://127.0.0.1:80/", "http://[::1]:8080",
                          "http://[::1]", "https://h/prefix/"}) {
    Config config = valid();
    config.root_url = url;
    config.pubsub_endpoint = url;
    EXPECT_TRUE(check(config, "localhost:8085")) << url;
  }
  Config config;
  EXPECT_FALSE(check(config, ""));
  config.enabled = false;
  EXPECT_TRUE(check(config, "")) << "a client that does nothing needs no key";
  config = {};
  config.transport = "memory";
  EXPECT_TRUE(check(config, ""));
  config = {};
  config.transport = "otlp";
  EXPECT_TRUE(check(config, "")) << "a collector may need no key";
  config = {};
  config.custom_transport = std::make_shared<MemoryTransport>();
  EXPECT_TRUE(check(config, ""));
}

TEST(Config, HeedsOpenTelemetrysVariablesOnlyWhereTheyAreMeant) {
  OtelEnvironment otel;
  otel.traces_endpoint = "collector:4318";
  otel.headers = "no header";
  EXPECT_TRUE(check(valid(), "", otel));
  Config config;
  config.transport = "otlp";
  EXPECT_THAT(check(config, "", otel).error().message, StartsWith("OTEL_EXPORTER_OTLP_HEADERS: "));
  otel.headers = "";
  EXPECT_THAT(check(config, "", otel).error().message,
              StartsWith("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "));
  otel.traces_endpoint = "";
  EXPECT_TRUE(check(config, "", otel));
}

}  // namespace
}  // namespace apitoolkit::sdk
