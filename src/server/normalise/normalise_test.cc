#include "src/server/normalise/normalise.h"

#include <gtest/gtest.h>

#include "src/base/clock.h"
#include "src/base/uuid.h"

namespace apitoolkit::server::normalise {
namespace {

const std::int64_t kNow = base::parse_rfc3339("2026-03-01T12:00:00Z").value();
const Uuid kProject = base::parse_uuid("11111111-2222-3333-4444-555555555555").value();
const Uuid kIdentity = base::parse_uuid("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee").value();

store::Record received(Exchange exchange) {
  return normalise(std::move(exchange), {kProject, kIdentity, kNow});
}

TEST(Normalise, KeepsTimesThatCanBeAndReplacesOthersByTheReceipt) {
  struct Case {
    const char* start;
    bool corrected;
  };
  for (const Case& c : {Case{"2026-03-01T11:59:59.5Z", false},
                        {"2000-01-01T00:00:00Z", false},
                        {"2026-03-02T12:00:00Z", false},
                        {"2026-03-02T12:00:00.000001Z", true},
                        {"1999-12-31T23:59:59.999999Z", true},
                        {"1970-01-01T00:00:00Z", true},
                        {"2200-01-01T00:00:00Z", true},
                        {"1700-01-01T00:00:00Z", true}}) {
    Exchange exchange;
    exchange.start_ns = base::parse_rfc3339(c.start).value();
    const store::Record record = received(exchange);
    EXPECT_EQ(record.timestamp_corrected, c.corrected) << c.start;
    EXPECT_EQ(record.exchange.start_ns, c.corrected ? kNow : exchange.start_ns) << c.start;
  }
}

TEST(Normalise, TakesTheProjectFromTheReceiptWhateverTheMessageSays) {
  Exchange exchange;
  exchange.project_id = "99999999-9999-4999-8999-999999999999";
  const store::Record record = received(exchange);
  EXPECT_EQ(record.project, kProject);
  EXPECT_EQ(record.exchange.project_id, "11111111-2222-3333-4444-555555555555");
}

TEST(Normalise, GivesAnExchangeWithoutAnIdItsIdentity) {
  EXPECT_EQ(received({}).exchange.id, kIdentity);
  Exchange named;
  named.id = base::make_uuid_v4();
  EXPECT_EQ(received(named).exchange.id, named.id);
  EXPECT_EQ(received(named).identity, kIdentity);
}

TEST(Normalise, WritesMethodsInUpperCaseAndDropsEmptyTagsAndNegativeDurations) {
  Exchange exchange;
  exchange.method = "get";
  exchange.tags = {"", "eu", ""};
  exchange.duration_ns = -5;
  exchange.ttfb_ns = -7;
  const store::Record record = received(exchange);
  EXPECT_EQ(record.exchange.method, "GET");
  EXPECT_EQ(record.exchange.tags, std::vector<std::string>{"eu"});
  EXPECT_EQ(record.exchange.duration_ns, 0);
  EXPECT_EQ(record.exchange.ttfb_ns, -1);
}

TEST(Normalise, KeepsTheFirstElementsOfListsThatAreTooLongAndSaysSo) {
  Exchange exchange;
  for (int i = 0; i < 2000; i++) {
    const std::string text = std::to_string(i);
    exchange.request_headers.push_back({text, ""});
    exchange.response_headers.push_back({text, ""});
    exchange.path_params.push_back({text, "", false});
    exchange.query_params.push_back({text, "", false});
    exchange.errors.emplace_back().message = text;
    exchange.tags.push_back(text);
    exchange.redaction.push_back(text);
  }
  const Exchange kept = received(exchange).exchange;
  ASSERT_EQ(kept.request_headers.size(), 256u);
  EXPECT_EQ(kept.request_headers.back().name, "255");
  EXPECT_EQ(kept.response_headers.size(), 256u);
  EXPECT_EQ(kept.path_params.size(), 1000u);
  ASSERT_EQ(kept.query_params.size(), 1000u);
  EXPECT_EQ(kept.query_params.back().name, "999");
  ASSERT_EQ(kept.errors.size(), 64u);
  EXPECT_EQ(kept.errors.back().message, "63");
  EXPECT_EQ(kept.tags.size(), 1000u);
  ASSERT_EQ(kept.redaction.size(), 1006u);
  EXPECT_EQ(
      std::vector(kept.redaction.begin() + 999, kept.redaction.end()),
      (std::vector<std::string>{"999", "request_headers:cut", "response_headers:cut",
                                "path_params:cut", "query_params:cut", "errors:cut", "tags:cut"}));
}

TEST(Normalise, MarksNothingThatIsAllThere) {
  Exchange exchange;
  for (int i = 0; i < 256; i++) exchange.request_headers.push_back({std::to_string(i), ""});
  const Exchange kept = received(exchange).exchange;
  EXPECT_EQ(kept.request_headers.size(), 256u);
  EXPECT_EQ(kept.redaction, std::vector<std::string>());
}

}  // namespace
}  // namespace apitoolkit::server::normalise
