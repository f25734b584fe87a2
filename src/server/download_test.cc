// Exchanges as files: NDJSON, CSV, HAR.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "src/base/uuid.h"
#include "src/server/serve/csv_cell.h"
#include "src/server/serve/har.h"
#include "src/server/test_server.h"
#include "src/wire/message.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kParent = "018f3b5e-7c1a-7abc-8def-000000000001";
constexpr const char* kChild = "018f3b5e-7c1a-7abc-8def-000000000002";

std::string body(std::string_view name, std::string_view bytes) {
  return "\"" + std::string(name) + "\":\"" + base::base64_encode(bytes) + "\"";
}

class DownloadRest : public testing::Test {
 protected:
  static ServerOptions in_memory() {
    ServerOptions options;
    options.store = store::make_memory_store();
    return options;
  }

  // The chunks of an answer that is streamed, to its end.
  std::string streamed(const std::string& target, const std::string& accept = "*/*") {
    net::RawClient client(server_.port());
    client.send(net::raw_request(
        "GET", target, {"Authorization: Bearer " + std::string(kKey), "Accept: " + accept}));
    const auto head = client.read(true);
    EXPECT_TRUE(head);
    if (!head) return {};
    EXPECT_EQ(head->status, 200);
    head_ = *head;
    std::string text;
    for (std::string chunk; !(chunk = client.read_chunk()).empty();) text += chunk;
    return text;
  }

  void publish_two() {
    server_.publish({message(
        "/orders/7?a=1&b=x%20y",
        R"("msg_id":")" + std::string(kParent) +
            R"(","timestamp":"2026-03-01T10:00:00.5Z","host":"shop.example:443","method":"POST",)"
            R"("url_path":"/orders/{id}","path_params":{"id":7},"duration":2500000,"ttfb":1500000,)"
            R"("request_headers":{"Content-Type":"application/json","Cookie":"a=1; b=2"},)"
            R"("response_headers":{"Content-Type":"image/png","Location":"/next"},)" +
            body("request_body", R"({"é":1})") + "," + body("response_body", "\x89PNG\xff") +
            R"(,"request_body_size":8,"tags":["t"],"consumer":"=cmd|'/c calc'!A1")")});
    server_.publish({message(
        "/inner",
        R"("msg_id":")" + std::string(kChild) +
            R"(","timestamp":"2026-03-01T10:00:01Z","sdk_type":"JsOutgoing","parent_id":")" +
            kParent + "\"")});
  }

  TestServer server_{in_memory()};
  net::RawAnswer head_;
};

TEST_F(DownloadRest, AnExchangeIsAnArchiveWithItsCalls) {
  publish_two();
  const auto answer = server_.get("/api/v1/exchanges/" + std::string(kParent) + "/har");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(answer.header("Content-Disposition"), StartsWith("attachment; filename=\"exchange-"));
  const std::string log = json_at(answer.body, {"log"});
  EXPECT_EQ(json_at(log, {"version"}), "1.2");
  EXPECT_EQ(json_at(log, {"creator", "name"}), "APIToolkit");
  ASSERT_EQ(json_count(log, {"entries"}), 2u);
  const std::string entry = json_at(log, {"entries", "0"});
  EXPECT_EQ(json_at(entry, {"startedDateTime"}), "2026-03-01T10:00:00.500000+00:00");
  EXPECT_EQ(json_at(entry, {"time"}), "2.5");
  EXPECT_EQ(json_at(entry, {"timings", "wait"}), "1.5");
  const std::string request = json_at(entry, {"request"});
  EXPECT_EQ(json_at(request, {"method"}), "POST");
  EXPECT_EQ(json_at(request, {"url"}), "https://shop.example:443/orders/7?a=1&b=x%20y");
  EXPECT_EQ(json_at(request, {"httpVersion"}), "HTTP/1.1");
  EXPECT_EQ(json_at(request, {"queryString", "1", "value"}), "x y");
  EXPECT_EQ(json_at(request, {"postData", "mimeType"}), "application/json");
  EXPECT_EQ(json_at(request, {"postData", "text"}), R"({"é":1})");
  EXPECT_EQ(json_at(request, {"postData", "_encoding"}), "");
  EXPECT_EQ(json_at(request, {"bodySize"}), "8");
  const std::string response = json_at(entry, {"response"});
  EXPECT_EQ(json_at(response, {"status"}), "200");
  EXPECT_EQ(json_at(response, {"statusText"}), "OK");
  EXPECT_EQ(json_at(response, {"redirectURL"}), "/next");
  EXPECT_EQ(json_at(entry, {"_apitoolkit", "msg_id"}), kParent);
  EXPECT_EQ(json_at(entry, {"_apitoolkit", "request_headers"}), "{}");
  EXPECT_EQ(json_at(entry, {"_apitoolkit", "url_path"}), "/orders/{id}");
  EXPECT_EQ(json_at(log, {"entries", "1", "_apitoolkit", "msg_id"}), kChild);
  EXPECT_EQ(server_.get("/api/v1/exchanges/" + std::string(36, 'x') + "/har").status, 404);
}

