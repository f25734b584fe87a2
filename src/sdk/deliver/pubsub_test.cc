#include "src/sdk/deliver/pubsub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/net/inflate.h"
#include "src/sdk/deliver/fake_world.h"
#include "src/wire/jwt.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PubsubTest : public testing::Test {
 protected:
  // A transport whose server answers metadata with `metadata_` and publishing with `publish_`.
  void make(std::string endpoint = "", std::string emulator_host = "") {
    auto http = std::make_unique<FakeHttp>([this](const net::HttpRequest& request) {
      return request.method == "GET" ? metadata_() : publish_(request);
    });
    http_ = http.get();
    transport_ = std::make_unique<PubsubTransport>(
        PubsubTransport::Options{{"http://server", "key", "test/1"}, endpoint, emulator_host},
        std::move(http), clock_);
  }

  Delivery refresh() { return transport_->refresh(deadline_, interrupt_); }

  Delivery deliver(const std::vector<std::string_view>& messages = {"{}"}) {
    if (!transport_) make();
    refresh();
    return transport_->deliver(messages, deadline_, interrupt_);
  }

  static std::string token_of(const net::HttpRequest& request) {
    const std::string value = header_of(request, "Authorization");
    return value.starts_with("Bearer ") ? value.substr(7) : "";
  }

  int metadata_requests() const {
    return static_cast<int>(std::count_if(http_->requests.begin(), http_->requests.end(),
                                          [](const auto& r) { return r.method == "GET"; }));
  }

  std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::atomic<bool> interrupt_ = false;
  FakeClock clock_;
  std::function<Result<net::HttpResponse>()> metadata_ = [] {
    return answer(200, test_metadata());
  };
  FakeHttp::Script publish_ = [](const net::HttpRequest&) {
    return answer(200, R"({"messageIds":["1"]})");
  };
  std::unique_ptr<PubsubTransport> transport_;
  FakeHttp* http_ = nullptr;
};

