// The live tail over a real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <thread>

#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::ElementsAre;

ServerOptions in_memory() {
  ServerOptions options;
  options.store = store::make_memory_store();
  return options;
}

struct Event {
  std::string id;
  std::string name;
  std::string data;
};

// Reads events as a browser does.
class EventReader {
 public:
  EventReader(const TestServer& server, std::string_view target,
              std::vector<std::string> headers = {}, std::string_view key = kKey)
      : client_(server.port()) {
    headers.push_back("Authorization: Bearer " + std::string(key));
    client_.send(net::raw_request("GET", target, headers));
    const auto head = client_.read(true);
    status = head ? head->status : 0;
    content_type = head ? head->header("Content-Type") : "";
  }

  // The next event with that name; one with the name "" where the stream ends before.
  Event next(std::string_view name = "exchange", std::string_view or_name = {}) {
    while (true) {
      Event event = next_block();
      if (event.name == "over") return {};
      if (event.name == name || (!or_name.empty() && event.name == or_name)) return event;
    }
  }

  int status = 0;
  std::string content_type;

 private:
  Event next_block() {
    std::size_t end = std::string::npos;
    while ((end = text_.find("\n\n")) == std::string::npos) {
      const std::string chunk = client_.read_chunk();
      if (chunk.empty()) return {"", "over", ""};
      text_ += chunk;
    }
    Event event;
    std::istringstream lines(text_.substr(0, end + 1));
    text_.erase(0, end + 2);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t colon = line.find(": ");
      const std::string field = line.substr(0, colon);
      const std::string value = line.substr(colon + 2);
      if (field == "id") event.id = value;
      if (field == "event") event.name = value;
      if (field == "data") event.data += value;
    }
    return event;
  }

  net::RawClient client_;
  std::string text_;
};

std::string id_of(int number) {
  std::string text = "018f3b5e-7c1a-7abc-8def-000000000000";
  const std::string digits = std::to_string(number);
  return text.replace(text.size() - digits.size(), digits.size(), digits);
}

std::string numbered(int number, std::string_view members = "") {
  return message(
      "/n/" + std::to_string(number),
      R"("msg_id":")" + id_of(number) + "\"" + (members.empty() ? "" : "," + std::string(members)));
}

TEST(Tail, SendsWhatIsCommittedFromThenOnInItsOrder) {
  TestServer server(in_memory());
  server.publish({numbered(1)});
  EventReader reader(server, "/api/v1/tail?fields=id,url_path");
  ASSERT_EQ(reader.status, 200);
  EXPECT_EQ(reader.content_type, "text/event-stream");
  const Event ready = reader.next("ready");
  EXPECT_FALSE(ready.id.empty());
  server.publish({numbered(2), numbered(3)});
  server.publish({numbered(4)});
  std::string last_id = ready.id;
  for (const int number : {2, 3, 4}) {
    const Event event = reader.next();
    EXPECT_EQ(event.data, R"({"id":")" + id_of(number) + R"(","url_path":"/n/)" +
                              std::to_string(number) + "\"}");
    EXPECT_LT(std::stoll(last_id), std::stoll(event.id));
    last_id = event.id;
  }
}

// Acknowledged before it was asked for: the tail begins behind it, however close that was.
TEST(Tail, SendsNothingThatWasAcknowledgedBefore) {
  TestServer server(in_memory());
  for (int i = 0; i < 30; i++) {
    ASSERT_EQ(server.publish({numbered(2 * i)}).status, 200);
    EventReader reader(server, "/api/v1/tail?fields=id");
    ASSERT_EQ(reader.next("ready").name, "ready");
    ASSERT_EQ(server.publish({numbered(2 * i + 1)}).status, 200);
    EXPECT_EQ(reader.next().data, R"({"id":")" + id_of(2 * i + 1) + "\"}");
  }
}

TEST(Tail, IsSilentAboutWhatIsStoredAlready) {
  TestServer server(in_memory());
  server.publish({numbered(1)});
  EventReader reader(server, "/api/v1/tail?fields=url_path");
  reader.next("ready");
  server.publish({numbered(1), numbered(2), numbered(2, R"("status_code":500)")});
  server.publish({numbered(3)});
  EXPECT_EQ(reader.next().data, R"({"url_path":"/n/2"})");
  EXPECT_EQ(reader.next().data, R"({"url_path":"/n/3"})");
}

