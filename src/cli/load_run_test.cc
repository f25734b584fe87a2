#include "src/cli/load_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "src/base/uuid.h"
#include "src/cli/load_report.h"
#include "src/json/document.h"
#include "src/net/scripted_server.h"
#include "src/wire/jwt.h"
#include "src/wire/message.h"
#include "src/wire/metadata.h"
#include "src/wire/pubsub.h"

namespace apitoolkit::cli {
namespace {

using net::http_answer;
using net::ScriptedAnswer;
using net::ScriptedRequest;
using testing::HasSubstr;
using Then = net::ScriptedAnswer::Then;

const wire::RsaKey& key() {
  static const wire::RsaKey made = *wire::RsaKey::generate();
  return made;
}

std::string ids(std::size_t count) {
  return wire::encode_publish_response(std::vector<std::string>(count, "1"));
}

// A server that remembers what it was sent, and answers publishes as a test says.
class LoadRunTest : public testing::Test {
 protected:
  using Answer = std::function<ScriptedAnswer(int publish, std::size_t messages)>;

  LoadReport run(LoadPlan plan, std::FILE* acknowledged = nullptr) {
    net::ScriptedServer server([this](const ScriptedRequest& request) { return answer(request); });
    const auto door = make_pubsub_door({server.url(), "the-key"}, base::system_clock());
    const auto http = net::make_curl_client();
    const Status opened = door->open(*http);
    EXPECT_TRUE(opened) << opened.error().message;
    const auto calls = net::make_curl_calls();
    LoadRun run(plan, *door, *calls, base::system_clock(), acknowledged,
                [this](const LoadRun::Now& now) { parts_.push_back(now.part); });
    return run.run(interrupt_);
  }

  ScriptedAnswer answer(const ScriptedRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.method == "GET") {
      EXPECT_EQ(request.target, "/api/client_metadata");
      EXPECT_EQ(request.headers.at("authorization"), "Bearer the-key");
      wire::ClientMetadata metadata{"11111111-2222-4333-8444-555555555555",
                                    "the-topic",
                                    "the-project",
                                    {"the-project", "k1", key().private_pem(), "a@b"},
                                    {}};
      return http_answer(200, wire::encode_metadata(metadata));
    }
    EXPECT_EQ(request.target, "/v1/projects/the-project/topics/the-topic:publish");
    const auto messages = wire::decode_publish_request(request.body);
    EXPECT_TRUE(messages) << messages.error().message;
    batches_.push_back(messages->size());
    ScriptedAnswer answer = answer_(static_cast<int>(batches_.size()), messages->size());
    const bool is_taken = answer.bytes.find("messageIds") != std::string::npos;
    for (const wire::PubsubMessage& message : *messages) {
      const auto exchange = wire::decode_message(message.data);
      EXPECT_TRUE(exchange) << exchange.error().message;
      const std::string id = base::format_uuid(exchange->id);
      if (is_taken) ++taken_[id];
      starts_.push_back(exchange->start_ns);
    }
    return answer;
  }