TEST_F(PubsubTest, CompressesWhatIsLargeAlsoWhenItSignsAnew) {
  int calls = 0;
  publish_ = [&](const net::HttpRequest&) {
    return ++calls == 1 ? answer(401) : answer(200, R"({"messageIds":["1"]})");
  };
  const std::string message = "{\"a\":\"" + std::string(10'000, 'x') + "\"}";
  EXPECT_EQ(deliver({message}).outcome, Outcome::kDelivered);
  ASSERT_EQ(calls, 2);
  const net::HttpRequest& request = http_->requests.back();
  EXPECT_LT(request.body.size(), 1000U);
  EXPECT_EQ(header_of(request, "Content-Encoding"), "gzip");
  EXPECT_EQ(std::count_if(request.headers.begin(), request.headers.end(),
                          [](const Header& header) { return header.name == "Authorization"; }),
            1);
  const auto messages =
      wire::decode_publish_request(net::inflate(request.body, 1 << 20).value_or(""));
  ASSERT_TRUE(messages);
  EXPECT_EQ((*messages)[0].data, message);
}

TEST_F(PubsubTest, PublishesAsGoogleExpects) {
  publish_ = [](const net::HttpRequest&) { return answer(200, R"({"messageIds":["1","2"]})"); };
  EXPECT_EQ(deliver({"{\"a\":1}", "{}"}).outcome, Outcome::kDelivered);
  const net::HttpRequest& request = http_->requests.back();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://pubsub.googleapis.com/v1/projects/proj/topics/topic:publish");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/json");
  const auto messages = wire::decode_publish_request(request.body);
  ASSERT_TRUE(messages);
  EXPECT_EQ((*messages)[0].data, "{\"a\":1}");
  EXPECT_EQ(wire::token_key_id(token_of(request)), "kid-1");
  const auto key = wire::RsaKey::from_private_pem(test_private_key());
  const auto claims = key->verify(token_of(request), clock_.now_ns() / 1'000'000'000);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->issuer, "x@proj.iam.gserviceaccount.com");
  EXPECT_EQ(claims->audience, "https://pubsub.googleapis.com/");
  EXPECT_EQ(claims->expires_at_s - claims->issued_at_s, 3600);
}

TEST_F(PubsubTest, KnowsWhereToPublish) {
  const char* extension = R"({"pubsub_endpoint":"http://meta:1/"})";
  struct Case {
    const char *endpoint, *emulator, *extension, *expected;
    bool has_token;
  };
  const Case cases[] = {
      {"", "", "", "https://pubsub.googleapis.com/v1/", true},
      {"", "", "{}", "https://pubsub.googleapis.com/v1/", true},
      {"", "", extension, "http://meta:1/v1/", true},
      {"", "emulator:2", extension, "http://emulator:2/v1/", false},
      {"http://explicit:3/", "emulator:2", extension, "http://explicit:3/v1/", true},
  };
  for (const Case& c : cases) {
    metadata_ = [&] { return answer(200, test_metadata("topic", c.extension)); };
    make(c.endpoint, c.emulator);
    EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
    EXPECT_THAT(http_->requests.back().url, StartsWith(c.expected));
    EXPECT_EQ(!token_of(http_->requests.back()).empty(), c.has_token) << c.expected;
  }
}

TEST_F(PubsubTest, LetsNoNameLeadElsewhere) {
  metadata_ = [] { return answer(200, test_metadata("../a b?c#d%2F")); };
  deliver();
  EXPECT_EQ(http_->requests.back().url,
            "https://pubsub.googleapis.com/v1/projects/proj/topics/"
            "..%2Fa%20b%3Fc%23d%252F:publish");
}

TEST_F(PubsubTest, KeepsItsTokenUntilShortlyBeforeItEnds) {
  deliver();
  const std::string first = token_of(http_->requests.back());
  clock_.advance_s(3600 - 225 - 1);
  deliver();
  EXPECT_EQ(token_of(http_->requests.back()), first);
  clock_.advance_s(1);
  deliver();
  const std::string second = token_of(http_->requests.back());
  EXPECT_NE(second, first);
  clock_.advance_s(-100'000);  // the clock was set back: that token is from the future
  deliver();
  EXPECT_NE(token_of(http_->requests.back()), second);
}

TEST_F(PubsubTest, TriesANewTokenOnceWhenItIsRefused) {
  std::vector<std::string> tokens;
  publish_ = [&](const net::HttpRequest& request) {
    tokens.push_back(token_of(request));
    clock_.advance_s(1);
    return tokens.size() == 1 ? answer(401) : answer(200, R"({"messageIds":["1"]})");
  };
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
  ASSERT_EQ(tokens.size(), 2U);
  EXPECT_NE(tokens[0], tokens[1]);
  EXPECT_EQ(metadata_requests(), 1);
}

TEST_F(PubsubTest, AsksForTheMetadataWhenANewTokenIsRefusedToo) {
  publish_ = [&](const net::HttpRequest&) { return answer(401); };
  EXPECT_EQ(deliver().outcome, Outcome::kRetry);
  EXPECT_EQ(http_->requests.size(), 3U) << "the metadata and two tokens";
  EXPECT_EQ(deliver().outcome, Outcome::kUnauthorized) << "the metadata did not help";
  EXPECT_EQ(metadata_requests(), 2);
  publish_ = [](const net::HttpRequest&) { return answer(200, R"({"messageIds":["1"]})"); };
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
  publish_ = [&](const net::HttpRequest&) { return answer(401); };
  EXPECT_EQ(deliver().outcome, Outcome::kRetry) << "the first time again";
}

TEST_F(PubsubTest, UsesTheKeyPairThatTheServerHasNow) {
  const auto other = wire::RsaKey::generate();
  deliver();
  publish_ = [&](const net::HttpRequest& request) {
    const bool is_good =
        other->verify(token_of(request), clock_.now_ns() / 1'000'000'000).has_value();
    return is_good ? answer(200, R"({"messageIds":["1"]})") : answer(401);
  };
  EXPECT_EQ(deliver().outcome, Outcome::kRetry);
  metadata_ = [&] {
    auto metadata = wire::decode_metadata(test_metadata());
    metadata->service_account.private_key = other->private_pem();
    return answer(200, wire::encode_metadata(*metadata));
  };
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
}

TEST_F(PubsubTest, JudgesAnswers) {
  struct Case {
    Result<net::HttpResponse> answer;
    Outcome outcome;
    std::int64_t retry_after_ms;
    bool asks_metadata;
  };
  const Case cases[] = {
      {answer(200, R"({"messageIds":["1"]})"), Outcome::kDelivered, -1, false},
      {answer(200, "<html>hotel wifi</html>"), Outcome::kRetry, -1, false},
      {answer(200, R"({"messageIds":["1","2"]})"), Outcome::kRetry, -1, false},
      {answer(302), Outcome::kRetry, -1, false},
      {answer(400), Outcome::kRejected, -1, false},
      {answer(413), Outcome::kRejected, -1, false},
      {answer(403), Outcome::kRetry, -1, true},
      {answer(404), Outcome::kRetry, -1, true},
      {answer(408), Outcome::kRetry, -1, false},
      {answer(409), Outcome::kRejected, -1, false},
      {answer(409, R"({"error":{"status":"ABORTED"}})"), Outcome::kRetry, -1, false},
      {answer(429, "", {{"Retry-After", "3"}}), Outcome::kRetry, 3000, false},
      {answer(500), Outcome::kRetry, -1, false},
      {answer(503), Outcome::kRetry, -1, false},
      {fail(ErrorCode::kUnavailable, "reset"), Outcome::kRetry, -1, false},
      {fail(ErrorCode::kDeadlineExceeded, "slow"), Outcome::kRetry, -1, false},
  };
  for (const Case& c : cases) {
    make();
    publish_ = [&](const net::HttpRequest&) { return c.answer; };
    const Delivery delivery = deliver();
    const int status = c.answer ? c.answer->status : 0;
    EXPECT_EQ(delivery.outcome, c.outcome) << status;
    EXPECT_EQ(delivery.retry_after_ms, c.retry_after_ms) << status;
    refresh();
    EXPECT_EQ(metadata_requests(), c.asks_metadata ? 2 : 1) << status;
  }
}

TEST_F(PubsubTest, SaysWhenACallWasTooSlow) {
  const std::pair<Result<net::HttpResponse>, bool> cases[] = {
      {fail(ErrorCode::kDeadlineExceeded, "slow"), true},
      {fail(ErrorCode::kUnavailable, "reset"), false},
      {answer(408), true},
      {answer(503), false},
  };
  for (const auto& [given, is_too_slow] : cases) {
    make();
    publish_ = [&answer = given](const net::HttpRequest&) { return answer; };
    EXPECT_EQ(deliver().is_too_slow, is_too_slow);
  }
}

TEST_F(PubsubTest, RepeatsNothingOfAnAnswerButItsStatus) {
  publish_ = [](const net::HttpRequest&) {
    return answer(400, R"({"error":{"status":"INVALID_ARGUMENT","message":"hunter2"}})");
  };
  Delivery delivery = deliver();
  EXPECT_THAT(delivery.detail, HasSubstr("400 INVALID_ARGUMENT"));
  EXPECT_THAT(delivery.detail, Not(HasSubstr("hunter2")));
  publish_ = [](const net::HttpRequest&) {
    return answer(400, R"({"error":{"status":"hunter2"}})");
  };
  EXPECT_THAT(deliver().detail, Not(HasSubstr("hunter2")));
}

TEST_F(PubsubTest, AsksAgainForMetadataWithAKeyThatCannotBeRead) {
  metadata_ = [] {
    auto metadata = wire::decode_metadata(test_metadata());
    metadata->service_account.private_key = "nonsense";
    return answer(200, wire::encode_metadata(*metadata));
  };
  EXPECT_EQ(deliver().outcome, Outcome::kRetry);
  metadata_ = [] { return answer(200, test_metadata()); };
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
}

TEST_F(PubsubTest, WaitsForTheMetadata) {
  metadata_ = [] { return answer(500); };
  EXPECT_EQ(deliver().outcome, Outcome::kRetry);
  EXPECT_EQ(http_->requests.size(), 1U) << "nothing was published";
}

}  // namespace
}  // namespace apitoolkit::sdk
