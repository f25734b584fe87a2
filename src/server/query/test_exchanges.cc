#include "src/server/query/test_exchanges.h"

#include <cstdlib>
#include <string>

#include "src/base/clock.h"

namespace apitoolkit::server::query {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kSecond = 1000 * kMs;
constexpr std::int64_t kHour = 3600 * kSecond;

std::int64_t at(std::string_view time) {
  return base::parse_rfc3339(time).value_or(0);
}

// 019b7000-0000-7000-8000-0000000000NN
Uuid numbered(std::uint64_t n) {
  Uuid id{0x01, 0x9b, 0x70, 0, 0, 0, 0x70, 0, 0x80};
  for (std::size_t i = 15; n > 0 && i > 8; --i, n >>= 8) id[i] = static_cast<std::uint8_t>(n);
  return id;
}

TestExchange base_exchange(std::uint64_t n, std::string_view time, std::string_view method,
                           std::string_view url_path, int status, std::int64_t duration_ns) {
  TestExchange out;
  Exchange& e = out.exchange;
  e.id = out.identity = numbered(n);
  e.start_ns = at(time);
  out.received_ns = e.start_ns + kSecond;
  e.method = method;
  e.host = "api.shop.example";
  e.url_path = url_path;
  e.raw_url = url_path;
  e.status_code = status;
  e.duration_ns = duration_ns;
  e.sdk_type = "PythonFlask";
  e.service_name = "shop";
  e.service_version = "1.4.0";
  return out;
}

void set_body(Body& body, std::string_view bytes) {
  body.bytes = bytes;
  body.size = static_cast<std::int64_t>(bytes.size());
}

// Described in tests/queries/README.md: change both.
std::vector<TestExchange> shop() {
  std::vector<TestExchange> all;
  const auto add = [&all](std::uint64_t n, std::string_view time, std::string_view method,
                          std::string_view path, int status, std::int64_t ms) -> TestExchange& {
    all.push_back(base_exchange(n, time, method, path, status, ms * kMs));
    return all.back();
  };
  {
    Exchange& e = add(1, "2026-01-02T00:00:00Z", "GET", "/products", 200, 12).exchange;
    e.raw_url = "/products?page=2&q=red%20shoes&tag=a&tag=b";
    e.query_params = {
        {"page", "2", false}, {"q", "red shoes", false}, {"tag", "a", false}, {"tag", "b", false}};
    e.request_headers = {{"Accept", "application/json"}, {"X-Request-Id", "r-1"}};
    e.response_headers = {{"Content-Type", "application/json"}};
    set_body(e.response_body, R"({"items":[{"id":1,"price":9.5},{"id":2,"price":20}],"total":2})");
    e.consumer = "alice";
    e.ttfb_ns = 10 * kMs;
    e.tags = {"beta", "eu"};
    e.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  }
  {
    Exchange& e = add(2, "2026-01-02T00:05:00Z", "POST", "/orders", 201, 150).exchange;
    e.request_headers = {
        {"Content-Type", "application/json"}, {"X-Many", "one"}, {"x-many", "two"}};
    set_body(e.request_body,
             R"({"user":{"id":7,"name":"Zo\u00eb"},"items":[{"sku":"A-1","price":9.5,"n":2}],)"
             R"("note":"leave at the door","a b":true,"nothing":null})");
    set_body(e.response_body, R"({"order":1001,"ok":true})");
    e.consumer = "alice";
    e.tags = {"beta"};
    e.ttfb_ns = 140 * kMs;
  }
  {
    Exchange& e = add(3, "2026-01-02T00:10:00Z", "POST", "/orders", 422, 35).exchange;
    set_body(e.request_body, R"({"user":{"id":8,"name":"Bob"},"items":[]})");
    set_body(e.response_body, R"({"error":{"code":"empty_cart","message":"Your cart is empty"}})");
    e.consumer = "bob";
    e.errors = {{0, "ValidationError", "items: must not be empty", "", "", "", ""}};
  }
  {
    Exchange& e = add(4, "2026-01-02T00:15:00Z", "GET", "/orders/{id}", 404, 8).exchange;
    e.raw_url = "/orders/999";
    e.path_params = {{"id", "999", true}};
    set_body(e.response_body, "not found");
    e.consumer = "bob";
  }
  {
    Exchange& e = add(5, "2026-01-02T00:20:00Z", "GET", "/orders/{id}", 200, 22).exchange;
    e.raw_url = "/orders/1001?debug=true";
    e.path_params = {{"id", "1001", true}};
    e.query_params = {{"debug", "true", false}};
    set_body(e.response_body, R"({"order":1001,"total":19.0,"paid":false})");
    e.consumer = "alice";
  }
  {
    Exchange& e = add(6, "2026-01-02T00:25:00Z", "GET", "/products", 500, 2500).exchange;
    e.errors = {{at("2026-01-02T00:25:02Z"), "TimeoutError", "database timed out after 2000 ms",
                 "OSError", "connection reset", "Traceback: shop.py line 12", R"({"retries":3})"},
                {0, "RuntimeError", "gave up", "", "", "", ""}};
    set_body(e.response_body, "<h1>Internal Server Error</h1>");
    e.service_version = "1.5.0";
  }
  {
    Exchange& e = add(7, "2026-01-02T00:30:00Z", "POST", "/pay", 200, 800).exchange;
    e.direction = Direction::kOutgoing;
    e.sdk_type = "PythonRequestsOutgoing";
    e.host = "bank.example:8443";
    e.parent_id = numbered(2);
    set_body(e.request_body, R"({"amount":19.0,"currency":"EUR","card":"[CLIENT_REDACTED]"})");
    e.redaction = {"request_body"};
    set_body(e.response_body, R"([1,"two",[3],{"four":4}])");
  }
  {
    Exchange& e = add(8, "2026-01-02T00:35:00Z", "DELETE", "/orders/{id}", 204, 40).exchange;
    e.raw_url = "/orders/1001";
    e.path_params = {{"id", "1001", true}};
    e.consumer = "Alice";
    e.client_ip = "203.0.113.9";
  }
  {
    Exchange& e =
        add(9, "2026-01-02T00:40:00Z", "GET", "/na\xC3\xAFve/\xE2\x98\x95", 200, 5).exchange;
    set_body(e.response_body, "\"caf\xC3\xA9\"");
    e.referer = "https://shop.example/start";
  }
  {
    Exchange& e = add(10, "2026-01-02T00:45:00Z", "PUT", "/import", 0, 30'000).exchange;
    e.aborted = true;
    e.request_body.bytes = R"({"rows":[1,2,3)";
    e.request_body.size = 5'000'000;
    e.request_body.truncated = true;
  }
  {
    TestExchange& row = add(11, "2026-01-02T00:50:00Z", "GET", "/health", 200, 1);
    row.timestamp_corrected = true;
    row.exchange.sample_weight = 10;
    row.exchange.service_name.clear();
    row.exchange.service_version.clear();
    set_body(row.exchange.response_body, " 7 ");
  }
  {
    Exchange& e = add(12, "2026-01-02T00:55:00Z", "get", "/odd", 200, 3).exchange;
    set_body(e.response_body,
             R"({"int":9007199254740993,"big":123456789012345678901234567890,"neg":-0.5,)"
             R"("quote":"say \"hi\"\\","list":["a","B",null,3],"deep":[[1,2],[3]],"":"empty name",)"
             R"("dup":1,"dup":2,"time":"2026-01-02T00:00:00Z","num":"42","flag":"TRUE"})");
    e.tags = {"caf\xC3\xA9", "x y"};
  }
  return all;
}

std::vector<TestExchange> hours() {
  std::vector<TestExchange> all;
  for (std::uint64_t i = 0; i < 336; ++i) {
    TestExchange row = base_exchange(i + 1, "2025-12-26T00:15:00Z", i % 3 == 0 ? "POST" : "GET",
                                     i % 2 == 0 ? "/even" : "/odd", i % 10 == 0 ? 500 : 200,
                                     static_cast<std::int64_t>(i + 1) * kMs);
    row.exchange.start_ns += static_cast<std::int64_t>(i) * kHour / 2;
    row.received_ns = row.exchange.start_ns;
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace

std::vector<TestExchange> test_data_set(std::string_view name) {
  if (name == "shop") return shop();
  if (name == "hours") return hours();
  if (name == "empty") return {};
  std::abort();
}

std::string RandomExchanges::pick(std::initializer_list<std::string_view> from) {
  return std::string(from.begin()[below(static_cast<std::int64_t>(from.size()))]);
}

std::string RandomExchanges::body() {
  switch (below(8)) {
    case 0:
      return "";
    case 1:
      return pick({"not found", "error: x y", "\"caf\xC3\xA9\"", " 7 ", "null", "a=1&b=2",
                   "{\"cut\":[1,", "\xff\xfe", "[]", "{}"});
    case 2:
      return R"({"ok":)" + pick({"true", "false", "null"}) + R"(,"total":)" +
             std::to_string(below(100)) + pick({"", ".5", "e1", ".0"}) + R"(,"a b":"users"})";
    case 3:
      return R"({"error":{"message":")" + pick({"not found", "x\\ny", "Error", "na\\u00efve"}) +
             R"("},"ok":false})";
    default: {
      std::string out = R"({"user":{"id":)" + pick({"7", "42", "7.0", "\"7\"", "null", "1e2"}) +
                        R"(,"name":")" + pick({"alice", "Alice", "\\u0061lice", "\xC3\xA9", ""}) +
                        R"("},"items":[)";
      for (std::int64_t i = below(4); i > 0; --i) {
        out += R"({"price":)" + pick({"0.5", "200", "7", "-1", "\"x y\""}) + "}";
        if (i > 1) out += ",";
      }
      return out + "]}";
    }
  }
}

