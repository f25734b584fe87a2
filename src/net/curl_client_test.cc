#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "src/net/http_client.h"
#include "src/net/scripted_server.h"

namespace apitoolkit::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Then = ScriptedAnswer::Then;

HttpRequest get(const std::string& url) {
  HttpRequest request;
  request.url = url;
  request.deadline = std::chrono::steady_clock::now() + seconds(30);
  return request;
}

// A server that gives every request the same answer.
ScriptedServer::Script always(ScriptedAnswer answer) {
  return [answer = std::move(answer)](const ScriptedRequest&) { return answer; };
}

int unused_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

TEST(CurlClient, SendsWhatItIsGivenAndReturnsWhatItGets) {
  ScriptedRequest seen;
  ScriptedServer server([&](const ScriptedRequest& request) {
    seen = request;
    return http_answer(201, "answer", "X-One: 1\r\nx-two:  2 \r\n");
  });
  const auto client = make_curl_client();
  HttpRequest request = get(server.url("/a?b=1"));
  request.method = "POST";
  request.headers = {{"Authorization", "Bearer k"}, {"X-Empty", ""}};
  request.body = std::string(3'000'000, 'b');
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "answer");
  EXPECT_EQ(response->header("X-TWO"), "2");
  EXPECT_EQ(response->header("absent"), "");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/a?b=1");
  EXPECT_EQ(seen.headers["authorization"], "Bearer k");
  EXPECT_EQ(seen.headers.count("x-empty"), 1U);
  EXPECT_EQ(seen.headers.count("expect"), 0U);
  EXPECT_EQ(seen.body, request.body);
}

TEST(CurlClient, SpeaksOtherMethods) {
  std::string method;
  ScriptedServer server([&](const ScriptedRequest& request) {
    method = request.method;
    return request.method == "HEAD" ? ScriptedAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}
                                    : http_answer(200, "");
  });
  const auto client = make_curl_client();
  for (const char* name : {"GET", "HEAD", "PUT", "DELETE", "POST"}) {
    HttpRequest request = get(server.url());
    request.method = name;
    ASSERT_TRUE(client->send(request)) << name;
    EXPECT_EQ(method, name);
  }
}

TEST(CurlClient, KeepsItsConnection) {
  ScriptedServer server(always(http_answer(200, "x")));
  const auto client = make_curl_client();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client->send(get(server.url())));
  EXPECT_EQ(server.connections(), 1);
}

TEST(CurlClient, ConnectsAgainAfterTheServerClosed) {
  ScriptedServer server([](const ScriptedRequest&) {
    ScriptedAnswer answer = http_answer(200, "x");
    answer.then = Then::kClose;
    return answer;
  });
  const auto client = make_curl_client();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->send(get(server.url())));
}

TEST(CurlClient, FollowsNoRedirect) {
  ScriptedServer server(always(http_answer(302, "", "Location: http://127.0.0.1:1/\r\n")));
  const auto response = make_curl_client()->send(get(server.url()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
}

TEST(CurlClient, HandsOverAnAnswerPieceByPiece) {
  const std::string body(300'000, 'b');
  ScriptedServer server(always(http_answer(200, body)));
  const auto client = make_curl_client();
  HttpRequest request = get(server.url("/"));
  request.response_bytes_max = 10;
  std::string got;
  request.on_piece = [&got](std::string_view piece) {
    got += piece;
    return true;
  };
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(got, body);
  request.on_piece = [](std::string_view) { return false; };
  const auto ended = client->send(request);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
}

TEST(CurlClient, LeavesTheBodyOfAnErrorInTheResponse) {
  ScriptedServer server(always(http_answer(400, "wrong")));
  const auto client = make_curl_client();
  HttpRequest request = get(server.url("/"));
  request.on_piece = [](std::string_view) { return false; };
  const auto response = client->send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "wrong");
}

TEST(CurlClient, ForgetsInterimAnswers) {
  ScriptedServer server(always({"HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" +
                                http_answer(200, "x", "X-Late: 1\r\n").bytes}));
  const auto response = make_curl_client()->send(get(server.url()));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->header("X-Early"), "");
  EXPECT_EQ(response->header("X-Late"), "1");
}

TEST(CurlClient, UsesNoProxyForTheLoopback) {
  ScriptedServer server(always(http_answer(200, "direct")));
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto response = make_curl_client()->send(get(server.url()));
  unsetenv("http_proxy");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "direct");
}

