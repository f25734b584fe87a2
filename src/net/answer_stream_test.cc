#include "src/net/answer_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "src/net/http_server.h"
#include "src/net/raw_client.h"

namespace apitoolkit::net {
namespace {

constexpr std::chrono::seconds kLong{60};

// What handlers leave for the test, which waits for it.
template <class T>
class Slot {
 public:
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  std::optional<T> take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kLong, [this] { return !values_.empty(); })) return std::nullopt;
    T value = std::move(values_.front());
    values_.erase(values_.begin());
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> values_;
};

// A server whose /stream hands its stream to the test, and whose /late its responder.
class Streams : public testing::Test {
 protected:
  void start(HttpServerOptions options = {}, std::int64_t backlog_bytes_max = 1000) {
    auto server = HttpServer::listen(std::move(options));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    server_->start(
        [this, backlog_bytes_max](const ServerRequest& request, const Responder& responder) {
          if (request.path == "/late") {
            responder.on_gone([this] { events_.put("gone"); });
            return responders_.put(responder);
          }
          if (request.path != "/stream") return responder({200, {}, request.path});
          StreamOptions stream;
          stream.backlog_bytes_max = backlog_bytes_max;
          stream.drained = [this] { events_.put("drained"); };
          stream.gone = [this] { events_.put("gone"); };
          streams_.put(responder.stream({200, {{"Content-Type", "text/plain"}}, ""}, stream));
        });
  }

  std::unique_ptr<AnswerStream> stream() {
    auto stream = streams_.take();
    EXPECT_TRUE(stream);
    return stream ? std::move(*stream) : nullptr;
  }

  Slot<std::unique_ptr<AnswerStream>> streams_;
  Slot<Responder> responders_;
  Slot<std::string> events_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Streams, SendTheHeadAtOnceAndEachPieceAsItComes) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  const auto head = client.read(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(head->header("Content-Type"), "text/plain");
  EXPECT_EQ(head->header("Content-Length"), "");
  const auto sent = stream();
  for (const char* piece : {"one", "two and more than sixteen bytes"}) {
    EXPECT_TRUE(sent->write(piece));
    EXPECT_EQ(client.read_chunk(), piece);
  }
}

TEST_F(Streams, EndAndLeaveTheConnectionForTheNextRequest) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  {
    const auto sent = stream();
    EXPECT_TRUE(sent->write("last"));
    sent->end();
    EXPECT_FALSE(sent->write("too late"));
    EXPECT_FALSE(sent->is_open());
  }
  EXPECT_EQ(client.read_chunk(), "last");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_EQ(client.call(raw_request("GET", "/next"))->body, "/next");
  EXPECT_EQ(server_->counters().connections_opened, 1);
}

TEST_F(Streams, ThatAreBrokenOffDoNotLookWhole) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream") + raw_request("GET", "/next")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  EXPECT_TRUE(sent->write("some"));
  EXPECT_EQ(client.read_chunk(), "some");
  sent->abort();
  EXPECT_FALSE(sent->is_open());
  // Neither a last chunk nor the answer to the next request.
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_FALSE(client.read());
}

TEST_F(Streams, OfRequestsThatArePipelinedAreAnsweredInTheirOrder) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream") + raw_request("GET", "/next")));
  ASSERT_TRUE(client.read(true));
  {
    const auto sent = stream();
    EXPECT_TRUE(sent->write("first"));
  }  // its end is the stream's
  EXPECT_EQ(client.read_chunk(), "first");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_EQ(client.read()->body, "/next");
}

TEST_F(Streams, ToOldClientsEndWithTheConnection) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send("GET /stream HTTP/1.0\r\n\r\n"));
  const auto head = client.read(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("Transfer-Encoding"), "");
  const auto sent = stream();
  EXPECT_TRUE(sent->write("plain"));
  sent->end();
  EXPECT_EQ(client.read_to_end(), "plain");
}

TEST_F(Streams, ToHeadAreOverFromTheStart) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("HEAD", "/stream")));
  EXPECT_EQ(client.read(true)->status, 200);
  const auto sent = stream();
  EXPECT_EQ(events_.take(), "gone");
  EXPECT_FALSE(sent->write("x"));
}

TEST_F(Streams, TellWhenTheClientLeaves) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  client.close();
  EXPECT_EQ(events_.take(), "gone");
  EXPECT_FALSE(sent->is_open());
  EXPECT_FALSE(sent->write("x"));
}