void RandomExchanges::fill_optional(Exchange& e) {
  if (one_in(2)) e.consumer = pick({"alice", "Alice", "bob", "\xC3\xA9"});
  if (one_in(2)) e.tags = {pick({"beta", "a"}), pick({"x y", "beta", "\xC3\xA9"})};
  if (one_in(3)) e.client_ip = pick({"203.0.113.9", "::1"});
  if (one_in(3)) e.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  if (one_in(2)) e.service_name = pick({"users", "shop"});
  if (one_in(2)) e.service_version = pick({"v1.2", "v1.3"});
  if (one_in(2)) e.ttfb_ns = below(200) * kMs;
  if (one_in(2))
    e.request_headers.push_back({pick({"Content-Type", "content-type"}), "application/json"});
  for (std::int64_t i = below(3); i > 0; --i) {
    e.request_headers.push_back({pick({"X-Many", "x-many"}), pick({"a", "beta", "7"})});
  }
  if (one_in(2)) e.response_headers = {{"Server", pick({"a", "error", "x y"})}};
  if (one_in(2)) e.query_params.push_back({"page", pick({"1", "7", "a"}), one_in(2)});
  if (one_in(3)) e.query_params.push_back({"q", pick({"users", "x y"}), false});
  if (one_in(3)) e.path_params.push_back({"id", pick({"7", "42", "a"}), one_in(2)});
  for (std::int64_t i = below(3) - 1; i > 0; --i) {
    e.errors.push_back({0, pick({"ValueError", "Error"}), pick({"not found", "x y", "7"}), "", "",
                        "", one_in(2) ? R"({"k":"beta"})" : ""});
  }
  if (one_in(8)) e.redaction = {"request_body"};
}

