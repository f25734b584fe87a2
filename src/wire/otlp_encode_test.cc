// The shape of what is written; python/tests/test_otlp.py reads all of it with the official
// classes.
#include "src/wire/otlp_encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <vector>

#include "src/json/utf8.h"

namespace apitoolkit::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::uint64_t take_varint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.at(0));
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
}

// The values of each field in order: integers as text, what has a length as it is.
using Fields = std::map<int, std::vector<std::string>>;

Fields fields_of(std::string_view message) {
  Fields fields;
  while (!message.empty()) {
    const std::uint64_t tag = take_varint(message);
    auto& values = fields[static_cast<int>(tag >> 3)];
    if ((tag & 7) == 0) {
      values.push_back(std::to_string(static_cast<std::int64_t>(take_varint(message))));
      continue;
    }
    const std::uint64_t size = (tag & 7) == 1 ? 8 : take_varint(message);
    EXPECT_LE(size, message.size());
    values.emplace_back(message.substr(0, size));
    message.remove_prefix(size);
  }
  return fields;
}

struct Service {
  std::map<std::string, std::string> resource;
  std::vector<Fields> spans;
};

// Attributes by name: of a text its bytes, of anything else the field of its value as it is.
std::map<std::string, std::string> attributes_of(const std::vector<std::string>& list) {
  std::map<std::string, std::string> attributes;
  for (const std::string& pair : list) {
    Fields fields = fields_of(pair);
    const Fields value = fields_of(fields[2].at(0));
    EXPECT_EQ(value.size(), 1u);
    const bool is_new = attributes.emplace(fields[1].at(0), value.begin()->second.at(0)).second;
    EXPECT_TRUE(is_new) << fields[1][0] << ": twice";
  }
  return attributes;
}

std::vector<Service> decode(std::string_view request) {
  std::vector<Service> services;
  Fields all = fields_of(request);
  for (const std::string& resource_spans : all[1]) {
    Fields fields = fields_of(resource_spans);
    Service service{attributes_of(fields_of(fields[1].at(0))[1]), {}};
    Fields scope_spans = fields_of(fields[2].at(0));
    for (const std::string& span : scope_spans[2]) {
      service.spans.push_back(fields_of(span));
    }
    services.push_back(std::move(service));
  }
  return services;
}

const OtlpResource kResource{"shop", "", "apitoolkit-test/1.2", "cpp", ""};

Exchange served() {
  Exchange exchange;
  exchange.method = "GET";
  exchange.host = "shop.example:8080";
  exchange.raw_url = "/u/7?tag=a";
  exchange.url_path = "/u/{id}";
  exchange.status_code = 200;
  exchange.start_ns = 1'709'647'629'123'456'000;
  exchange.duration_ns = 1'500'000;
  for (std::size_t i = 0; i < 16; ++i) exchange.id[i] = static_cast<std::uint8_t>(i + 1);
  return exchange;
}

Fields span_of(const Exchange& exchange) {
  return decode(encode_trace_request({&exchange, 1}, kResource)).at(0).spans.at(0);
}

std::map<std::string, std::string> span_attributes(const Exchange& exchange) {
  return attributes_of(span_of(exchange)[9]);
}

TEST(OtlpEncode, WritesNothingForNoExchanges) {
  EXPECT_EQ(encode_trace_request({}, kResource), "");
}

TEST(OtlpEncode, MakesIdsFromTheMessagesWhereThereIsNoTrace) {
  const Exchange incoming = served();
  Exchange outgoing = served();
  outgoing.direction = Direction::kOutgoing;
  outgoing.parent_id = incoming.id;
  outgoing.id[15] = 99;
  Fields parent = span_of(incoming);
  Fields child = span_of(outgoing);
  EXPECT_EQ(parent[1].at(0), std::string("\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10"));
  EXPECT_EQ(parent[2].at(0), std::string("\x9\xa\xb\xc\xd\xe\xf\x10"));
  EXPECT_THAT(parent[4], IsEmpty());
  EXPECT_EQ(child[1], parent[1]);
  EXPECT_EQ(child[4], parent[2]);
  EXPECT_NE(child[2], parent[2]);
}

