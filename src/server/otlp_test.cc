// OTLP over HTTP through the whole server: keys, answers, what is stored.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "src/base/limits.h"
#include "src/net/deflate.h"
#include "src/server/test_server.h"

namespace apitoolkit::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

std::string attribute(const std::string& key, const std::string& value) {
  return R"({"key":")" + key + R"(","value":{"stringValue":")" + value + R"("}})";
}

std::string span(const std::string& span_id, const std::string& path, const std::string& more = "",
                 const std::string& parent = "", int kind = 2) {
  return R"({"traceId":")" + std::string(kTrace) + R"(","spanId":")" + span_id +
         R"(","parentSpanId":")" + parent + R"(","kind":)" + std::to_string(kind) +
         R"(,"attributes":[)" + attribute("http.request.method", "GET") + "," +
         attribute("url.path", path) + (more.empty() ? "" : "," + more) + "]}";
}

std::string resource_spans(const std::string& key, const std::string& spans) {
  return R"({"resource":{"attributes":[)" + (key.empty() ? "" : attribute("at-project-key", key)) +
         R"(]},"scopeSpans":[{"spans":[)" + spans + "]}]}";
}

std::string request(const std::string& groups) {
  return R"({"resourceSpans":[)" + groups + "]}";
}

class Otlp : public testing::Test {
 protected:
  static ServerOptions options() {
    ServerOptions chosen;
    chosen.store = store::make_memory_store();
    return chosen;
  }
  TestServer server_{options()};

  net::RawAnswer post(const std::string& path, const std::string& body,
                      const std::string& key = kKey,
                      const std::string& type = "application/json") const {
    std::vector<std::string> headers{"Content-Type: " + type};
    if (!key.empty()) headers.push_back("Authorization: Bearer " + key);
    return server_.call("POST", path, std::move(headers), body);
  }
  std::size_t stored(std::string_view key = kKey) const {
    return json_count(server_.get("/api/v1/exchanges?limit=1000", key).body, {"data"});
  }
  std::string metrics() const { return server_.get("/metrics").body; }
};

TEST_F(Otlp, StoresSpansOnceHoweverOftenTheyAreSent) {
  const std::string body = request(resource_spans("", span("b7ad6b7169203301", "/a")));
  for (int i = 0; i < 2; i++) {
    const auto answer = post("/v1/traces", body);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
    EXPECT_THAT(answer.head, HasSubstr("Content-Type: application/json"));
  }
  EXPECT_EQ(stored(), 1u);
}

TEST_F(Otlp, GivesEachKeysResourcesToItsProject) {
  const std::string other = server_.add_project("other");
  const std::string body =
      request(resource_spans(other, span("b7ad6b7169203301", "/a")) + "," +
              resource_spans("", span("b7ad6b7169203302", "/b")) + "," +
              resource_spans("no-such-key", span("b7ad6b7169203303", "/c") + "," +
                                                span("b7ad6b7169203304", "/d")));
  const auto answer = post("/v1/traces", body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json_at(answer.body, {"partialSuccess", "rejectedSpans"}), "2");
  EXPECT_EQ(stored(), 1u);
  EXPECT_EQ(stored(other), 1u);
  const std::string all = server_.get("/api/v1/exchanges", other).body;
  EXPECT_THAT(all, Not(HasSubstr(other))) << "the key itself is not stored";
}

TEST_F(Otlp, MarksAnExchangeWhoseListsWereCut) {
  std::string headers;
  for (int i = 0; i < limits::kHeadersMax + 5; i++) {
    headers += (i == 0 ? "" : ",") + attribute("http.request.header.x-" + std::to_string(i), "v");
  }
  const std::string spans =
      span("b7ad6b7169203301", "/cut", headers) + "," +
      span("b7ad6b7169203302", "/whole", attribute("http.request.header.a", "v"));
  ASSERT_EQ(post("/v1/traces", request(resource_spans("", spans))).status, 200);
  for (const auto& [path, mark] :
       {std::pair{"/cut", R"(["request_headers:cut"])"}, std::pair{"/whole", "[]"}}) {
    const std::string found =
        server_.get("/api/v1/exchanges?fields=redaction&url_path=" + std::string(path)).body;
    EXPECT_EQ(json_at(found, {"data", "0", "redaction"}), mark) << found;
  }
}

TEST_F(Otlp, Answers401WhereEveryKeyIsBad) {
  const std::string spans = span("b7ad6b7169203301", "/a");
  EXPECT_EQ(post("/v1/traces", request(resource_spans("", spans)), "").status, 401);
  EXPECT_EQ(post("/v1/traces", request(resource_spans("", spans)), "wrong").status, 401);
  EXPECT_EQ(post("/v1/traces", request(resource_spans("wrong", spans)), kKey).status, 401);
  EXPECT_EQ(post("/v1/traces", "{}", "wrong").status, 401);
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(post("/v1/traces", "{}").status, 200);
  const auto by_header = server_.call(
      "POST", "/v1/traces", {"Content-Type: application/json", std::string("x-api-key: ") + kKey},
      request(resource_spans("", spans)));
  EXPECT_EQ(by_header.status, 200);
}

TEST_F(Otlp, RedactsWhatIsStored) {
  EXPECT_EQ(post("/v1/traces",
                 request(resource_spans(
                     "", span("b7ad6b7169203301", "/a?token=s3cr3t",
                              attribute("http.request.header.authorization", "Basic s3cr3t") + "," +
                                  attribute("http.response.header.set_cookie", "a=s3cr3t")))))
                .status,
            200);
  const std::string listed = server_.get("/api/v1/exchanges").body;
  const std::string id = json_at(listed, {"data", "0", "id"});
  const std::string exchange = server_.get("/api/v1/exchanges/" + id).body;
  EXPECT_THAT(exchange, HasSubstr("set-cookie"));
  EXPECT_THAT(exchange, Not(HasSubstr("s3cr3t")));
}