TestExchange RandomExchanges::next() {
  TestExchange out;
  Exchange& e = out.exchange;
  e.id = out.identity = numbered(++count_);
  e.start_ns = kTestNowNs - below(7200) * kSecond - (one_in(2) ? below(kSecond) : 0);
  out.received_ns = e.start_ns + below(3) * kSecond;
  out.timestamp_corrected = one_in(20);
  e.direction = one_in(4) ? Direction::kOutgoing : Direction::kIncoming;
  e.sdk_type = pick({"PythonFlask", "JsExpress"});
  e.method = pick({"GET", "POST", "get"});
  e.host = pick({"api.example.com", "users.example.com:80"});
  e.url_path = pick({"/users/{id}", "/users", "/a", "/\xC3\xA9"});
  e.raw_url = e.url_path + pick({"", "?q=x%20y", "?users=7"});
  e.status_code = std::stoi(pick({"0", "200", "200", "404", "500", "503"}));
  e.duration_ns = one_in(2) ? below(3000) * kMs : below(3 * kSecond);
  e.aborted = one_in(5);
  e.sample_weight = one_in(4) ? 2.5 : 1;
  for (Body* const body_of : {&e.request_body, &e.response_body}) {
    body_of->bytes = body();
    body_of->size = one_in(8) ? -1 : static_cast<std::int64_t>(body_of->bytes.size());
    body_of->truncated = one_in(20);
  }
  fill_optional(e);
  return out;
}

}  // namespace apitoolkit::server::query