TEST(Tail, AProjectIsAWall) {
  TestServer server(in_memory());
  const std::string other = server.add_project("other");
  EventReader reader(server, "/api/v1/tail?fields=url_path", {}, other);
  reader.next("ready");
  server.publish({numbered(1)});
  const std::string path = server.publish_path(other);
  server.call("POST", path, {"Content-Type: application/json"}, publish_body({numbered(2)}));
  EXPECT_EQ(reader.next().data, R"({"url_path":"/n/2"})");
  // Nor is it let in by an id of the first one's.
  EventReader back(server, "/api/v1/tail?fields=url_path", {"Last-Event-ID: 1"}, other);
  EXPECT_EQ(back.next().data, R"({"url_path":"/n/2"})");
}

TEST(Tail, GoesOnWhereAClientLeftIt) {
  TestServer server(in_memory());
  std::string last_id;
  {
    EventReader reader(server, "/api/v1/tail?fields=url_path");
    reader.next("ready");
    server.publish({numbered(1), numbered(2)});
    last_id = reader.next().id;
  }
  server.publish({numbered(3)});
  EventReader reader(server, "/api/v1/tail?fields=url_path", {"Last-Event-ID: " + last_id});
  server.publish({numbered(4)});
  std::vector<std::string> seen;
  for (int i = 0; i < 3; i++) seen.push_back(reader.next().data);
  EXPECT_THAT(seen, ElementsAre(R"({"url_path":"/n/2"})", R"({"url_path":"/n/3"})",
                                R"({"url_path":"/n/4"})"));
}

TEST(Tail, MissesNothingAndRepeatsNothingWhileItIsComeBackToUnderLoad) {
  TestServer server(in_memory());
  std::string last_id = "0";
  int wanted = 0;
  std::thread publisher([&server] {
    for (int i = 0; i < 300; i++)
      server.publish({numbered(3 * i), numbered(3 * i + 1), numbered(3 * i + 2)});
  });
  for (int round = 0; round < 9; round++) {
    EventReader reader(server, "/api/v1/tail?fields=url_path", {"Last-Event-ID: " + last_id});
    for (int i = 0; i < 100; i++) {
      const Event event = reader.next();
      ASSERT_EQ(event.data, R"({"url_path":"/n/)" + std::to_string(wanted++) + "\"}");
      last_id = event.id;
    }
  }
  publisher.join();
}

TEST(Tail, OutlivesTheServerByItsIds) {
  const TemporaryDirectory directory;
  std::filesystem::copy_file(founded_catalog(), directory.path() + "/catalog.db");
  const auto options = [&directory] {
    ServerOptions made;
    made.data_directory = directory.path();
    return made;
  };
  std::string last_id;
  {
    TestServer server(options());
    EventReader reader(server, "/api/v1/tail?fields=url_path");
    reader.next("ready");
    server.publish({numbered(1)});
    last_id = reader.next().id;
    server.publish({numbered(2)});
    EXPECT_EQ(reader.next().data, R"({"url_path":"/n/2"})");
    server->stop();
    EXPECT_EQ(reader.next("end").data, R"({"reason":"the server stops"})");
  }
  TestServer server(options());
  EventReader reader(server, "/api/v1/tail?fields=url_path", {"Last-Event-ID: " + last_id});
  EXPECT_EQ(reader.next().data, R"({"url_path":"/n/2"})");
  server.publish({numbered(3)});
  EXPECT_EQ(reader.next().data, R"({"url_path":"/n/3"})");
}

TEST(Tail, EndsForAKeyThatIsRevoked) {
  TestServer server(in_memory());
  const auto key = server->accounts().add_key(*base::parse_uuid(kProject), "short", {2});
  EventReader reader(server, "/api/v1/tail", {}, key->secret);
  reader.next("ready");
  ASSERT_TRUE(server->accounts().revoke_key(key->key.id));
  EXPECT_EQ(reader.next("end").data, R"({"reason":"the key or the log-in is no longer valid"})");
  EXPECT_EQ(reader.next().name, "");
}