TEST(OtlpEncode, TakesIdsThatAreValidAndNeverZero) {
  Exchange exchange = served();
  exchange.trace_id = "0AF7651916cd43dd8448eb211c80319c";
  exchange.span_id = "b7ad6b7169203331";
  exchange.parent_span_id = "00f067aa0ba902b7";
  Fields span = span_of(exchange);
  EXPECT_EQ(span[1].at(0), "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c");
  EXPECT_EQ(span[2].at(0), "\xb7\xad\x6b\x71\x69\x20\x33\x31");
  EXPECT_EQ(span[4].at(0), std::string("\0\xf0\x67\xaa\x0b\xa9\x02\xb7", 8));
  for (const std::string& bad : {std::string(32, '0'), std::string(32, 'g'), std::string("ab")}) {
    exchange.trace_id = bad;
    exchange.span_id = exchange.parent_span_id = bad.substr(0, 16);
    span = span_of(exchange);
    EXPECT_EQ(span[1].at(0), std::string(exchange.id.begin(), exchange.id.end()));
    EXPECT_EQ(span[2].at(0), std::string(exchange.id.begin() + 8, exchange.id.end()));
    EXPECT_THAT(span[4], IsEmpty());
  }
  exchange = served();
  exchange.id = {};  // a message of other SDKs may have none
  span = span_of(exchange);
  EXPECT_EQ(span[1].at(0).size(), 16u);
  EXPECT_NE(span[1].at(0), std::string(16, '\0'));
  EXPECT_EQ(span[2].at(0).size(), 8u);
  exchange.id[0] = 1;  // all zero in the half that the span's id is made from
  EXPECT_EQ(span_of(exchange)[2].at(0), std::string("\0\0\0\0\0\0\0\1", 8));
}

TEST(OtlpEncode, CallsASpanFailedByItsSide) {
  struct Case {
    Direction direction;
    int status;
    const char* error_type;  // nullptr: it is none
  };
  const Case cases[] = {
      {Direction::kIncoming, 200, nullptr}, {Direction::kIncoming, 404, nullptr},
      {Direction::kIncoming, 500, "500"},   {Direction::kOutgoing, 302, nullptr},
      {Direction::kOutgoing, 404, "404"},   {Direction::kOutgoing, 503, "503"},
      {Direction::kOutgoing, 0, "_OTHER"},
  };
  for (const Case& c : cases) {
    Exchange exchange = served();
    exchange.direction = c.direction;
    exchange.status_code = c.status;
    Fields span = span_of(exchange);
    auto attributes = attributes_of(span[9]);
    EXPECT_THAT(span[6], ElementsAre(c.direction == Direction::kOutgoing ? "3" : "2"));
    EXPECT_EQ(span[15].empty(), c.error_type == nullptr) << c.status;
    EXPECT_EQ(attributes.contains("error.type"), c.error_type != nullptr) << c.status;
    if (c.error_type == nullptr) continue;
    EXPECT_EQ(attributes["error.type"], c.error_type);
    EXPECT_THAT(fields_of(span[15].at(0))[3], ElementsAre("2"));
  }
  Exchange exchange = served();
  exchange.status_code = 0;
  exchange.errors = {{0, "ConnectTimeout", "no answer", "", "", "", ""}};
  EXPECT_EQ(span_attributes(exchange)["error.type"], "ConnectTimeout");
}

TEST(OtlpEncode, SplitsTheHost) {
  struct Case {
    const char *host, *address, *port;
  };
  const Case cases[] = {
      {"shop.example", "shop.example", ""},
      {"shop.example:8080", "shop.example", "8080"},
      {"[::1]:80", "::1", "80"},
      {"[::1]", "::1", ""},
      {"::1", "::1", ""},
      {"h:99999", "h", ""},
      {"h:x", "h", ""},
      {"h:", "h", ""},
      {"[", "[", ""},
      {"[]", "", ""},
  };
  for (const Case& c : cases) {
    Exchange exchange = served();
    exchange.host = c.host;
    auto attributes = span_attributes(exchange);
    EXPECT_EQ(attributes["net.host.name"], c.host);
    EXPECT_EQ(attributes["server.address"], c.address) << c.host;
    EXPECT_EQ(attributes["server.port"], c.port) << c.host;
  }
}

TEST(OtlpEncode, NamesTheUrlByItsSide) {
  Exchange exchange = served();
  auto attributes = span_attributes(exchange);
  EXPECT_EQ(attributes["http.route"], "/u/{id}");
  EXPECT_EQ(attributes["http.target"], "/u/7?tag=a");
  EXPECT_EQ(attributes["url.path"], "/u/7");
  EXPECT_EQ(attributes["url.query"], "tag=a");
  EXPECT_FALSE(attributes.contains("url.full"));
  EXPECT_FALSE(attributes.contains("url.scheme"));
  exchange.direction = Direction::kOutgoing;
  attributes = span_attributes(exchange);
  EXPECT_EQ(attributes["url.full"], "//shop.example:8080/u/7?tag=a");
  EXPECT_EQ(attributes["url.template"], "/u/{id}");
  exchange.host = "";
  exchange.raw_url = "HTTPS://api.example:444/a/b?c=d://e#f";
  attributes = span_attributes(exchange);
  EXPECT_EQ(attributes["url.full"], exchange.raw_url);
  EXPECT_EQ(attributes["url.scheme"], "https");
  EXPECT_EQ(attributes["url.path"], "/a/b");
  EXPECT_EQ(attributes["url.query"], "c=d://e");
  EXPECT_EQ(attributes["server.address"], "api.example");
  EXPECT_EQ(attributes["server.port"], "444");
}

