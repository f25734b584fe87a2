#include "src/sdk/deliver/otlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "src/sdk/deliver/fake_world.h"
#include "src/sdk/deliver/transports.h"

namespace apitoolkit::sdk {
namespace {

using Outcome = Delivery::Outcome;
using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kMessage = R"({"method":"GET","raw_url":"/a","host":"shop.example"})";

class OtlpTest : public testing::Test {
 protected:
  // A transport whose server answers metadata with `metadata_` and spans with `receive_`.
  void make(const std::string& key = "", std::vector<Header> headers = {}) {
    auto http = std::make_unique<FakeHttp>([this](const net::HttpRequest& request) {
      return request.method == "GET" ? metadata_() : receive_(request);
    });
    http_ = http.get();
    transport_ = std::make_unique<OtlpTransport>(
        OtlpTransport::Options{{"http://server", key, "test/1"},
                               {"http://collector:4318/v1/traces", "otlp_endpoint", headers},
                               {"shop", "", "test/1", "cpp", key}},
        std::move(http), clock_);
  }

  Delivery deliver(const std::vector<std::string_view>& messages = {kMessage}) {
    if (!transport_) make();
    Delivery known = transport_->refresh(deadline_, interrupt_);
    if (known.outcome != Outcome::kDelivered) return known;
    return transport_->deliver(messages, deadline_, interrupt_);
  }