  std::mutex mutex_;
  Answer answer_ = [](int, std::size_t messages) { return http_answer(200, ids(messages)); };
  std::vector<std::size_t> batches_;
  std::map<std::string, int> taken_;
  std::vector<std::int64_t> starts_;
  std::vector<double> parts_;
  std::atomic<bool> interrupt_{false};
};

TEST_F(LoadRunTest, SendsACountInBatches) {
  const LoadReport report = run({.batch = 30, .connections = 3, .count = 100});
  EXPECT_EQ(report.refusal, "");
  EXPECT_EQ(report.sent, 100);
  EXPECT_EQ(report.acknowledged, 100);
  EXPECT_EQ(report.measured, 100);
  EXPECT_EQ(report.unacknowledged, 0);
  EXPECT_EQ(report.latency.count(), 100);
  EXPECT_EQ(report.retried, 0);
  std::sort(batches_.begin(), batches_.end());
  EXPECT_EQ(batches_, (std::vector<std::size_t>{10, 30, 30, 30}));
  EXPECT_EQ(taken_.size(), 100u);
}

TEST_F(LoadRunTest, SendsAgainWhatIsNotAcknowledgedUntilItIs) {
  answer_ = [](int publish, std::size_t messages) {
    switch (publish % 4) {
      case 1:
        return http_answer(429, "{}", "Retry-After: 0\r\n");
      case 2:
        return http_answer(200, ids(messages - 1));  // not ours
      case 3:
        return ScriptedAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", Then::kClose};
      default:
        return http_answer(200, ids(messages));
    }
  };
  const LoadReport report = run({.batch = 10, .connections = 2, .count = 50});
  EXPECT_EQ(report.acknowledged, 50);
  EXPECT_EQ(report.unacknowledged, 0);
  EXPECT_GE(report.refused, 2);
  EXPECT_GE(report.failed, 1);
  EXPECT_EQ(report.retried, report.refused + report.failed);
  // Everything that was acknowledged has come, under the same ids.
  EXPECT_EQ(taken_.size(), 50u);
}

TEST_F(LoadRunTest, WritesDownWhatWasAcknowledgedAndNothingElse) {
  answer_ = [](int publish, std::size_t messages) {
    return publish > 3 ? http_answer(401, "no longer") : http_answer(200, ids(messages));
  };
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  const LoadReport report = run({.batch = 10, .connections = 1, .count = 100}, file);
  EXPECT_EQ(report.acknowledged, 30);
  EXPECT_EQ(report.unacknowledged, 10);
  EXPECT_THAT(report.refusal, HasSubstr("401: no longer"));
  std::rewind(file);
  std::string text(64 << 10, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  std::istringstream lines(text);
  std::set<std::string> written;
  for (std::string line; std::getline(lines, line);) written.insert(line);
  std::set<std::string> taken;
  for (const auto& [id, times] : taken_) taken.insert(id);
  EXPECT_EQ(written, taken);
}

TEST_F(LoadRunTest, SpreadsTheCountOverTheTimeGiven) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  constexpr std::int64_t kSince = 1'790'000'000'000'000'000;
  const LoadReport report = run({.batch = 100,
                                 .connections = 1,
                                 .count = 2000,
                                 .since_ns = kSince,
                                 .until_ns = kSince + 4 * kDay});
  EXPECT_EQ(report.acknowledged, 2000);
  EXPECT_TRUE(std::is_sorted(starts_.begin(), starts_.end()));
  EXPECT_GE(starts_.front(), kSince);
  EXPECT_LT(starts_.back(), kSince + 4 * kDay);
  std::map<std::int64_t, int> days;
  for (const std::int64_t start : starts_) ++days[(start - kSince) / kDay];
  ASSERT_EQ(days.size(), 4u);
  for (const auto& [day, count] : days) EXPECT_NEAR(count, 500, 5) << day;
}

TEST_F(LoadRunTest, ReachesTheEndOfAnHourToo) {
  constexpr std::int64_t kHour = 3'600'000'000'000;
  constexpr std::int64_t kSince = 1'790'000'000'000'000'000;
  run({.batch = 100,
       .connections = 1,
       .count = 1000,
       .since_ns = kSince,
       .until_ns = kSince + kHour});
  EXPECT_LT(starts_.front(), kSince + kHour / 100);
  EXPECT_GT(starts_.back(), kSince + kHour * 99 / 100);
  EXPECT_LT(starts_.back(), kSince + kHour);
}

TEST_F(LoadRunTest, KeepsToTheRate) {
  const LoadReport report = run({.batch = 10, .connections = 4, .rate = 500, .count = 100});
  EXPECT_EQ(report.acknowledged, 100);
  EXPECT_GE(report.seconds, 0.18);  // the last of ten batches is due 180 ms after the first
}

TEST_F(LoadRunTest, EndsAtItsTimeAndMeasuresAfterTheWarmUp) {
  const LoadReport report =
      run({.batch = 5, .connections = 2, .rate = 200, .duration_s = 0.5, .warmup_s = 0.5});
  EXPECT_EQ(report.unacknowledged, 0);
  EXPECT_EQ(report.refusal, "");
  EXPECT_GE(report.seconds, 0.4);
  EXPECT_GT(report.measured, 0);
  EXPECT_LT(report.measured, report.acknowledged);
  EXPECT_TRUE(std::is_sorted(parts_.begin(), parts_.end()));
}

TEST_F(LoadRunTest, GivesUpAServerThatHasGone) {
  answer_ = [](int, std::size_t) { return http_answer(503, "{}", "Retry-After: 0\r\n"); };
  const LoadReport report = run({.batch = 5, .connections = 2, .count = 100, .patience_s = 0.3});
  EXPECT_EQ(report.acknowledged, 0);
  EXPECT_EQ(report.unacknowledged, 10);
  EXPECT_GT(report.refused, 0);
}

// A batch that is sent again was waited for, also when it is the only one.
TEST_F(LoadRunTest, GivesUpAServerThatBreaksEveryConnection) {
  answer_ = [](int, std::size_t) { return ScriptedAnswer{"", Then::kReset}; };
  const LoadReport report = run({.batch = 5, .connections = 1, .count = 100, .patience_s = 0.3});
  EXPECT_EQ(report.acknowledged, 0);
  EXPECT_GT(report.failed, 0);
}

TEST_F(LoadRunTest, EndsWhenItIsInterrupted) {
  answer_ = [this](int publish, std::size_t messages) {
    interrupt_ = publish == 3;
    return http_answer(200, ids(messages));
  };
  const LoadReport report = run({.batch = 5, .connections = 1, .count = 1'000'000});
  EXPECT_LE(report.acknowledged, 20);
}

TEST(PubsubDoor, SaysInOneSentenceWhyItCannotOpen) {
  const auto open = [](const ScriptedAnswer& answer) {
    net::ScriptedServer server([&](const ScriptedRequest&) { return answer; });
    const auto door = make_pubsub_door({server.url(), "k"}, base::system_clock());
    const auto http = net::make_curl_client();
    const Status opened = door->open(*http);
    EXPECT_FALSE(opened);
    return opened ? std::string() : opened.error().message;
  };
  EXPECT_THAT(open(http_answer(401, "")), HasSubstr("does not accept the API key"));
  EXPECT_THAT(open(http_answer(404, "<html>")), HasSubstr("404; is this the address"));
  EXPECT_THAT(open(http_answer(200, "<html>")), HasSubstr("/api/client_metadata: "));
}

TEST(VictoriaLogsDoor, SendsTheMessageWithItsBodiesAsText) {
  const auto door = make_victorialogs_door({"http://h", ""});
  TrafficMix mix({});
  std::string body;
  door->begin(body);
  constexpr int kCount = 50;
  for (int i = 0; i < kCount; ++i) {
    const std::string_view message = mix.next(1'790'000'000'000'000'000);
    const std::size_t begin = body.size();
    door->add({message, mix.request_body(), mix.response_body()}, body);
    ASSERT_EQ(body.find('\n', begin), body.size() - 1) << "one line each";
    const auto line = json::Document::parse(std::string_view(body).substr(begin));
    ASSERT_TRUE(line) << body.substr(begin);
    const auto original = json::Document::parse(message);
    EXPECT_EQ((*line)[0].count, (*original)[0].count);
    EXPECT_EQ(line->text(*line->member(0, "request_body")), mix.request_body());
    EXPECT_EQ(line->text(*line->member(0, "response_body")), mix.response_body());
    EXPECT_EQ(line->text(*line->member(0, "msg_id")), mix.id());
  }
}

TEST(LoadReport, IsReadableAndJson) {
  LoadReport report;
  report.seconds = 2;
  report.measured = report.acknowledged = report.sent = 1'234'500;
  report.messages = 1'234'500;
  report.message_bytes = 1'234'500 * 2500L;
  report.latency.add(1500, 1'234'400);
  report.latency.add(90'000, 100);
  report.retried = 7;
  report.unacknowledged = 3;
  const std::string text = load_report_text(report);
  EXPECT_THAT(text, HasSubstr("1,234,500 exchanges acknowledged in 2.0 s: 617,250/s"));
  EXPECT_THAT(text, HasSubstr("max 90.0 ms"));
  EXPECT_THAT(text, HasSubstr("7 sent again"));
  EXPECT_THAT(text, HasSubstr("3 of 1,234,500 exchanges were sent and not acknowledged"));
  const std::string json = load_report_json(report);
  const auto document = json::Document::parse(json);
  ASSERT_TRUE(document) << json;
  EXPECT_THAT(json, HasSubstr("\"exchanges_per_s\":617250"));
  EXPECT_THAT(json, HasSubstr("\"p50\":1.5"));
}

TEST(LoadReport, OfNothingIsNoDivisionByZero) {
  EXPECT_THAT(load_report_text({}), HasSubstr("0 exchanges acknowledged"));
  EXPECT_TRUE(json::Document::parse(load_report_json({})));
}

TEST(LoadReport, TheLiveLineFits) {
  LoadReport report;
  report.refused = 12;
  const LoadRun::Now now{30, 0.25, report};
  EXPECT_EQ(load_live_line(now, 61'200, 120),
            "sending  [#######---------------------]   25 %  61,200/s  12 refused  90 s left");
  for (const int columns : {10, 40, 60}) {
    EXPECT_LE(load_live_line(now, 61'200, columns).size(), static_cast<std::size_t>(columns));
  }
}

}  // namespace
}  // namespace apitoolkit::cli