TEST_F(Otlp, DropsAServerSpanThatComesAfterTheSdksSpanOfTheSameRequest) {
  const std::string sdk =
      attribute("apitoolkit.sdk_type", "PythonFlask") + "," + attribute("http.target", "/a");
  EXPECT_EQ(post("/v1/traces", request(resource_spans(
                                   "", span("b7ad6b7169203302", "/a", sdk, "b7ad6b7169203301", 1))))
                .status,
            200);
  EXPECT_EQ(post("/v1/traces", request(resource_spans("", span("b7ad6b7169203301", "/a")))).status,
            200);
  EXPECT_EQ(stored(), 1u);
  EXPECT_THAT(metrics(), HasSubstr(R"(what="span_told_by_sdk"} 1)"));
}

TEST_F(Otlp, KeepsLogsBesideTheirExchange) {
  ASSERT_EQ(post("/v1/traces", request(resource_spans("", span("b7ad6b7169203301", "/a")))).status,
            200);
  const std::string record =
      R"({"timeUnixNano":"1700000000000000000","severityNumber":9,"traceId":")" +
      std::string(kTrace) + R"(","body":{"stringValue":"sent Cookie: a=s3cr3t"},"attributes":[)" +
      attribute("user.password", "s3cr3t") + "," + attribute("code.function", "pay") + "]}";
  const std::string logs = R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + record + "," +
                           record + R"(,{"body":{"stringValue":"of no trace"}}]}]}]})";
  EXPECT_EQ(post("/v1/logs", logs).status, 200);
  const std::string id = json_at(server_.get("/api/v1/exchanges").body, {"data", "0", "id"});
  const std::string path = "/api/v1/exchanges/" + id + "/logs";
  const auto listed = server_.get(path);
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(json_count(listed.body, {"data"}), 1u) << "the same line twice is one";
  EXPECT_EQ(json_at(listed.body, {"data", "0", "severity"}), "9");
  EXPECT_EQ(json_at(listed.body, {"data", "0", "attributes", "code.function"}), "pay");
  EXPECT_THAT(listed.body, Not(HasSubstr("s3cr3t")));
  EXPECT_EQ(server_.get(path, server_.add_project("other")).status, 404);
  EXPECT_EQ(server_.get("/api/v1/exchanges/x/logs").status, 404);
  EXPECT_THAT(metrics(), HasSubstr(R"(what="log_without_trace"} 1)"));
}

TEST_F(Otlp, CountsMetrics) {
  const auto answer =
      post("/v1/metrics", R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":)"
                          R"({"dataPoints":[{},{}]}}]}]}]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_THAT(metrics(), HasSubstr(R"(what="data_point"} 2)"));
}

TEST_F(Otlp, AnswersBadRequestsAsTheProtocolSays) {
  const std::string bomb = net::gzip(std::string(limits::kOtlpBodyBytesMax + 1, '\0'));
  const std::string small = net::gzip("{}");
  const std::string json = "application/json";
  const std::string protobuf = "application/x-protobuf";
  struct Case {
    const char* what;
    std::string type;
    std::string body;
    int status;
    std::string encoding = "";
  };
  const Case cases[] = {
      {"empty protobuf", protobuf, "", 200},
      {"JSON with a charset", "Application/JSON; charset=utf-8", "{}", 200},
      {"gzip", json, small, 200, "gzip"},
      {"not protobuf", protobuf, "\xff\xff", 400},
      {"JSON as protobuf", protobuf, "{}", 400},
      {"empty JSON", json, "", 400},
      {"not JSON", json, "{", 400},
      {"a wrong type", json, R"({"resourceSpans":7})", 400},
      {"deep", json, R"({"x":)" + std::string(100'000, '['), 400},
      {"not gzip", json, "{}", 400, "gzip"},
      {"a bomb", json, bomb, 413, "gzip"},
      {"text", "text/plain", "{}", 415},
      {"no type", "", "{}", 415},
      {"another coding", json, "{}", 415, "br"},
  };
  for (const Case& c : cases) {
    std::vector<std::string> headers{std::string("Authorization: Bearer ") + kKey};
    if (!c.type.empty()) headers.push_back("Content-Type: " + c.type);
    if (!c.encoding.empty()) headers.push_back("Content-Encoding: " + c.encoding);
    const auto answer = server_.call("POST", "/v1/traces", headers, c.body);
    EXPECT_EQ(answer.status, c.status) << c.what;
    const bool is_json = c.type != protobuf;
    EXPECT_THAT(answer.head, HasSubstr(is_json ? json : protobuf)) << c.what;
    if (is_json && c.status != 200) {
      EXPECT_NE(json_at(answer.body, {"message"}), "") << c.what;
    }
    if (!is_json && c.status == 400) {
      EXPECT_EQ(answer.body.substr(0, 2), "\x08\x03") << c.what;
    }
  }
  EXPECT_EQ(server_.call("GET", "/v1/traces").status, 405);
  net::RawClient client(server_->port());
  const auto large = client.call("POST /v1/traces HTTP/1.1\r\nHost: test\r\nContent-Length: " +
                                 std::to_string(limits::kOtlpBodyBytesMax + 1) + "\r\n\r\n");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413);
}

}  // namespace
}  // namespace apitoolkit::server