TEST(CurlClient, TellsApartWhatCanGoWrong) {
  std::string many_headers = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 5000; ++i) many_headers += "X-Header: " + std::string(100, 'x') + "\r\n";
  struct Case {
    const char* name;
    ScriptedAnswer answer;
    ErrorCode code;
  };
  const Case cases[] = {
      {"reset", {"", Then::kReset}, ErrorCode::kUnavailable},
      {"closed without an answer", {"", Then::kClose}, ErrorCode::kUnavailable},
      {"garbage", {"\x01\x02 garbage\r\n\r\n", Then::kClose}, ErrorCode::kUnavailable},
      {"half a head", {"HTTP/1.1 200 OK\r\nContent-Le", Then::kReset}, ErrorCode::kUnavailable},
      {"half a body",
       {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", Then::kClose},
       ErrorCode::kUnavailable},
      {"a bad chunk",
       {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Then::kClose},
       ErrorCode::kUnavailable},
      {"a long body", http_answer(200, std::string(1 << 16, 'x')), ErrorCode::kResourceExhausted},
      {"an endless head", {many_headers, Then::kHang}, ErrorCode::kResourceExhausted},
  };
  for (const Case& c : cases) {
    ScriptedServer server(always(c.answer));
    HttpRequest request = get(server.url());
    request.response_bytes_max = 1 << 15;
    const auto response = make_curl_client()->send(request);
    ASSERT_FALSE(response) << c.name;
    EXPECT_EQ(response.error().code, c.code) << c.name << ": " << response.error().message;
    EXPECT_FALSE(response.error().message.empty()) << c.name;
  }
}

TEST(CurlClient, SaysThatNobodyListens) {
  const auto response =
      make_curl_client()->send(get("http://127.0.0.1:" + std::to_string(unused_port())));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kUnavailable);
}

TEST(CurlClient, EndsAtItsDeadline) {
  for (const ScriptedAnswer& answer :
       {ScriptedAnswer{"", Then::kHang}, ScriptedAnswer{"HTTP/1.1 200 OK\r\n", Then::kHang},
        ScriptedAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", Then::kHang}}) {
    ScriptedServer server(always(answer));
    HttpRequest request = get(server.url());
    request.deadline = std::chrono::steady_clock::now() + milliseconds(100);
    const auto response = make_curl_client()->send(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kDeadlineExceeded);
  }
}

TEST(CurlClient, EndsWhenInterrupted) {
  std::atomic<bool> interrupt = false;
  ScriptedServer server([&](const ScriptedRequest&) {
    interrupt = true;  // only now, so that the call is surely under way
    return ScriptedAnswer{"", Then::kHang};
  });
  HttpRequest request = get(server.url());
  request.interrupt = &interrupt;
  const auto client = make_curl_client();
  const auto response = client->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "interrupted");
}

TEST(CurlClient, IsUsableAfterEveryFailure) {
  std::atomic<int> count = 0;
  ScriptedServer server([&](const ScriptedRequest&) {
    return ++count % 2 == 1
               ? ScriptedAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", Then::kReset}
               : http_answer(200, "fine");
  });
  const auto client = make_curl_client();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(client->send(get(server.url())));
    const auto response = client->send(get(server.url()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "fine");
  }
}

TEST(CurlClient, RefusesWhatItCannotSend) {
  const auto client = make_curl_client();
  for (const char* url : {"", "ftp://127.0.0.1/", "file:///etc/hostname", "127.0.0.1:80", "http://",
                          "http://a b/", "gopher://127.0.0.1"}) {
    const auto response = client->send(get(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument) << url;
  }
  for (const Header& header : {Header{"X", "a\r\nY: b"}, Header{"X\n", "a"}, Header{"", "a"},
                               Header{"X", std::string("a\0b", 3)}}) {
    HttpRequest request = get("http://127.0.0.1:1/");
    request.headers = {header};
    const auto response = client->send(request);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace apitoolkit::net