TEST_F(DownloadRest, BodiesOfAnArchiveAreTextOrBase64) {
  store::Record record;
  record.exchange.method = "POST";
  record.exchange.request_body.bytes = "\xff\x01";
  record.exchange.response_body.bytes = "\xff\x02";
  json::Writer w;
  serve::write_har_entry(record, w);
  const std::string entry = w.str();
  EXPECT_EQ(json_at(entry, {"request", "postData", "text"}), "/wE=");
  EXPECT_EQ(json_at(entry, {"request", "postData", "_encoding"}), "base64");
  EXPECT_EQ(json_at(entry, {"response", "content", "text"}), "/wI=");
  EXPECT_EQ(json_at(entry, {"response", "content", "encoding"}), "base64");
}

TEST_F(DownloadRest, LinesAreMessagesThatAnyDoorTakes) {
  publish_two();
  const std::string text = streamed("/api/v1/exchanges?format=ndjson");
  EXPECT_EQ(head_.header("Content-Type"), "application/x-ndjson");
  EXPECT_THAT(head_.header("Content-Disposition"), HasSubstr(".ndjson\""));
  const std::size_t end = text.find('\n');
  ASSERT_NE(end, std::string::npos);
  const auto newest = wire::decode_message(std::string_view(text).substr(0, end));
  ASSERT_TRUE(newest);
  EXPECT_EQ(base::format_uuid(newest->id), kChild);
  const auto other =
      wire::decode_message(std::string_view(text).substr(end + 1, text.size() - end - 2));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->url_path, "/orders/{id}");
  EXPECT_EQ(other->request_body.bytes, R"({"é":1})");
}

TEST_F(DownloadRest, FieldsQueryLimitAndAcceptChoose) {
  publish_two();
  EXPECT_EQ(streamed("/api/v1/exchanges?format=ndjson&fields=url_path"),
            "{\"url_path\":\"/inner\"}\n{\"url_path\":\"/orders/{id}\"}\n");
  EXPECT_EQ(streamed("/api/v1/exchanges?format=ndjson&fields=url_path&limit=1"),
            "{\"url_path\":\"/inner\"}\n");
  EXPECT_EQ(streamed("/api/v1/exchanges?fields=url_path&query=method%20%3D%3D%20%22POST%22",
                     "text/html, application/x-ndjson;q=0.5"),
            "{\"url_path\":\"/orders/{id}\"}\n");
  const std::string har = streamed("/api/v1/exchanges?format=har");
  EXPECT_EQ(json_count(har, {"log", "entries"}), 2u);
  EXPECT_EQ(json_count(streamed("/api/v1/exchanges?format=har&until=2020-01-01T00:00:00Z"),
                       {"log", "entries"}),
            0u);
  EXPECT_EQ(server_.get("/api/v1/exchanges?format=xml").status, 400);
  EXPECT_EQ(server_.get("/api/v1/exchanges?format=har&fields=id").status, 400);
  EXPECT_EQ(server_.get("/api/v1/exchanges?limit=1001").status, 400);
  EXPECT_EQ(server_.get("/api/v1/exchanges?format=csv&limit=0").status, 400);
  EXPECT_EQ(server_
                .call("HEAD", "/api/v1/exchanges?format=csv",
                      {"Authorization: Bearer " + std::string(kKey)})
                .status,
            200);
}