TEST(Tail, TellsASlowClientHowMuchItHasMissed) {
  TestServer server(in_memory());
  EventReader reader(server, "/api/v1/tail?fields=url_path,request_body");
  reader.next("ready");
  // Far more than sockets and the backlog hold: 60 × 300 kB.
  const std::string body(300'000, 'x');
  const std::string members = R"("request_body":")" + base::base64_encode(body) + "\"";
  constexpr int kSent = 60;
  for (int i = 0; i < kSent; i++) server.publish({numbered(i, members)});
  int seen = 0;
  std::int64_t lagged = 0;
  while (seen + lagged < kSent) {
    const Event event = reader.next("exchange", "lagged");
    ASSERT_NE(event.name, "");
    if (event.name == "lagged") {
      lagged += std::stoll(json_at(event.data, {"count"}));
    } else {
      seen++;
    }
  }
  EXPECT_GT(lagged, 0);
  EXPECT_GT(seen, 0);
}

TEST(Tail, LeavesOutBodiesThatAreTooLargeForAnEvent) {
  TestServer server(in_memory());
  EventReader reader(server, "/api/v1/tail");
  reader.next("ready");
  const std::string body(limits::kTailEventBytesMax, 'x');
  server.publish({numbered(1, R"("request_body":")" + base::base64_encode(body) + "\"")});
  const Event event = reader.next();
  EXPECT_EQ(json_at(event.data, {"url_path"}), "/n/1");
  EXPECT_EQ(json_at(event.data, {"request_body"}), "");
  EXPECT_EQ(json_at(event.data, {"status_code"}), "200");
}

TEST(Tail, WritesEveryEventOnOneLine) {
  TestServer server(in_memory());
  EventReader reader(server, "/api/v1/tail?fields=request_body");
  reader.next("ready");
  const std::string body = "{\"a\":\r\n\n 1,\n\"b\":\"event: end\\n\\ndata: {}\"}";
  server.publish({numbered(1, R"("request_body":")" + base::base64_encode(body) + "\"")});
  const Event event = reader.next();
  EXPECT_EQ(json_at(event.data, {"request_body", "a"}), "1");
  EXPECT_EQ(json_at(event.data, {"request_body", "b"}), "event: end\n\ndata: {}");
}

TEST(Tail, RefusesMoreThanAProjectMayHave) {
  TestServer server(in_memory());
  std::vector<std::unique_ptr<EventReader>> readers;
  for (int i = 0; i < limits::kTailListenersOfProjectMax; i++) {
    readers.push_back(std::make_unique<EventReader>(server, "/api/v1/tail"));
    EXPECT_EQ(readers.back()->status, 200);
  }
  EXPECT_EQ(server.get("/api/v1/tail").status, 429);
  readers.pop_back();
  // The one that left makes room once the server has seen it go.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  int status = 429;
  while (status == 429 && std::chrono::steady_clock::now() < deadline) {
    status = EventReader(server, "/api/v1/tail").status;
  }
  EXPECT_EQ(status, 200);
}

TEST(Tail, SaysWhatIsWrongWithARequest) {
  TestServer server(in_memory());
  const auto bad_id =
      server.call("GET", "/api/v1/tail",
                  {"Authorization: Bearer " + std::string(kKey), "Last-Event-ID: yesterday"});
  EXPECT_EQ(bad_id.status, 400);
  EXPECT_EQ(json_at(bad_id.body, {"pointer"}), "Last-Event-ID");
  const auto bad_field = server.get("/api/v1/tail?fields=nothing");
  EXPECT_EQ(bad_field.status, 400);
  EXPECT_EQ(json_at(bad_field.body, {"pointer"}), "fields");
  EXPECT_EQ(server.call("GET", "/api/v1/tail").status, 401);
  const auto head =
      server.call("HEAD", "/api/v1/tail", {"Authorization: Bearer " + std::string(kKey)});
  EXPECT_EQ(head.status, 200);
}

}  // namespace
}  // namespace apitoolkit::server
