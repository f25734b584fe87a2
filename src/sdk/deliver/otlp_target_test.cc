#include "src/sdk/deliver/otlp_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace apitoolkit::sdk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

OtlpTarget target_of(const Config& config, const OtelEnvironment& otel = {}) {
  const auto target = find_otlp_target(config, otel);
  EXPECT_TRUE(target) << target.error().message;
  return target.value_or(OtlpTarget{});
}

TEST(OtlpTarget, IsTheMostSpecificOfTheNamedOnes) {
  Config config;
  OtelEnvironment otel;
  EXPECT_EQ(target_of(config, otel).url, "http://localhost:4318/v1/traces");
  config.root_url = "http://server:8080/";
  EXPECT_EQ(target_of(config, otel).url, "http://server:8080/v1/traces");
  EXPECT_EQ(target_of(config, otel).url_source, "root_url");
  otel.endpoint = "http://collector:4318";
  EXPECT_EQ(target_of(config, otel).url, "http://collector:4318/v1/traces");
  EXPECT_EQ(target_of(config, otel).url_source, "OTEL_EXPORTER_OTLP_ENDPOINT");
  otel.traces_endpoint = "http://traces:4318/as/it/is";
  EXPECT_EQ(target_of(config, otel).url, "http://traces:4318/as/it/is");
  EXPECT_EQ(target_of(config, otel).url_source, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  config.otlp_endpoint = "https://mine/prefix/";
  EXPECT_EQ(target_of(config, otel).url, "https://mine/prefix/v1/traces");
  EXPECT_EQ(target_of(config, otel).url_source, "otlp_endpoint");
  config.otlp_endpoint = "https://mine/v1/traces";
  EXPECT_EQ(target_of(config, otel).url, "https://mine/v1/traces") << "not twice";
}

TEST(OtlpTarget, DecodesHeaders) {
  Config config;
  config.otlp_headers = {"X-One=a%20b+c", " x-two = d=e%2Cf ", "x-three=", "x-four=50%"};
  EXPECT_THAT(target_of(config).headers,
              ElementsAre(Header{"X-One", "a b+c"}, Header{"x-two", "d=e,f"}, Header{"x-three", ""},
                          Header{"x-four", "50%"}));
}

TEST(OtlpTarget, TakesHeadersFromTheVariablesWhereTheConfigurationHasNone) {
  Config config;
  OtelEnvironment otel;
  EXPECT_THAT(target_of(config, otel).headers, IsEmpty());
  otel.headers = "a=1, b=2%2C3,,";
  EXPECT_THAT(target_of(config, otel).headers, ElementsAre(Header{"a", "1"}, Header{"b", "2,3"}));
  otel.traces_headers = "c=4";
  EXPECT_THAT(target_of(config, otel).headers, ElementsAre(Header{"c", "4"}));
  config.otlp_headers = {"d=5"};
  EXPECT_THAT(target_of(config, otel).headers, ElementsAre(Header{"d", "5"}));
}

TEST(OtlpTarget, RefusesHeadersThatCouldBecomeOthers) {
  for (const char* bad :
       {"", "x", "=hunter2", "a b=hunter2", "a:b=hunter2", "x=hunter2%0d%0ay: z", "x=hunter2%0A",
        "x=hunter2\r\ny: z", "x=hunter2%00", "x=hunter2%7f", "x\r\ny=hunter2", "\xc3\xa5=hunter2",
        "Content-Type=hunter2", "content-length=1", "HOST=x", "Transfer-Encoding=chunked"}) {
    Config config;
    config.otlp_headers = {"fine=1", bad};
    const auto target = find_otlp_target(config, {});
    ASSERT_FALSE(target) << bad;
    EXPECT_EQ(target.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(target.error().message, StartsWith("otlp_headers[1]: "));
    EXPECT_THAT(target.error().message, Not(HasSubstr("hunter2")));
    EXPECT_EQ(target.error().message.find_first_of("\r\n"), std::string::npos);
  }
  OtelEnvironment otel;
  otel.headers = "fine=1,bad";
  EXPECT_THAT(find_otlp_target({}, otel).error().message,
              StartsWith("OTEL_EXPORTER_OTLP_HEADERS: "));
  otel.traces_headers = "x=%0a";
  EXPECT_THAT(find_otlp_target({}, otel).error().message,
              StartsWith("OTEL_EXPORTER_OTLP_TRACES_HEADERS: "));
}

}  // namespace
}  // namespace apitoolkit::sdk
