#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>

#include "src/net/http_calls.h"
#include "src/net/scripted_server.h"

namespace apitoolkit::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

HttpRequest post(const std::string& url, std::string body, milliseconds patience = seconds(60)) {
  HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.body = std::move(body);
  request.deadline = std::chrono::steady_clock::now() + patience;
  return request;
}

void run_all(HttpCalls& calls) {
  while (calls.running() > 0) calls.run(milliseconds(100));
}

TEST(CurlCalls, RunAtTheSameTimeAndKeepTheirConnections) {
  std::mutex mutex;
  std::condition_variable wake;
  int waiting = 0;
  // Answers nobody before four have come.
  ScriptedServer server([&](const ScriptedRequest& request) {
    std::unique_lock lock(mutex);
    ++waiting;
    wake.notify_all();
    wake.wait(lock, [&] { return waiting >= 4; });
    return http_answer(200, request.body);
  });
  const auto calls = make_curl_calls();
  std::multiset<std::string> answered;
  int left = 40;
  std::function<void(HttpRequest)> start = [&](HttpRequest request) {
    calls->start(std::move(request), [&](HttpRequest sent, const Result<HttpResponse>& response) {
      ASSERT_TRUE(response) << response.error().message;
      EXPECT_EQ(response->status, 200);
      EXPECT_EQ(response->body, sent.body);
      answered.insert(response->body);
      if (left-- > 0) start(std::move(sent));
    });
  };
  for (const char* body : {"a", "b", "c", "d"}) start(post(server.url("/x"), body));
  EXPECT_EQ(calls->running(), 4u);
  run_all(*calls);
  EXPECT_EQ(answered.size(), 44u);
  EXPECT_EQ(server.connections(), 4);
}

TEST(CurlCalls, EndEachAtItsOwnDeadline) {
  ScriptedServer server([](const ScriptedRequest& request) {
    if (request.target == "/hang") return ScriptedAnswer{"", ScriptedAnswer::Then::kHang};
    return http_answer(200, "fine");
  });
  const auto calls = make_curl_calls();
  int ended = 0;
  calls->start(post(server.url("/hang"), "x", milliseconds(60)),
               [&](const HttpRequest& sent, const Result<HttpResponse>& response) {
                 ASSERT_FALSE(response);
                 EXPECT_EQ(response.error().code, ErrorCode::kDeadlineExceeded);
                 EXPECT_EQ(sent.body, "x");
                 ++ended;
               });
  calls->start(post(server.url("/"), "y"),
               [&](const HttpRequest&, const Result<HttpResponse>& response) {
                 ASSERT_TRUE(response);
                 EXPECT_EQ(response->body, "fine");
                 ++ended;
               });
  run_all(*calls);
  EXPECT_EQ(ended, 2);
}

TEST(CurlCalls, ACallThatCannotBeginEndsAtOnce) {
  const auto calls = make_curl_calls();
  int ended = 0;
  calls->start(post("no url", ""), [&](const HttpRequest&, const Result<HttpResponse>& response) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument);
    ++ended;
  });
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(calls->running(), 0u);
}

TEST(CurlCalls, SaysThatNobodyListensAndLeavesWhatRunsBehind) {
  std::string refused;
  {
    const ScriptedServer server([](const ScriptedRequest&) { return http_answer(200, ""); });
    refused = server.url("/");
  }
  ScriptedServer silent([](const ScriptedRequest&) {
    return ScriptedAnswer{"", ScriptedAnswer::Then::kHang};
  });
  const auto calls = make_curl_calls();
  int ended = 0;
  calls->start(post(refused, "x"), [&](const HttpRequest&, const Result<HttpResponse>& response) {
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
    ++ended;
  });
  calls->start(post(silent.url("/"), "x"),
               [&](const HttpRequest&, const Result<HttpResponse>&) { FAIL(); });
  while (ended == 0) calls->run(milliseconds(100));
  EXPECT_EQ(calls->running(), 1u);
}

}  // namespace
}  // namespace apitoolkit::net
