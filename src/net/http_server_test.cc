#include "src/net/http_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

#include "src/net/deflate.h"
#include "src/net/raw_client.h"

namespace apitoolkit::net {
namespace {

// Answers with what it was asked: "METHOD path?query|header X-Test|body".
void echo(const ServerRequest& request, const Responder& responder) {
  responder({200,
             {{"Content-Type", "text/plain"}},
             request.method + " " + request.path + "?" + request.query + "|" +
                 std::string(request.header("x-test")) + "|" + request.body});
}

std::unique_ptr<HttpServer> serve(HttpServerOptions options = {}, Handler handler = echo) {
  auto server = HttpServer::listen(std::move(options));
  EXPECT_TRUE(server) << server.error().message;
  (*server)->start(std::move(handler));
  return std::move(*server);
}

TEST(HttpServer, HandsOverTheWholeRequest) {
  const auto server = serve();
  RawClient client(server->port());
  const auto answer = client.call(raw_request("POST", "/a%20b?x=1&y", {"X-TEST: yes"}, "body"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "POST /a%20b?x=1&y|yes|body");
  EXPECT_EQ(answer->header("Connection"), "keep-alive");
  EXPECT_FALSE(answer->header("Date").empty());
}

TEST(HttpServer, KeepsAConnectionAndAnswersPipelinedRequestsInOrder) {
  const auto server = serve();
  RawClient client(server->port());
  std::string many;
  for (int i = 0; i < 50; i++) {
    many += raw_request("POST", "/" + std::to_string(i), {},
                        std::string(static_cast<std::size_t>(i), 'x'));
  }
  ASSERT_TRUE(client.send(many));
  for (int i = 0; i < 50; i++) {
    const auto answer = client.read();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body,
              "POST /" + std::to_string(i) + "?||" + std::string(static_cast<std::size_t>(i), 'x'));
  }
  EXPECT_EQ(server->counters().connections_opened, 1);
  EXPECT_EQ(server->counters().requests, 50);
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
  const auto server = serve();
  RawClient client(server->port());
  for (const char byte : raw_request("POST", "/slow", {}, "abc")) {
    ASSERT_TRUE(client.send({&byte, 1}));
  }
  EXPECT_EQ(client.read()->body, "POST /slow?||abc");
}

TEST(HttpServer, ReadsChunkedBodiesAndDropsTrailers) {
  const auto server = serve();
  RawClient client(server->port());
  const auto answer = client.call(
      "POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Test: smuggled\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "POST /c?||abcdefg");
}

TEST(HttpServer, InflatesBodiesWithinTheBound) {
  HttpServerOptions options;
  options.inflated_bytes_max = 1000;
  const auto server = serve(std::move(options));
  RawClient client(server->port());
  EXPECT_EQ(
      client.call(raw_request("POST", "/", {"Content-Encoding: gzip"}, gzip("squeezed")))->body,
      "POST /?||squeezed");
  EXPECT_EQ(client
                .call(raw_request("POST", "/", {"Content-Encoding: gzip"},
                                  gzip(std::string(100'000, 'x'))))
                ->status,
            413);
  RawClient damaged(server->port());
  EXPECT_EQ(damaged.call(raw_request("POST", "/", {"Content-Encoding: gzip"}, "not gzip"))->status,
            400);
  RawClient unknown(server->port());
  const auto answer = unknown.call(raw_request("POST", "/", {"Content-Encoding: br"}, "x"));
  EXPECT_EQ(answer->status, 415);
  EXPECT_EQ(answer->header("Accept-Encoding"), "gzip, deflate");
  EXPECT_EQ(server->counters().refused_too_large, 1);
  EXPECT_EQ(server->counters().refused_malformed, 2);
}

TEST(HttpServer, SaysContinueToAClientThatWaitsForIt) {
  const auto server = serve();
  RawClient client(server->port());
  ASSERT_TRUE(client.send(
      "POST /e HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  EXPECT_EQ(client.read()->status, 100);
  EXPECT_EQ(client.call("ok")->body, "POST /e?||ok");
}

TEST(HttpServer, AnswersHeadWithTheLengthAndNoBody) {
  const auto server = serve();
  RawClient client(server->port());
  const auto answer = client.call(raw_request("HEAD", "/h"), true);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("Content-Length"), "10");
  EXPECT_EQ(client.call(raw_request("GET", "/next"))->body, "GET /next?||");
}

TEST(HttpServer, ClosesWhereTheClientWantsThat) {
  const auto server = serve();
  RawClient old(server->port());
  EXPECT_EQ(old.call("GET /1 HTTP/1.0\r\n\r\n")->header("Connection"), "close");
  EXPECT_TRUE(old.is_closed());
  RawClient polite(server->port());
  EXPECT_EQ(polite.call(raw_request("GET", "/", {"Connection: close"}))->status, 200);
  EXPECT_TRUE(polite.is_closed());
}

struct BadRequest {
  const char* name;
  std::string bytes;
  int status;  // 0: closed without an answer
};

class HttpServerRefuses : public testing::TestWithParam<BadRequest> {};

// Each case ends its connection, and the server answers the next one as ever.
TEST_P(HttpServerRefuses, AndGoesOn) {
  HttpServerOptions options;
  options.body_bytes_max = 1000;
  const auto server = serve(std::move(options));
  RawClient client(server->port());
  client.send(GetParam().bytes);
  client.finish_sending();
  const auto answer = client.read();
  if (GetParam().status == 0) {
    EXPECT_FALSE(answer);
  } else {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, GetParam().status) << answer->body;
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_TRUE(client.is_closed());
  }
  RawClient next(server->port());
  EXPECT_EQ(next.call(raw_request("GET", "/alive"))->status, 200);
}

std::string with_header(const std::string& line) {
  return "GET / HTTP/1.1\r\nHost: t\r\n" + line + "\r\n\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Raw, HttpServerRefuses,
    testing::Values(
        BadRequest{"Nothing", "", 0}, BadRequest{"OnlyLineEnds", "\r\n\r\n\r\n", 400},
        BadRequest{"Garbage", std::string("\x00\xff\x13\x37 garbage\r\n\r\n", 16), 400},
        BadRequest{"TlsHello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11),
                   400},
        BadRequest{"NotQuiteHttp2", "PRI * HTTP/2.0\r\n\r\nSX\r\n\r\n", 400},
        BadRequest{"UnknownVersion", "GET / HTTP/3.0\r\nHost: t\r\n\r\n", 400},
        BadRequest{"NoVersion", "GET /\r\n\r\n", 400},
        BadRequest{"HalfAHeader", "GET / HTTP/1.1\r\nHost: t\r\nX-Ha", 400},
        BadRequest{"HalfABody", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc", 400},
        BadRequest{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        BadRequest{"TwoHosts", with_header("Host: u"), 400},
        BadRequest{"AbsoluteTarget", "GET http://a/b HTTP/1.1\r\nHost: t\r\n\r\n", 400},
        BadRequest{"AsteriskTarget", "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", 400},
        BadRequest{"ConnectTarget", "CONNECT a:1 HTTP/1.1\r\nHost: t\r\n\r\n", 400},
        BadRequest{"NegativeLength", with_header("Content-Length: -1"), 400},
        BadRequest{"LengthOverflow", with_header("Content-Length: 99999999999999999999999"), 400},
        BadRequest{"LengthInWords", with_header("Content-Length: ten"), 400},
        BadRequest{"TwoLengths", with_header("Content-Length: 1\r\nContent-Length: 2"), 400},
        BadRequest{"LengthAndChunked",
                   with_header("Content-Length: 3\r\nTransfer-Encoding: chunked"), 400},
        BadRequest{"ChunkedAndLength",
                   with_header("Transfer-Encoding: chunked\r\nContent-Length: 3"), 400},
        BadRequest{"UnknownTransferCoding", with_header("Transfer-Encoding: gzip"), 501},
        BadRequest{"CodingBeforeChunked", with_header("Transfer-Encoding: gzip, chunked"), 501},
        BadRequest{"BadChunkSize",
                   "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
        BadRequest{"ChunkTooLong",
                   "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" +
                       std::string(0xfff, 'x'),
                   413},
        BadRequest{"NameWithBlank", with_header("X Y: z"), 400},
        BadRequest{"LineWithoutColon", with_header("nothing"), 400},
        BadRequest{"ControlInValue", with_header(std::string("X: a\x01z", 6)), 400},
        BadRequest{"BareNewlineInValue", with_header("X: a\nY: b"), 400},
        BadRequest{"BodyTooLong", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n",
                   413},
        BadRequest{"HeaderTooLong", with_header("X: " + std::string(70'000, 'x')), 431},
        BadRequest{"TargetTooLong",
                   "GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\nHost: t\r\n\r\n", 431},
        BadRequest{"ManyHeaders", with_header([] {
                     std::string lines;
                     for (int i = 0; i < 20'000; i++) lines += "a: b\r\n";
                     return lines + "c: d";
                   }()),
                   431}),
    [](const auto& one) { return one.param.name; });

TEST(HttpServer, DeliversARefusalToAClientThatIsStillSending) {
  HttpServerOptions options;
  options.body_bytes_max = 1000;
  const auto server = serve(std::move(options));
  RawClient client(server->port());
  const auto answer = client.call(raw_request("POST", "/", {}, std::string(4 << 20, 'x')));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
}

TEST(HttpServer, GivesRefusalsTheShapeThatThePathAsksFor) {
  HttpServerOptions options;
  options.refusal = [](int status, const ServerRequest& request, std::string_view message) {
    return ServerResponse{status, {}, request.path + ": " + std::string(message).substr(0, 3)};
  };
  const auto server = serve(std::move(options));
  RawClient client(server->port());
  EXPECT_EQ(client.call("GET /p?q HTTP/1.1\r\n\r\n")->body, "/p: exa");
}

TEST(HttpServer, AnswersASlowRequestWith408) {
  HttpServerOptions options;
  options.request_timeout_ms = 50;
  const auto server = serve(std::move(options));
  for (const char* part :
       {"GET / HT", "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nab"}) {
    RawClient client(server->port());
    const auto answer = client.call(part);
    ASSERT_TRUE(answer) << part;
    EXPECT_EQ(answer->status, 408);
    client.finish_sending();
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(server->counters().refused_timeout, 2);
}

TEST(HttpServer, ClosesIdleConnectionsWithoutAWord) {
  HttpServerOptions options;
  options.idle_timeout_ms = 50;
  const auto server = serve(std::move(options));
  RawClient client(server->port());
  EXPECT_TRUE(client.is_closed());
}

TEST(HttpServer, TurnsAwayConnectionsOverTheBound) {
  HttpServerOptions options;
  options.connections_max = 8;
  const auto server = serve(std::move(options));
  std::vector<std::unique_ptr<RawClient>> held;
  for (int i = 0; i < 8; i++) {
    held.push_back(std::make_unique<RawClient>(server->port()));
    ASSERT_EQ(held.back()->call(raw_request("GET", "/"))->status, 200);
  }
  RawClient late(server->port());
  const auto answer = late.call(raw_request("GET", "/"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->header("Retry-After"), "1");
  EXPECT_EQ(held.front()->call(raw_request("GET", "/"))->status, 200);
  EXPECT_EQ(server->counters().refused_connections, 1);
}

TEST(HttpServer, BoundsAllBodiesTogether) {
  HttpServerOptions options;
  options.bodies_bytes_max = 1500;
  const auto server = serve(std::move(options));
  RawClient first(server->port());
  ASSERT_TRUE(first.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n" +
                         std::string(1000, 'x')));
  while (server->counters().body_bytes < 1000) std::this_thread::yield();
  RawClient second(server->port());
  EXPECT_EQ(second.call(raw_request("POST", "/", {}, std::string(1000, 'y')))->status, 503);
  EXPECT_EQ(first.call("x")->status, 200);
  // Its bytes are given back after it has its answer.
  while (server->counters().body_bytes > 0) std::this_thread::yield();
  RawClient third(server->port());
  EXPECT_EQ(third.call(raw_request("POST", "/", {}, std::string(1000, 'z')))->status, 200);
  EXPECT_EQ(server->counters().refused_busy, 1);
}

// Clients that ask for large answers and do not read them must not fill the memory.
TEST(HttpServer, BoundsAllAnswersTogether) {
  constexpr std::int64_t kLargeBytes = 32 << 20;  // more than the kernel takes for a socket
  HttpServerOptions options;
  options.answers_bytes_max = kLargeBytes * 3 / 2;
  options.refusal = [](int status, const ServerRequest& request, std::string_view) {
    return ServerResponse{status, {}, request.path};
  };
  const auto server =
      serve(std::move(options), [](const ServerRequest& request, const Responder& responder) {
        responder({200, {}, request.path == "/small" ? "small" : std::string(kLargeBytes, 'x')});
      });
  RawClient slow(server->port());
  ASSERT_TRUE(slow.send(raw_request("GET", "/slow")));
  while (server->counters().answer_bytes < kLargeBytes) std::this_thread::yield();
  RawClient second(server->port());
  const auto refused = second.call(raw_request("GET", "/second"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_EQ(refused->body, "/second");
  EXPECT_EQ(second.call(raw_request("GET", "/small"))->body, "small");
  EXPECT_EQ(second.call(raw_request("HEAD", "/head"), true)->status, 200);
  EXPECT_EQ(slow.read()->body.size(), static_cast<std::size_t>(kLargeBytes));
  while (server->counters().answer_bytes > 0) std::this_thread::yield();
  EXPECT_EQ(second.call(raw_request("GET", "/second"))->status, 200);
  EXPECT_EQ(server->counters().refused_busy, 1);
  // One that goes away gives back what was meant for it.
  ASSERT_TRUE(slow.send(raw_request("GET", "/slow")));
  while (server->counters().answer_bytes < kLargeBytes) std::this_thread::yield();
  slow.close();
  while (server->counters().answer_bytes > 0) std::this_thread::yield();
}

// As where memory runs out on an I/O thread: that connection is lost, and no other.
TEST(HttpServer, LosesOnlyTheConnectionWhoseHandlerThrows) {
  const auto server = serve({}, [](const ServerRequest& request, const Responder& responder) {
    if (request.path == "/throw") throw std::bad_alloc();
    echo(request, responder);
  });
  for (int i = 0; i < 8; i++) {
    RawClient client(server->port());
    EXPECT_EQ(client.call(raw_request("GET", "/throw"))->status, 500);
  }
  RawClient next(server->port());
  EXPECT_EQ(next.call(raw_request("GET", "/alive"))->status, 200);
  EXPECT_EQ(server->counters().exceptions, 8);
}

TEST(HttpServer, ServesManyIdleConnectionsAtOnce) {
  const auto server = serve();
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 400; i++) idle.push_back(std::make_unique<RawClient>(server->port()));
  for (auto& client : idle) ASSERT_EQ(client->call(raw_request("GET", "/"))->status, 200);
}

TEST(HttpServer, TakesAnswersFromAnyThreadAndOnlyTheFirst) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  const auto server = serve({}, [&](const ServerRequest& request, const Responder& responder) {
    const std::lock_guard lock(mutex);
    for (int i = 0; i < 4; i++) {
      threads.emplace_back([responder, path = request.path] { responder({200, {}, path}); });
    }
  });
  RawClient client(server->port());
  for (int i = 0; i < 50; i++) {
    const std::string path = "/" + std::to_string(i);
    ASSERT_EQ(client.call(raw_request("GET", path))->body, path);
  }
  const std::lock_guard lock(mutex);
  for (std::thread& thread : threads) thread.join();
}

TEST(HttpServer, AnswersWith500WhereAHandlerForgot) {
  const auto server = serve({}, [](const ServerRequest&, const Responder&) {});
  RawClient client(server->port());
  EXPECT_EQ(client.call(raw_request("GET", "/"))->status, 500);
}

TEST(HttpServer, NeverLetsAValueEndItsHeader) {
  const auto server = serve({}, [](const ServerRequest&, const Responder& responder) {
    responder({200, {{"X-Value", "a\r\nSet-Cookie: b"}}, ""});
  });
  RawClient client(server->port());
  const auto answer = client.call(raw_request("GET", "/"));
  EXPECT_EQ(answer->header("X-Value"), "a  Set-Cookie: b");
  EXPECT_EQ(answer->header("Set-Cookie"), "");
}

TEST(HttpServer, StopsAfterTheRequestsInFlight) {
  std::mutex mutex;
  std::condition_variable wake;
  std::optional<Responder> waiting;
  const auto server = serve({}, [&](const ServerRequest&, const Responder& responder) {
    const std::lock_guard lock(mutex);
    waiting = responder;
    wake.notify_all();
  });
  RawClient idle(server->port());
  RawClient busy(server->port());
  ASSERT_TRUE(busy.send(raw_request("GET", "/")));
  std::unique_lock lock(mutex);
  wake.wait(lock, [&] { return waiting.has_value(); });
  std::thread stopper([&] { server->stop(); });
  EXPECT_TRUE(idle.is_closed());
  (*waiting)({200, {}, "done"});
  waiting.reset();
  const auto answer = busy.read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(answer->header("Connection"), "close");
  stopper.join();
  EXPECT_FALSE(RawClient(server->port()).connected());
}

TEST(HttpServer, SurvivesAnAnswerThatComesAfterItsEnd) {
  std::optional<Responder> late;
  std::mutex mutex;
  std::condition_variable wake;
  {
    HttpServerOptions options;
    options.stop_timeout_ms = 10;
    const auto server =
        serve(std::move(options), [&](const ServerRequest&, const Responder& responder) {
          const std::lock_guard lock(mutex);
          late = responder;
          wake.notify_all();
        });
    RawClient client(server->port());
    ASSERT_TRUE(client.send(raw_request("GET", "/")));
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return late.has_value(); });
  }
  (*late)({200, {}, "nobody hears this"});
}

TEST(HttpServer, SaysThatAPortIsInUse) {
  const auto server = serve();
  HttpServerOptions options;
  options.port = server->port();
  const auto second = HttpServer::listen(std::move(options));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kAlreadyExists);
  EXPECT_NE(second.error().message.find("is in use"), std::string::npos);
}

TEST(HttpServer, AnswersAtEveryAddressAndSaysWhichOneIsInUse) {
  HttpServerOptions options;
  options.further = {{"127.0.0.1", 0, "--grpc-listen"}, {"127.0.0.1", 0, "--otlp-listen"}};
  auto server = HttpServer::listen(std::move(options));
  ASSERT_TRUE(server) << server.error().message;
  (*server)->start([](const ServerRequest& request, const Responder& responder) {
    responder({200, {}, request.path});
  });
  std::vector<std::uint16_t> ports = (*server)->further_ports();
  ASSERT_EQ(ports.size(), 2u);
  ports.push_back((*server)->port());
  for (const std::uint16_t port : ports) {
    RawClient client(port);
    const auto answer = client.call(raw_request("GET", "/here"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "/here");
  }
  HttpServerOptions late;
  late.further = {{"127.0.0.1", ports[1], "--otlp-listen"}};
  const auto second = HttpServer::listen(std::move(late));
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("--otlp-listen"), std::string::npos);
  (*server)->stop();
  for (const std::uint16_t port : ports) {
    HttpServerOptions again;
    again.port = port;
    EXPECT_TRUE(HttpServer::listen(std::move(again))) << "its port is free once it has stopped";
  }
}

TEST(HttpServer, RefusesAHostNameToListenOn) {
  HttpServerOptions options;
  options.host = "localhost";
  EXPECT_EQ(HttpServer::listen(std::move(options)).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace apitoolkit::net