TEST_F(Streams, RefuseWhatASlowClientLeavesAndTellWhenThereIsRoomAgain) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  const std::string piece(1000, 'x');  // the whole backlog at once
  std::size_t taken = 0;
  // The kernel's buffers take some megabytes; then the backlog fills for good.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  for (int refusals = 0; refusals < 1000 && std::chrono::steady_clock::now() < deadline;) {
    if (sent->write(piece)) {
      taken += piece.size();
      refusals = 0;
    } else {
      refusals++;
      std::this_thread::yield();
    }
  }
  EXPECT_LE(server_->counters().answer_bytes, 1000);
  EXPECT_FALSE(sent->write(std::string(1001, 'x'))) << "more than fits into an empty backlog";
  std::size_t read = 0;
  while (read < taken) {
    const std::string chunk = client.read_chunk();
    ASSERT_FALSE(chunk.empty());
    read += chunk.size();
  }
  EXPECT_EQ(read, taken);
  do {
    ASSERT_EQ(events_.take(), "drained");
  } while (!sent->write("there is room"));
  EXPECT_EQ(client.read_chunk(), "there is room");
}

TEST_F(Streams, TogetherStayWithinTheBoundOnAllAnswers) {
  HttpServerOptions options;
  options.answers_bytes_max = 100;
  start(std::move(options));
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  EXPECT_FALSE(sent->write(std::string(101, 'x')));
  EXPECT_TRUE(sent->write(std::string(100, 'x')));
  EXPECT_EQ(client.read_chunk().size(), 100u);
}

TEST_F(Streams, ThatNobodyReadsAreCutOff) {
  HttpServerOptions options;
  options.request_timeout_ms = 50;
  start(std::move(options));
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  const std::string piece(1000, 'x');
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (sent->is_open() && std::chrono::steady_clock::now() < deadline) {
    if (!sent->write(piece)) std::this_thread::yield();
  }
  EXPECT_FALSE(sent->is_open());
}

TEST_F(Streams, EndInGoodOrderWhenTheServerStops) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  EXPECT_TRUE(sent->write("before"));
  server_->stop();
  EXPECT_EQ(events_.take(), "gone");
  EXPECT_EQ(client.read_chunk(), "before");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(server_->counters().answer_bytes, 0);
}

TEST_F(Streams, MayOutliveTheirServer) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  server_ = nullptr;
  EXPECT_FALSE(sent->write("x"));
  sent->end();
}

TEST_F(Streams, AreWrittenByManyThreadsAtOnce) {
  start({}, 1 << 20);
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/stream")));
  ASSERT_TRUE(client.read(true));
  const auto sent = stream();
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int i = 0; i < 4; i++) {
    writers.emplace_back([&sent] {
      for (int n = 0; n < 500; n++) EXPECT_TRUE(sent->write("line\n"));
    });
  }
  for (std::thread& writer : writers) writer.join();
  sent->end();
  std::string all;
  for (std::string chunk = client.read_chunk(); !chunk.empty(); chunk = client.read_chunk()) {
    all += chunk;
  }
  std::string wanted;
  for (int i = 0; i < 2000; i++) wanted += "line\n";
  EXPECT_EQ(all, wanted);
}

TEST_F(Streams, ALateAnswerLearnsThatItsClientHasLeft) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/late")));
  const auto responder = responders_.take();
  ASSERT_TRUE(responder);
  client.close();
  EXPECT_EQ(events_.take(), "gone");
  (*responder)({200, {}, "to nobody"});
}

TEST_F(Streams, AClientThatOnlyEndsItsSideIsStillAnswered) {
  start();
  RawClient client(server_->port());
  ASSERT_TRUE(client.send(raw_request("GET", "/late")));
  const auto responder = responders_.take();
  ASSERT_TRUE(responder);
  client.finish_sending();
  EXPECT_EQ(events_.take(), "gone");
  (*responder)({200, {}, "answer"});
  EXPECT_EQ(client.read()->body, "answer");
}

TEST_F(Streams, WatchingAClientLosesNothingOfItsNextRequest) {
  start();
  RawClient client(server_->port());
  for (int i = 0; i < 3; i++) {
    ASSERT_TRUE(client.send(raw_request("GET", "/late")));
    const auto responder = responders_.take();
    ASSERT_TRUE(responder);
    const std::string next = raw_request("GET", "/next");
    const bool early = i == 1;  // while the first is being handled
    ASSERT_TRUE(!early || client.send(next));
    (*responder)({200, {}, "answer"});
    EXPECT_EQ(client.read()->body, "answer");
    ASSERT_TRUE(early || client.send(next));
    EXPECT_EQ(client.read()->body, "/next");
  }
  server_->stop();
  EXPECT_TRUE(client.is_closed());
}

}  // namespace
}  // namespace apitoolkit::net
