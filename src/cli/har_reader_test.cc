#include "src/cli/har_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "src/base/clock.h"
#include "src/base/uuid.h"
#include "src/server/serve/har.h"
#include "src/wire/message.h"

namespace apitoolkit::cli {
namespace {

using testing::HasSubstr;

std::vector<Result<Exchange>> read(const std::string& entries) {
  std::vector<Result<Exchange>> out;
  const auto done = read_har(R"({"log":{"version":"1.2","entries":[)" + entries + "]}}",
                             [&out](std::size_t index, std::size_t, Result<Exchange> exchange) {
                               EXPECT_EQ(index, out.size());
                               out.push_back(std::move(exchange));
                               return true;
                             });
  EXPECT_TRUE(done);
  return out;
}

// As Chrome's network panel saves it.
constexpr const char* kChrome = R"({
  "_connectionId": "181", "_initiator": {"type": "other"}, "_priority": "VeryHigh",
  "_resourceType": "xhr", "cache": {}, "connection": "443", "pageref": "page_1",
  "request": {"method": "POST", "url": "https://user:secret@shop.example/orders?a=1&b=%20#part",
    "httpVersion": "http/2.0",
    "headers": [{"name": ":authority", "value": "shop.example"}, {"name": ":method", "value": "POST"},
                {"name": "content-type", "value": "application/json"},
                {"name": "accept", "value": "a"}, {"name": "accept", "value": "b"}],
    "queryString": [{"name": "a", "value": "1"}], "cookies": [], "headersSize": -1, "bodySize": 9,
    "postData": {"mimeType": "application/json", "text": "{\"id\": 7}"}},
  "response": {"status": 201, "statusText": "", "httpVersion": "http/2.0",
    "headers": [{"name": "content-encoding", "value": "br"}, {"name": "content-type", "value": "application/json"}],
    "cookies": [], "content": {"size": 11, "mimeType": "application/json", "text": "eyJvayI6dHJ1ZX0=", "encoding": "base64"},
    "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 310, "_error": null},
  "serverIPAddress": "[2001:db8::1]", "startedDateTime": "2026-03-01T10:00:00.123Z",
  "time": 42.5, "timings": {"blocked": 1.5, "dns": -1, "ssl": -1, "connect": -1, "send": 0.5, "wait": 20, "receive": 20.5, "_blocked_queueing": 1}})";

TEST(HarReader, ReadsWhatChromeWrites) {
  const auto all = read(kChrome);
  ASSERT_EQ(all.size(), 1u);
  ASSERT_TRUE(all[0]) << all[0].error().message;
  const Exchange& exchange = *all[0];
  EXPECT_EQ(exchange.method, "POST");
  EXPECT_EQ(exchange.host, "shop.example");
  EXPECT_EQ(exchange.raw_url, "/orders?a=1&b=%20");
  EXPECT_EQ(exchange.url_path, "/orders");
  EXPECT_EQ(exchange.proto_major, 2);
  EXPECT_EQ(exchange.proto_minor, 0);
  EXPECT_EQ(exchange.status_code, 201);
  EXPECT_EQ(base::format_rfc3339(exchange.start_ns), "2026-03-01T10:00:00.123000+00:00");
  EXPECT_EQ(exchange.duration_ns, 42'500'000);
  EXPECT_EQ(exchange.ttfb_ns, 22'000'000);
  EXPECT_EQ(exchange.request_body.bytes, "{\"id\": 7}");
  EXPECT_EQ(exchange.request_body.size, 9);
  EXPECT_EQ(exchange.response_body.bytes, "{\"ok\":true}");
  EXPECT_EQ(exchange.response_body.size, 11);
  const std::vector<Header> sent{
      {"content-type", "application/json"}, {"accept", "a"}, {"accept", "b"}};
  EXPECT_EQ(exchange.request_headers, sent);
  const std::vector<Header> received{{"content-type", "application/json"}};
  EXPECT_EQ(exchange.response_headers, received);
  EXPECT_EQ(exchange.sdk_type, "Har");
  EXPECT_TRUE(exchange.errors.empty());
}

TEST(HarReader, TakesTheQuirksOfOthers) {
  const auto one = [](const std::string& request, const std::string& response,
                      const std::string& more = "") {
    return R"({"startedDateTime":"2026-03-01T10:00:00.000+01:00","request":{"method":"GET","url":"http://h/")" +
           (request.empty() ? "" : "," + request) + R"(},"response":{)" + response + "}" +
           (more.empty() ? "" : "," + more) + "}";
  };
  // Firefox: a form as params; a version without a number.
  auto all = read(one(
      R"("httpVersion":"","postData":{"mimeType":"x","params":[{"name":"a b","value":"ü&"},{"name":"c"}],"text":""})",
      R"("status":200)"));
  ASSERT_TRUE(all[0]);
  EXPECT_EQ(all[0]->request_body.bytes, "a+b=%C3%BC%26&c=");
  EXPECT_EQ(all[0]->proto_major, 1);
  EXPECT_EQ(all[0]->proto_minor, 1);
  EXPECT_EQ(base::format_rfc3339(all[0]->start_ns), "2026-03-01T09:00:00.000000+00:00");
  EXPECT_EQ(all[0]->ttfb_ns, -1);
  // A blocked request: no response at all.
  all = read(one(R"("httpVersion":"h3")", R"("status":0,"_error":"net::ERR_BLOCKED_BY_CLIENT")",
                 R"("time":-1,"timings":{"wait":-1})"));
  ASSERT_TRUE(all[0]);
  EXPECT_EQ(all[0]->status_code, 0);
  EXPECT_EQ(all[0]->proto_major, 3);
  EXPECT_EQ(all[0]->duration_ns, 0);
  EXPECT_EQ(all[0]->errors.at(0).error_type, "net::ERR_BLOCKED_BY_CLIENT");
  // Numbers as texts, headers that are none, base64 in lines.
  all = read(one(R"("headers":[{"name":7,"value":8},{},7,null],"bodySize":"3")",
                 R"("status":"404","content":{"text":"YW\nJj","encoding":"BASE64"})",
                 R"("time":"1.5")"));
  ASSERT_TRUE(all[0]) << all[0].error().message;
  EXPECT_EQ(all[0]->status_code, 404);
  EXPECT_EQ(all[0]->response_body.bytes, "abc");
  EXPECT_EQ(all[0]->duration_ns, 1'500'000);
  EXPECT_EQ(all[0]->request_headers.size(), 1u);
  // A web socket, IPv6, no path.
  all = read(
      R"({"startedDateTime":"2026-03-01T10:00:00Z","request":{"method":"GET","url":"wss://[::1]:8080?q"},"response":{}})");
  ASSERT_TRUE(all[0]);
  EXPECT_EQ(all[0]->host, "[::1]:8080");
  EXPECT_EQ(all[0]->raw_url, "/?q");
}

TEST(HarReader, SaysWhyAnEntryIsNone) {
  struct Case {
    const char* entry;
    const char* reason;
  };
  for (
      const Case& c : {
          Case{"7", "expected an object"},
          {"{}", "request: is missing"},
          {R"({"request":{"method":"GET","url":"http://h/"}})", "startedDateTime"},
          {R"({"startedDateTime":"yesterday","request":{"method":"GET","url":"http://h/"}})",
           "startedDateTime"},
          {R"({"startedDateTime":"2026-03-01T10:00:00Z","request":{"url":"http://h/"}})",
           "request.method"},
          {R"({"startedDateTime":"2026-03-01T10:00:00Z","request":{"method":"GET","url":"data:text/plain,secret"}})",
           "request.url"},
          {R"({"startedDateTime":"2026-03-01T10:00:00Z","request":{"method":"GET","url":"http://"}})",
           "request.url"},
          {R"({"startedDateTime":"2026-03-01T10:00:00Z","request":{"method":"GET","url":"http://h/"},"response":{"content":{"text":"secret!","encoding":"base64"}}})",
           "response.content.text"},
          {R"({"request":{},"_apitoolkit":{"msg_id":"x"}})", "_apitoolkit: "},
      }) {
    const auto all = read(std::string(kChrome) + "," + c.entry);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_TRUE(all[0]);
    ASSERT_FALSE(all[1]) << c.entry;
    EXPECT_THAT(all[1].error().message, HasSubstr(c.reason));
    EXPECT_EQ(all[1].error().message.find("secret"), std::string::npos);
  }
  for (const char* text : {"", "[]", "{}", R"({"log":{}})", R"({"log":{"entries":{}}})"}) {
    EXPECT_FALSE(read_har(text, [](std::size_t, std::size_t, const Result<Exchange>&) {
      return true;
    })) << text;
  }
}

TEST(HarReader, MakesTheSameExchangeOfWhatWeWrite) {
  server::store::Record record;
  Exchange& exchange = record.exchange;
  exchange.id = *base::parse_uuid("018f3b5e-7c1a-7abc-8def-000000000001");
  record.identity = exchange.id;
  exchange.parent_id = *base::parse_uuid("018f3b5e-7c1a-7abc-8def-000000000002");
  exchange.direction = Direction::kOutgoing;
  exchange.sdk_type = "PythonHttpxOutgoing";
  exchange.start_ns = 1'772'000'000'123'456'000;
  exchange.duration_ns = 1234567;
  exchange.ttfb_ns = 1000;
  exchange.method = "POST";
  exchange.host = "api:8443";
  exchange.raw_url = "/a?b=1";
  exchange.url_path = "/{x}";
  exchange.status_code = 503;
  exchange.path_params = {{"x", "7", true}};
  exchange.query_params = {{"b", "1", false}};
  exchange.request_headers = {{"X-One", "1"}, {"x-one", "2"}, {"Content-Encoding", "gzip"}};
  exchange.response_headers = {{"Set-Cookie", "a=b; Path=/; HttpOnly"}};
  exchange.request_body = {"text \xF0\x9F\x99\x82", 100, true};
  exchange.response_body = {std::string("\xff\x00\x01", 3), -1, false};
  exchange.errors.push_back(
      {1'772'000'000'000'000'000, "E", "m", "R", "r", "trace", R"({"hash":"x"})"});
  exchange.tags = {"a", "b"};
  exchange.consumer = "alice";
  exchange.service_name = "shop";
  exchange.aborted = true;
  exchange.sample_weight = 2.5;
  exchange.redaction = {"request_body:invalid_json"};
  json::Writer w;
  server::serve::write_har_entry(record, w);
  const auto all = read(w.str());
  ASSERT_EQ(all.size(), 1u);
  ASSERT_TRUE(all[0]) << all[0].error().message;
  EXPECT_EQ(wire::encode_message(*all[0]), wire::encode_message(exchange));
}

}  // namespace
}  // namespace apitoolkit::cli