  std::chrono::steady_clock::time_point deadline_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  std::atomic<bool> interrupt_ = false;
  FakeClock clock_;
  std::function<Result<net::HttpResponse>()> metadata_ = [] {
    return answer(200, test_metadata());
  };
  FakeHttp::Script receive_ = [](const net::HttpRequest&) { return answer(200); };
  std::unique_ptr<OtlpTransport> transport_;
  FakeHttp* http_ = nullptr;
};

std::string inflated(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(16 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_F(OtlpTest, PostsProtobufToACollectorThatIsAskedNothingElse) {
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
  ASSERT_EQ(http_->requests.size(), 1U);
  const net::HttpRequest& request = http_->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://collector:4318/v1/traces");
  EXPECT_EQ(header_of(request, "Content-Type"), "application/x-protobuf");
  EXPECT_EQ(header_of(request, "User-Agent"), "test/1");
  EXPECT_EQ(header_of(request, "Authorization"), "");
  EXPECT_EQ(header_of(request, "Content-Encoding"), "") << "too short for it to pay";
  EXPECT_THAT(request.body, HasSubstr("shop.example"));
  EXPECT_EQ(request.deadline, deadline_);
  EXPECT_EQ(request.interrupt, &interrupt_);
}

TEST_F(OtlpTest, CompressesWhatGetsShorter) {
  const std::string header(2000, 'x');
  const std::string message = R"({"method":"GET","request_headers":{"x":")" + header + "\"}}";
  EXPECT_EQ(deliver({message}).outcome, Outcome::kDelivered);
  const net::HttpRequest& request = http_->requests.back();
  EXPECT_EQ(header_of(request, "Content-Encoding"), "gzip");
  EXPECT_LT(request.body.size(), header.size());
  EXPECT_THAT(inflated(request.body), HasSubstr(header));
}

TEST_F(OtlpTest, IdentifiesItselfByTheKeyAndObeysTheProjectsRules) {
  metadata_ = [] { return answer(200, test_metadata("t", R"({"redact":{"headers":["X-Id"]}})")); };
  make("key");
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
  ASSERT_EQ(http_->requests.size(), 2U);
  EXPECT_EQ(http_->requests[0].url, "http://server/api/client_metadata");
  EXPECT_EQ(header_of(http_->requests[1], "Authorization"), "Bearer key");
  EXPECT_THAT(http_->requests[1].body, HasSubstr("at-project-key"));
  EXPECT_EQ(transport_->settings().rules.headers, std::vector<std::string>{"X-Id"});
  metadata_ = [] { return answer(401); };
  make("key");
  EXPECT_EQ(deliver().outcome, Outcome::kUnauthorized);
  EXPECT_EQ(http_->requests.size(), 1U) << "no span was sent";
}

TEST_F(OtlpTest, SaysWhatItIsToldToInPlaceOfItsOwn) {
  make("key", {{"authorization", "Basic eA=="}, {"X-Tenant", "a"}});
  EXPECT_EQ(deliver().outcome, Outcome::kDelivered);
  const net::HttpRequest& request = http_->requests.back();
  EXPECT_EQ(header_of(request, "authorization"), "Basic eA==");
  EXPECT_EQ(header_of(request, "X-Tenant"), "a");
  EXPECT_EQ(header_of(request, "Authorization"), "");
}

TEST_F(OtlpTest, JudgesAnswers) {
  struct Case {
    Result<net::HttpResponse> answer;
    Outcome outcome;
    std::int64_t retry_after_ms = -1;
    bool is_too_slow = false;
  };
  const Case cases[] = {
      {answer(200), Outcome::kDelivered},
      {answer(200, "{}"), Outcome::kDelivered},  // of one that answers JSON whatever it is asked in
      {answer(202), Outcome::kDelivered},
      {answer(200, "<html>", {{"Content-Type", "text/html; charset=utf-8"}}), Outcome::kRetry},
      {answer(302), Outcome::kRetry},
      {answer(400), Outcome::kRejected},
      {answer(401), Outcome::kUnauthorized},
      {answer(403), Outcome::kUnauthorized},
      {answer(404), Outcome::kRetry},
      {answer(405), Outcome::kRejected},
      {answer(408), Outcome::kRetry, -1, true},
      {answer(413), Outcome::kRejected},
      {answer(415), Outcome::kRejected},
      {answer(422), Outcome::kRejected},
      {answer(429, "", {{"Retry-After", "3"}}), Outcome::kRetry, 3000},
      {answer(500), Outcome::kRejected},  // what the specification wants
      {answer(502), Outcome::kRetry},
      {answer(503, "", {{"Retry-After", "7"}}), Outcome::kRetry, 7000},
      {answer(504), Outcome::kRetry},
      {fail(ErrorCode::kUnavailable, "reset"), Outcome::kRetry},
      {fail(ErrorCode::kDeadlineExceeded, "slow"), Outcome::kRetry, -1, true},
  };
  for (const Case& c : cases) {
    make();
    receive_ = [&](const net::HttpRequest&) { return c.answer; };
    const Delivery delivery = deliver();
    const int status = c.answer ? c.answer->status : 0;
    EXPECT_EQ(delivery.outcome, c.outcome) << status;
    EXPECT_EQ(delivery.retry_after_ms, c.retry_after_ms) << status;
    EXPECT_EQ(delivery.is_too_slow, c.is_too_slow) << status;
    EXPECT_EQ(delivery.detail.empty(), c.outcome == Outcome::kDelivered) << status;
    EXPECT_EQ(delivery.rejected, 0) << status;
  }
}

TEST_F(OtlpTest, SaysWhereThereIsNoReceiver) {
  receive_ = [](const net::HttpRequest&) { return answer(404, "hunter2"); };
  EXPECT_EQ(deliver().detail,
            "there is no receiver of OTLP traces (404 from http://collector:4318/v1/traces)");
}

TEST_F(OtlpTest, CountsWhatAReceiverRefusedAndRepeatsNothingOfItsReasons) {
  receive_ = [](const net::HttpRequest&) {
    return answer(200, "\x0a\x0b\x08\x01\x12\x07hunter2"s);
  };
  const Delivery delivery = deliver({kMessage, kMessage});
  EXPECT_EQ(delivery.outcome, Outcome::kDelivered);
  EXPECT_EQ(delivery.rejected, 1);
  EXPECT_THAT(delivery.detail, HasSubstr("refused 1 of 2 spans"));
  EXPECT_THAT(delivery.detail, Not(HasSubstr("hunter2")));
  receive_ = [](const net::HttpRequest&) { return answer(200, "\x0a\x02\x08\x07"s); };
  EXPECT_EQ(deliver({kMessage, kMessage}).rejected, 2) << "never more than were sent";
  receive_ = [](const net::HttpRequest&) {
    return answer(200, "\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  };
  EXPECT_EQ(deliver().rejected, 0);
  receive_ = [](const net::HttpRequest&) { return answer(400, "hunter2"); };
  EXPECT_THAT(deliver().detail, Not(HasSubstr("hunter2")));
}

TEST_F(OtlpTest, RefusesWhatIsNoExchangeWithoutSendingOrRepeatingIt) {
  const Delivery delivery = deliver({kMessage, R"({"method":"GET","timestamp":"hunter2"})"});
  EXPECT_EQ(delivery.outcome, Outcome::kRejected);
  EXPECT_THAT(delivery.detail, Not(HasSubstr("hunter2")));
  EXPECT_EQ(http_->requests.size(), 0U);
}

TEST_F(OtlpTest, SendsABatchAsLargeAsThereIs) {
  std::string message = R"({"method":"GET","response_body":")";
  const std::string text(std::size_t{9} * 1000 * 1000 - 100, 'Q');
  message += text;
  message += "\"}";
  EXPECT_EQ(deliver({message}).outcome, Outcome::kDelivered);
  const std::string body = inflated(http_->requests.back().body);
  EXPECT_THAT(body, HasSubstr(text));
  EXPECT_LT(body.size(), message.size() + 2000);
}

// --- What Config::transport makes of it ---

class Transports : public testing::Test {
 protected:
  Channel make(const Config& config) {
    World world;
    world.clock = &clock_;
    world.emulator_host = "emulator:1";
    world.otel.endpoint = "http://collector:4318";
    world.make_http_client = [this] {
      return std::make_unique<FakeHttp>([this](const net::HttpRequest& request) {
        requests_.push_back(request);
        return request.method == "GET" ? answer(200, test_metadata("t", R"({"pubsub_endpoint":
            "http://metadata:1"})"))
                                       : answer(200, R"({"messageIds":["1"]})");
      });
    };
    return make_channel(config, world);
  }

  // Where one message is sent.
  std::string url_of(const Config& config) {
    requests_.clear();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const std::atomic<bool> interrupt = false;
    const Channel channel = make(config);
    if (channel.settings != nullptr) channel.settings->refresh(deadline, interrupt);
    const std::vector<std::string_view> messages = {kMessage};
    EXPECT_EQ(channel.transport->deliver(messages, deadline, interrupt).outcome,
              Outcome::kDelivered);
    return requests_.back().url;
  }

  FakeClock clock_;
  std::vector<net::HttpRequest> requests_;
};

TEST_F(Transports, HttpPublishesToTheServerItself) {
  Config config;
  config.transport = "http";
  config.api_key = "key";
  config.root_url = "http://server:8080/";
  EXPECT_EQ(url_of(config), "http://server:8080/v1/projects/proj/topics/t:publish");
  EXPECT_THAT(header_of(requests_.back(), "Authorization"), HasSubstr("Bearer "));
  config.pubsub_endpoint = "http://other:1";
  EXPECT_EQ(url_of(config), "http://other:1/v1/projects/proj/topics/t:publish");
}

TEST_F(Transports, OtlpAsksTheServerOnlyWithAKey) {
  Config config;
  config.transport = "otlp";
  config.service_name = "shop";
  EXPECT_EQ(make(config).settings, nullptr);
  EXPECT_EQ(url_of(config), "http://collector:4318/v1/traces");
  EXPECT_EQ(requests_.size(), 1U);
  EXPECT_THAT(requests_.back().body, HasSubstr("shop"));
  config.api_key = "key";
  EXPECT_NE(make(config).settings, nullptr);
  EXPECT_EQ(url_of(config), "http://collector:4318/v1/traces");
  EXPECT_EQ(requests_.size(), 2U);
}

}  // namespace
}  // namespace apitoolkit::sdk
