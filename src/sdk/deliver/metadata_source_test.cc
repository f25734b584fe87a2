#include "src/sdk/deliver/metadata_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/sdk/deliver/fake_world.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;
using testing::HasSubstr;

class MetadataSourceTest : public testing::Test {
 protected:
  Delivery refresh() {
    return source_.refresh(std::chrono::steady_clock::now() + std::chrono::seconds(1), interrupt_);
  }

  FakeClock clock_;
  std::function<Result<net::HttpResponse>()> next_ = [] { return answer(200, test_metadata()); };
  FakeHttp http_{[this](const net::HttpRequest&) { return next_(); }};
  MetadataSource source_{{"http://server", "the-key", "test/1"}, http_, clock_};
  std::atomic<bool> interrupt_ = false;
};

TEST_F(MetadataSourceTest, AsksAsTheServerExpects) {
  EXPECT_EQ(source_.metadata(), nullptr);
  EXPECT_EQ(source_.settings().version, 0U);
  EXPECT_EQ(refresh().outcome, Outcome::kDelivered);
  ASSERT_EQ(http_.requests.size(), 1U);
  const net::HttpRequest& request = http_.requests[0];
  EXPECT_EQ(request.url, "http://server/api/client_metadata");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(header_of(request, "Authorization"), "Bearer the-key");
  EXPECT_EQ(header_of(request, "X-APIToolkit-SDK"), "test/1");
  EXPECT_EQ(header_of(request, "If-None-Match"), "");
  EXPECT_EQ(request.interrupt, &interrupt_);
  ASSERT_NE(source_.metadata(), nullptr);
  EXPECT_EQ(source_.metadata()->topic_id, "topic");
  EXPECT_EQ(source_.settings().project_id, "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(source_.settings().version, 1U);
}

TEST_F(MetadataSourceTest, AsksAgainOnlyWhenItIsTime) {
  const std::string body = test_metadata("topic", R"({"refresh_s":30})");
  next_ = [&] { return answer(200, body, {{"etag", "\"1\""}}); };
  refresh();
  clock_.advance_s(29);
  refresh();
  EXPECT_EQ(http_.requests.size(), 1U);
  clock_.advance_s(1);
  next_ = [] { return answer(304); };
  EXPECT_EQ(refresh().outcome, Outcome::kDelivered);
  ASSERT_EQ(http_.requests.size(), 2U);
  EXPECT_EQ(header_of(http_.requests[1], "If-None-Match"), "\"1\"");
  EXPECT_EQ(source_.settings().version, 1U);
  refresh();
  EXPECT_EQ(http_.requests.size(), 2U) << "304 is as good as 200";
  clock_.set_s(0);  // set back by decades
  refresh();
  EXPECT_EQ(http_.requests.size(), 3U);
}

TEST_F(MetadataSourceTest, TellsThatTheRulesChanged) {
  refresh();
  clock_.advance_s(60);
  next_ = [] {
    return answer(200, test_metadata("topic", R"({"redact":{"headers":["X-A"],
      "request_body":["$.a"],"response_body":["$.b"],"query":["q"]}})"));
  };
  refresh();
  EXPECT_EQ(source_.settings().version, 2U);
  EXPECT_EQ(source_.settings().rules.headers, std::vector<std::string>{"X-A"});
  EXPECT_EQ(source_.settings().rules.request_body, std::vector<std::string>{"$.a"});
  EXPECT_EQ(source_.settings().rules.response_body, std::vector<std::string>{"$.b"});
  EXPECT_EQ(source_.settings().rules.query, std::vector<std::string>{"q"});
  clock_.advance_s(60);
  refresh();
  EXPECT_EQ(source_.settings().version, 2U) << "the same again";
}

TEST_F(MetadataSourceTest, KnowsNothingUntilItIsTold) {
  struct Case {
    Result<net::HttpResponse> answer;
    Outcome outcome;
    const char* detail;
    std::int64_t retry_after_ms;
  };
  const Case cases[] = {
      {fail(ErrorCode::kUnavailable, "connection refused"), Outcome::kRetry, "connection refused",
       -1},
      {answer(401), Outcome::kUnauthorized, "does not accept the API key", -1},
      {answer(500), Outcome::kRetry, "answered 500", -1},
      {answer(503, "", {{"Retry-After", "7"}}), Outcome::kRetry, "answered 503", 7000},
      {answer(404), Outcome::kRetry, "answered 404", -1},
      {answer(302), Outcome::kRetry, "answered 302", -1},
      {answer(304), Outcome::kRetry, "answered 304", -1},
      {answer(200, "<html>"), Outcome::kRetry, "cannot be read", -1},
      {answer(200, "{}"), Outcome::kRetry, "project_id", -1},
  };
  for (const Case& c : cases) {
    next_ = [&] { return c.answer; };
    const Delivery delivery = refresh();
    EXPECT_EQ(delivery.outcome, c.outcome) << c.detail;
    EXPECT_THAT(delivery.detail, HasSubstr(c.detail));
    EXPECT_EQ(delivery.retry_after_ms, c.retry_after_ms) << c.detail;
    EXPECT_EQ(source_.metadata(), nullptr);
  }
}

TEST_F(MetadataSourceTest, GoesOnWithWhatItKnowsWhileTheServerIsAway) {
  refresh();
  clock_.advance_s(60);
  next_ = [] { return fail(ErrorCode::kUnavailable, "away"); };
  EXPECT_EQ(refresh().outcome, Outcome::kDelivered);
  EXPECT_EQ(http_.requests.size(), 2U);
  EXPECT_EQ(refresh().outcome, Outcome::kDelivered);
  EXPECT_EQ(http_.requests.size(), 2U) << "not at every batch";
  clock_.advance_s(30);
  refresh();
  EXPECT_EQ(http_.requests.size(), 3U);
  EXPECT_NE(source_.metadata(), nullptr);
}

TEST_F(MetadataSourceTest, ForgetsAKeyThatWasRevoked) {
  refresh();
  clock_.advance_s(60);
  next_ = [] { return answer(401); };
  EXPECT_EQ(refresh().outcome, Outcome::kUnauthorized);
  EXPECT_EQ(source_.metadata(), nullptr);
  EXPECT_EQ(refresh().outcome, Outcome::kUnauthorized);
  EXPECT_EQ(http_.requests.size(), 3U) << "it keeps asking";
}

TEST_F(MetadataSourceTest, AsksForAllOfItAfterForgetting) {
  next_ = [] { return answer(200, test_metadata(), {{"ETag", "\"1\""}}); };
  refresh();
  source_.forget();
  refresh();
  ASSERT_EQ(http_.requests.size(), 2U);
  EXPECT_EQ(header_of(http_.requests[1], "If-None-Match"), "");
  EXPECT_NE(source_.metadata(), nullptr);
}

}  // namespace
}  // namespace apitoolkit::sdk