// Captured content must not run in a spreadsheet.
TEST_F(DownloadRest, CellsOfCsvAreNoFormulas) {
  publish_two();
  EXPECT_EQ(streamed("/api/v1/exchanges?format=csv&fields=id,duration,consumer,tags&limit=5"),
            "id,duration,consumer,tags\r\n" + std::string(kChild) + ",1000,,[]\r\n" + kParent +
                ",2500000,\"'=cmd|'/c calc'!A1\",\"[\"\"t\"\"]\"\r\n");
  struct Case {
    const char* text;
    const char* cell;
  };
  for (const Case& c : {Case{"plain", "plain"},
                        {"a,b", "\"a,b\""},
                        {"say \"x\"", "\"say \"\"x\"\"\""},
                        {"two\nlines", "\"two\nlines\""},
                        {"=1+1", "\"'=1+1\""},
                        {"+1", "\"'+1\""},
                        {"-1", "\"'-1\""},
                        {"@SUM(A1)", "\"'@SUM(A1)\""},
                        {"\t=1", "\"'\t=1\""},
                        {"\r=1", "\"'\r=1\""},
                        {"  =1", "\"'  =1\""},
                        {"＝1", "\"'＝1\""},
                        {"", ""}}) {
    EXPECT_EQ(serve::csv_cell(c.text), c.cell);
  }
}

TEST_F(DownloadRest, AreWholeHoweverSlowlyTheyAreRead) {
  const std::string filler(60'000, 'x');
  for (int batch = 0; batch < 4; ++batch) {
    std::vector<std::string> messages;
    for (int i = 0; i < 25; ++i) {
      messages.push_back(message("/n" + std::to_string(batch * 25 + i),
                                 body("response_body", "\"" + filler + "\"")));
    }
    ASSERT_EQ(server_.publish(messages).status, 200);
  }
  // Several megabytes, far more than a stream's backlog.
  const std::string text = streamed("/api/v1/exchanges?format=ndjson");
  EXPECT_GT(text.size(), 7'000'000u);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 100);
  EXPECT_EQ(text.back(), '\n');
}

TEST_F(DownloadRest, MayRunAgainWhenClientsHaveGone) {
  const std::string filler(500'000, 'x');
  std::vector<std::string> messages;
  for (int i = 0; i < 12; ++i) {
    messages.push_back(
        message("/n" + std::to_string(i), body("response_body", "\"" + filler + "\"")));
  }
  for (const std::string& one : messages) ASSERT_EQ(server_.publish({one}).status, 200);
  const auto ask = [&](net::RawClient& client) {
    client.send(net::raw_request("GET", "/api/v1/exchanges?format=ndjson",
                                 {"Authorization: Bearer " + std::string(kKey)}));
    return client.read(true)->status;
  };
  {
    net::RawClient first(server_.port());
    net::RawClient second(server_.port());
    EXPECT_EQ(ask(first), 200);
    EXPECT_EQ(ask(second), 200);
    net::RawClient third(server_.port());
    EXPECT_EQ(ask(third), 503);
  }
  // Their places are free once the server has noticed.
  int status = 503;
  for (int tries = 0; status == 503 && tries < 2000; ++tries) {
    net::RawClient again(server_.port());
    status = ask(again);
    if (status == 503) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace apitoolkit::server