TEST(OtlpEncode, KeepsMethodsThatTheConventionsDoNotKnowAside) {
  Exchange exchange = served();
  EXPECT_FALSE(span_attributes(exchange).contains("http.request.method_original"));
  exchange.method = "PROPFIND";
  auto attributes = span_attributes(exchange);
  EXPECT_EQ(attributes["http.request.method"], "_OTHER");
  EXPECT_EQ(attributes["http.request.method_original"], "PROPFIND");
}

TEST(OtlpEncode, GroupsSpansByTheirService) {
  std::vector<Exchange> exchanges(4, served());
  exchanges[1].service_name = "billing";
  exchanges[3].service_name = "shop";
  for (std::size_t i = 0; i < 4; ++i) exchanges[i].method = std::string(1, "GPAD"[i]);
  const auto services = decode(encode_trace_request(exchanges, kResource));
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services[0].resource.at("service.name"), "billing");
  EXPECT_EQ(services[0].spans.size(), 1u);
  EXPECT_EQ(services[1].resource.at("service.name"), "shop");
  ASSERT_EQ(services[1].spans.size(), 3u);
  std::string order;
  for (Fields span : services[1].spans) {
    order += attributes_of(span[9])["http.request.method_original"];
  }
  EXPECT_EQ(order, "GAD");
}

TEST(OtlpEncode, SaysWhoSends) {
  const Exchange exchange = served();
  OtlpResource resource{"", "3.0", "apitoolkit-flask/0.2.0", "python", "key"};
  auto sent = decode(encode_trace_request({&exchange, 1}, resource)).at(0).resource;
  EXPECT_EQ(sent["service.name"], "unknown_service");
  EXPECT_EQ(sent["service.version"], "3.0");
  EXPECT_EQ(sent["telemetry.sdk.name"], "apitoolkit-flask");
  EXPECT_EQ(sent["telemetry.sdk.version"], "0.2.0");
  EXPECT_EQ(sent["telemetry.sdk.language"], "python");
  EXPECT_EQ(sent["at-project-key"], "key");
  sent = decode(encode_trace_request({&exchange, 1}, kResource)).at(0).resource;
  EXPECT_FALSE(sent.contains("at-project-key"));
  EXPECT_FALSE(sent.contains("service.version"));
}

TEST(OtlpEncode, WritesOnlyUtf8) {
  Exchange exchange = served();
  exchange.raw_url = "/\xff\xc3\xa5\xe2\x82";
  exchange.request_headers = {{"X-\x80", "\xed\xa0\x80"}};
  exchange.errors = {{0, "E\xfe", "m\xc3", "", "", "s\xf0\x9f\x98\x80", ""}};
  exchange.tags = {"\xff"};
  for (const auto& [name, value] : span_attributes(exchange)) {
    EXPECT_TRUE(json::is_valid_utf8(name));
    EXPECT_TRUE(json::is_valid_utf8(value)) << name;
  }
  auto attributes = span_attributes(exchange);
  EXPECT_EQ(attributes["http.target"], "/\xef\xbf\xbd\xc3\xa5\xef\xbf\xbd\xef\xbf\xbd");
  const auto event = attributes_of(fields_of(span_of(exchange)[11].at(0))[3]);
  EXPECT_EQ(event.at("exception.type"), "E\xef\xbf\xbd");
  EXPECT_EQ(event.at("exception.message"), "m\xef\xbf\xbd");
  EXPECT_EQ(event.at("exception.stacktrace"), "s\xf0\x9f\x98\x80");
}

TEST(OtlpEncode, KeepsTimesInTheirRange) {
  Exchange exchange = served();
  exchange.start_ns = std::numeric_limits<std::int64_t>::max();
  exchange.duration_ns = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(span_of(exchange)[8].at(0), std::string("\xfe\xff\xff\xff\xff\xff\xff\xff"));
  exchange.start_ns = exchange.duration_ns = -5;
  EXPECT_EQ(span_of(exchange)[7].at(0), std::string(8, '\0'));
  EXPECT_EQ(span_of(exchange)[8].at(0), std::string(8, '\0'));
}

}  // namespace
}  // namespace apitoolkit::wire
