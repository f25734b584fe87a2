// Requests of the field (wire/vectors/otlp.json), our own encoder's, and what is none.
#include "src/wire/otlp_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>

#include "src/base/base64.h"
#include "src/base/limits.h"
#include "src/base/uuid.h"
#include "src/json/document.h"
#include "src/json/writer.h"
#include "src/wire/message.h"
#include "src/wire/otlp_encode.h"
#include "src/wire/protobuf_writer.h"
#include "src/wire/url.h"
#include "src/wire/vector_exchange.h"

namespace apitoolkit::wire {
namespace {

using namespace std::string_literals;
using json::Document;
using testing::HasSubstr;
using testing::StartsWith;

Result<OtlpTraces> traces_of(std::string_view request) {
  const auto parts = split_request(OtlpSignal::kTraces, request, {"key", ""});
  if (!parts) return tl::unexpected(parts.error());
  return decode_traces(*parts);
}

// --- Requests of the field ---

std::int64_t number_at(const Document& document, std::uint32_t object, std::string_view name) {
  const auto node = document.member(object, name);
  return node ? json::to_int64(document.raw(*node)).value() : 0;
}

// Each member that is expected, as describe writes it; null: it has its default.
void expect_members(const Document& expected, std::uint32_t object, const Exchange& exchange) {
  const std::string text = describe(exchange);
  const Document actual = Document::parse(text).value();
  for (std::uint32_t name = object + 1; name < expected[object].next;
       name = expected[name + 1].next) {
    const auto found = actual.member(0, expected.text(name));
    const auto wanted = expected.raw(name + 1);
    EXPECT_EQ(found ? actual.raw(*found) : "null", wanted) << expected.text(name) << " of " << text;
  }
}

void expect_traces(const Document& vectors, std::uint32_t node, std::string_view request) {
  const auto traces = traces_of(request);
  ASSERT_TRUE(traces) << traces.error().message;
  EXPECT_EQ(traces->other_spans, static_cast<std::size_t>(number_at(vectors, node, "other")));
  EXPECT_EQ(traces->twin_spans, static_cast<std::size_t>(number_at(vectors, node, "twins")));
  EXPECT_EQ(traces->unusable_spans, static_cast<std::size_t>(number_at(vectors, node, "unusable")));
  const std::uint32_t list = vectors.member(node, "expect").value();
  ASSERT_EQ(traces->exchanges.size(), vectors[list].count);
  std::uint32_t expected = list + 1;
  for (const Exchange& exchange : traces->exchanges) {
    expect_members(vectors, expected, exchange);
    EXPECT_THAT(describe(exchange), testing::Not(HasSubstr("a-key")));
    expected = vectors[expected].next;
  }
}

void expect_logs(const Document& vectors, std::uint32_t node, std::string_view request) {
  const auto parts = split_request(OtlpSignal::kLogs, request, {"key", ""});
  ASSERT_TRUE(parts);
  const auto logs = decode_logs(*parts);
  ASSERT_TRUE(logs) << logs.error().message;
  EXPECT_EQ(logs->without_trace,
            static_cast<std::size_t>(number_at(vectors, node, "without_trace")));
  const std::uint32_t list = vectors.member(node, "expect").value();
  ASSERT_EQ(logs->logs.size(), vectors[list].count);
  std::uint32_t expected = list + 1;
  for (const OtlpLog& log : logs->logs) {
    const auto text = [&](std::string_view name) {
      return vectors.text(vectors.member(expected, name).value());
    };
    EXPECT_EQ(log.trace_id, text("trace_id"));
    EXPECT_EQ(log.span_id, text("span_id"));
    EXPECT_EQ(log.body, text("body"));
    EXPECT_EQ(log.attributes_json, text("attributes"));
    EXPECT_EQ(log.time_ns, number_at(vectors, expected, "time_ns"));
    EXPECT_EQ(log.severity, number_at(vectors, expected, "severity"));
    expected = vectors[expected].next;
  }
}

TEST(OtlpDecode, ReadsWhatClientsOfTheFieldSendInBothForms) {
  std::ifstream file(APITOOLKIT_SOURCE_DIR "/wire/vectors/otlp.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const Document vectors = Document::parse(text).value();
  const std::uint32_t cases = vectors.member(0, "cases").value();
  ASSERT_GE(vectors[cases].count, 15u);
  for (std::uint32_t node = cases + 1; node < vectors[cases].next; node = vectors[node].next) {
    const auto at = [&](std::string_view name) { return vectors.member(node, name).value(); };
    SCOPED_TRACE(vectors.text(at("about")));
    const bool is_logs = vectors.text(at("signal")) == "logs";
    const auto signal = is_logs ? OtlpSignal::kLogs : OtlpSignal::kTraces;
    const auto expect = is_logs ? expect_logs : expect_traces;
    expect(vectors, node, base::base64_decode(vectors.text(at("protobuf"))).value());
    const auto transcoded = otlp_json_to_protobuf(signal, vectors.raw(at("json")));
    ASSERT_TRUE(transcoded) << transcoded.error().message;
    expect(vectors, node, *transcoded);
  }
}

// --- Our own encoder ---

class RandomExchanges {
 public:
  Exchange next() {
    Exchange e;
    fill(e.id.data(), e.id.size());
    if (flip()) fill(e.parent_id.emplace().data(), 16);
    e.direction = flip() ? Direction::kOutgoing : Direction::kIncoming;
    e.sdk_type = e.direction == Direction::kOutgoing ? "PythonOutgoing" : "PythonFlask";
    e.start_ns = static_cast<std::int64_t>(random_() >> 2);
    e.duration_ns = static_cast<std::int64_t>(random_() >> 30);
    if (flip()) e.ttfb_ns = number(1'000'000);
    e.method = pick({"GET", "POST", "PROPFIND", "get", "_OTHER"});
    e.host = pick({"shop.example:8080", "", "[::1]:80"});
    e.raw_url = "/u/" + text() + pick({"", "?a=1&a=2", "?" + std::string("q=%20x")});
    std::replace(e.raw_url.begin(), e.raw_url.end(), '#', '-');
    e.url_path = flip() ? "/u/<int:id>" : "/" + text();
    e.status_code = number(600);
    e.proto_major = 1 + number(2);
    e.proto_minor = e.proto_major == 1 ? number(2) : 0;
    for (int i = number(4); i > 0; --i) e.path_params.push_back({"p" + text(), "7", flip()});
    for (int i = number(4); i > 0; --i) e.query_params.push_back({"q" + text(), text(), false});
    e.request_headers = headers();
    e.response_headers = headers();
    e.request_body = body();
    e.response_body = body();
    for (int i = number(3); i > 0; --i) {
      e.errors.push_back({number(2) * 1'700'000'000'123'456'000, "E" + text(), text(), text(),
                          text(), text(), flip() ? R"({"hash":"x"})" : ""});
    }
    for (int i = number(3); i > 0; --i) e.tags.push_back("t" + text());
    e.service_version = text();
    e.client_ip = flip() ? "10.0.0.7" : "";
    e.trace_id = hex(16);
    e.span_id = hex(8);
    if (flip()) e.parent_span_id = hex(8);
    e.consumer = text();
    e.sdk_version = "apitoolkit-flask/0.2.0";
    e.service_name = pick({"shop", "billing"});
    e.aborted = flip();
    if (flip()) e.sample_weight = 2.5;
    if (flip()) e.redaction = {"request_body:too_deep"};
    return e;
  }

 private:
  bool flip() { return (random_() & 1) != 0; }
  int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  std::string pick(std::initializer_list<std::string> choices) {
    return *(choices.begin() + number(static_cast<int>(choices.size())));
  }
  void fill(std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(random_());
  }
  std::string hex(std::size_t size) {
    std::string out(2 * size, '0');
    for (char& c : out) c = "0123456789abcdef"[number(16)];
    return out;
  }
  std::string text() {
    constexpr std::string_view kPieces[] = {"a", "Z9", "\"", "\\", "\xc3\xa9", "<", "\n", " ", "#"};
    std::string out;
    for (int i = number(6); i > 0; --i) out += kPieces[static_cast<std::size_t>(number(9))];
    return out;
  }
  // In the order in which they are sent: by their names in lower case.
  std::vector<Header> headers() {
    std::vector<Header> out;
    for (const char* name : {"accept", "referer", "x_under", "x-a"}) {
      for (int i = number(3); i > 0; --i) out.push_back({name, text()});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Header& a, const Header& b) { return a.name < b.name; });
    return out;
  }
  Body body() {
    Body out;
    for (int i = number(40); i > 0; --i) out.bytes += static_cast<char>(random_());
    if (flip()) out.size = number(1000);
    out.truncated = flip();
    return out;
  }

  std::mt19937_64 random_{7};
};

// What does not travel as it is: the Referer is read from the headers, query parameters that are
// not given from the URL, and a parent without a span is called by the last half of its id.
Exchange as_sent(Exchange exchange) {
  exchange.referer.clear();
  for (const Header& header : exchange.request_headers) {
    if (header.name != "referer") continue;
    exchange.referer = header.value;
    break;
  }
  if (exchange.query_params.empty()) exchange.query_params = parse_query(exchange.raw_url);
  if (exchange.parent_id && exchange.parent_span_id.empty()) {
    std::string id = base::format_uuid(*exchange.parent_id);
    std::erase(id, '-');
    exchange.parent_span_id = id.substr(16);
  }
  const Urls urls = normal_urls(exchange);
  exchange.url_path.resize(urls.url_path.size());
  exchange.raw_url.resize(urls.raw_url.size());
  return exchange;
}

TEST(OtlpDecode, ReadsOurOwnEncodersExchangesBack) {
  RandomExchanges random;
  const OtlpResource resource{"", "", "apitoolkit-flask/0.2.0", "python", "the-key"};
  for (int round = 0; round < 300; ++round) {
    std::vector<Exchange> exchanges;
    for (int i = 0; i < 5; ++i) {
      exchanges.push_back(random.next());
      // Query parameters of one name travel together.
      auto& query = exchanges.back().query_params;
      std::stable_sort(query.begin(), query.end(),
                       [](const Param& a, const Param& b) { return a.name < b.name; });
      // A route names each of its parameters once.
      auto& params = exchanges.back().path_params;
      std::sort(params.begin(), params.end(),
                [](const Param& a, const Param& b) { return a.name < b.name; });
      params.erase(std::unique(params.begin(), params.end(),
                               [](const Param& a, const Param& b) { return a.name == b.name; }),
                   params.end());
    }
    std::stable_sort(exchanges.begin(), exchanges.end(), [](const Exchange& a, const Exchange& b) {
      return a.service_name < b.service_name;  // as they are grouped
    });
    const std::string request = encode_trace_request(exchanges, resource);
    const auto parts = split_request(OtlpSignal::kTraces, request, {});
    ASSERT_TRUE(parts);
    std::size_t entries = 0;
    for (const OtlpPart& part : *parts) {
      EXPECT_EQ(part.key, "the-key");
      entries += part.entries;
    }
    EXPECT_EQ(entries, exchanges.size());
    const auto traces = decode_traces(*parts);
    ASSERT_TRUE(traces);
    ASSERT_EQ(traces->exchanges.size(), exchanges.size());
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
      ASSERT_EQ(describe(traces->exchanges[i]), describe(as_sent(exchanges[i])));
    }
  }
}

TEST(OtlpDecode, GivesARetryTheSameIdentity) {
  RandomExchanges random;
  Exchange exchange = random.next();
  exchange.id = {};
  const std::string request = encode_trace_request({&exchange, 1}, {"s", "", "x/1", "cpp", ""});
  const auto once = traces_of(request);
  const auto again = traces_of(request);
  EXPECT_FALSE(base::is_nil(once->exchanges.at(0).id));
  EXPECT_EQ(identity(once->exchanges[0]), identity(again->exchanges.at(0)));
}

// --- Keys ---

void write_text(ProtobufWriter& out, int field, std::string_view key, std::string_view value) {
  out.message(field, [&] {
    out.text(1, key);
    out.message(2, [&] { out.text(1, value); });
  });
}

// A group whose resource and whose single span have these attributes.
std::string group(std::initializer_list<Header> resource, std::initializer_list<Header> span) {
  ProtobufWriter out;
  out.message(1, [&] {
    out.message(1, [&] {
      for (const Header& a : resource) write_text(out, 1, a.name, a.value);
    });
    out.message(2, [&] {
      out.message(2, [&] {
        out.bytes(1, std::string(16, 't'));
        out.bytes(2, std::string(8, 's'));
        write_text(out, 9, "http.request.method", "GET");
        for (const Header& a : span) write_text(out, 9, a.name, a.value);
      });
    });
  });
  return std::move(out).str();
}

TEST(OtlpDecode, FindsTheKeyInTheOrderOfTheProtocol) {
  const std::string everything =
      group({{"x-api-key", "second"}, {"at-project-key", "first"}}, {{"at-project-key", "span"}});
  const auto key = [](const std::string& request, const OtlpKeys& keys) {
    const auto parts = split_request(OtlpSignal::kTraces, request, keys);
    EXPECT_EQ(parts->size(), 1u);
    EXPECT_EQ(parts->at(0).entries, 1u);
    return std::string(parts->at(0).key);
  };
  EXPECT_EQ(key(everything, {"metadata", "header"}), "metadata");
  EXPECT_EQ(key(everything, {"", "header"}), "first");
  EXPECT_EQ(key(group({{"x-api-key", "second"}}, {}), {"", "header"}), "second");
  EXPECT_EQ(key(group({}, {{"at-project-key", "span"}}), {"", "header"}), "header");
  EXPECT_EQ(key(group({}, {{"at-project-key", "span"}}), {}), "span");
  EXPECT_EQ(key(group({}, {}), {}), "");
}

TEST(OtlpDecode, SeparatesSpansByTheirOwnKeys) {
  std::string request;
  ProtobufWriter out;
  out.message(1, [&] {
    out.message(2, [&] {
      for (const char* key : {"a", "b", "", "a"}) {
        out.message(2, [&] {
          write_text(out, 9, "http.request.method", "GET");
          if (*key != '\0') write_text(out, 9, "at-project-key", key);
          write_text(out, 9, "url.path", "/of-"s + key);
        });
      }
    });
  });
  request = std::move(out).str();
  const auto parts = split_request(OtlpSignal::kTraces, request, {});
  ASSERT_EQ(parts->size(), 3u);
  EXPECT_EQ(parts->at(0).entries, 2u);
  for (const OtlpPart& part : *parts) {
    const auto traces = decode_traces({&part, 1});
    ASSERT_EQ(traces->exchanges.size(), part.entries);
    for (const Exchange& e : traces->exchanges)
      EXPECT_EQ(e.raw_url, "/of-" + std::string(part.key));
  }
}

TEST(OtlpDecode, CountsDataPoints) {
  const auto json = otlp_json_to_protobuf(
      OtlpSignal::kMetrics,
      R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)"
      R"({"name":"a","gauge":{"dataPoints":[{"asInt":"1"},{}]}},{"sum":{"dataPoints":[{}]}},)"
      R"({"histogram":{"dataPoints":[{}]}},{"exponential_histogram":{"dataPoints":[{}]}},)"
      R"({"summary":{"dataPoints":[{}]}},{"name":"none"}]}]}]})");
  ASSERT_TRUE(json);
  const auto parts = split_request(OtlpSignal::kMetrics, *json, {"k", ""});
  ASSERT_EQ(parts->size(), 1u);
  EXPECT_EQ(parts->at(0).entries, 6u);
}

// --- What is no request ---

TEST(OtlpDecode, RefusesARequestThatIsCutAnywhere) {
  RandomExchanges random;
  const Exchange exchange = random.next();
  const std::string request = encode_trace_request({&exchange, 1}, {"s", "", "x/1", "cpp", "k"});
  ASSERT_TRUE(traces_of(request));
  for (std::size_t size = 1; size < request.size(); ++size) {
    const auto traces = traces_of(std::string_view(request).substr(0, size));
    ASSERT_FALSE(traces) << size;
    EXPECT_EQ(traces.error().code, ErrorCode::kCorrupt);
  }
}

TEST(OtlpDecode, SurvivesEveryByteBeingWrong) {
  RandomExchanges random;
  const Exchange exchange = random.next();
  std::string request = encode_trace_request({&exchange, 1}, {"s", "", "x/1", "cpp", "k"});
  for (char& byte : request) {
    const char right = byte;
    for (const int wrong : {0x00, 0xFF, right ^ 1, right ^ 0x80}) {
      byte = static_cast<char>(wrong);
      const auto traces = traces_of(request);
      if (!traces) {
        EXPECT_EQ(traces.error().code, ErrorCode::kCorrupt);
      } else {
        for (const Exchange& e : traces->exchanges) EXPECT_TRUE(decode_message(encode_message(e)));
      }
    }
    byte = right;
  }
}

TEST(OtlpDecode, RefusesWhatWouldGrowTooLarge) {
  // Thirty bytes a span become a kilobyte.
  ProtobufWriter span;
  write_text(span, 9, "http.method", "GET");
  const std::string one = std::move(span).str();
  ProtobufWriter out;
  out.message(1, [&] {
    out.message(2, [&] {
      for (int i = 0; i < 400'000; ++i) out.bytes(2, one);
    });
  });
  const auto traces = traces_of(std::move(out).str());
  ASSERT_FALSE(traces);
  EXPECT_EQ(traces.error().code, ErrorCode::kInvalidArgument);
}

TEST(OtlpDecode, KeepsTheFirstOfTooManyHeaders) {
  ProtobufWriter out;
  out.message(1, [&] {
    out.message(2, [&] {
      out.message(2, [&] {
        write_text(out, 9, "http.method", "GET");
        for (int i = 0; i < 1000; ++i) write_text(out, 9, "http.request.header.x", "");
        out.message(9, [&] {
          out.text(1, "http.response.header.y");
          out.message(2, [&] {
            out.message(5, [&] {
              for (int i = 0; i < 100'000; ++i) out.bytes(1, "");
            });
          });
        });
      });
    });
  });
  const auto traces = traces_of(std::move(out).str());
  ASSERT_TRUE(traces);
  EXPECT_EQ(traces->exchanges.at(0).request_headers.size(), 257u)
      << "one more than are kept, so that the cut is seen";
  EXPECT_EQ(traces->exchanges[0].response_headers.size(), 257u);
}

// --- JSON ---

std::string span_json(std::string_view members) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[{)" + std::string(members) + "}]}]}]}";
}

TEST(OtlpDecodeJson, ReadsNumbersNamesAndEscapesAsTheyMayCome) {
  const auto request = otlp_json_to_protobuf(
      OtlpSignal::kTraces,
      R"( {"unknown":{"a":[1]},"resource_spans" : [null, {"scopeSpans":[{"scope":null,"spans":[{)"
      R"("traceId":"0AF7651916CD43DD8448EB211C80319C","spanId":"b7ad6b7169203301","kind":)"
      R"("SPAN_KIND_CLIENT","start_time_unix_nano":1700000000000000000,)"
      R"("endTimeUnixNano":"1700000000000000005","attributes":[{"key":"http\u002emethod","value":)"
      R"({"stringValue":"G\u0045T"}},{"key":"http.status_code","value":{"intValue":"204"}},)"
      R"({"key":"http.url","value":{"stringValue":"http://a/\"x"}}]}]}]}]} )");
  ASSERT_TRUE(request) << request.error().message;
  const auto traces = traces_of(*request);
  ASSERT_EQ(traces->exchanges.size(), 1u);
  const Exchange& exchange = traces->exchanges[0];
  EXPECT_EQ(exchange.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(exchange.direction, Direction::kOutgoing);
  EXPECT_EQ(exchange.duration_ns, 5);
  EXPECT_EQ(exchange.method, "GET");
  EXPECT_EQ(exchange.status_code, 204);
  EXPECT_EQ(exchange.raw_url, "/\"x");
}

TEST(OtlpDecodeJson, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string json;
    std::string_view message;
  };
  const std::string span = "resourceSpans[0].scopeSpans[0].spans[0]";
  const Case cases[] = {
      {"", "the request is not JSON"},
      {"{", "the request is not JSON"},
      {"[]", "expected an object"},
      {"7", "expected an object"},
      {"{\"a\":\"\xff\"}", "the request is not valid UTF-8"},
      {R"({"resourceSpans":{}})", "resourceSpans: expected a list"},
      {R"({"resourceSpans":[{},7]})", "resourceSpans[1]: expected an object"},
      {span_json(R"("traceId":"xyz")"),
       "resourceSpans[0].scopeSpans[0].spans[0].traceId: "
       "expected hexadecimal digits"},
      {span_json(R"("traceId":7)"), "resourceSpans[0].scopeSpans[0].spans[0].traceId: "},
      {span_json(R"("name":7)"), "resourceSpans[0].scopeSpans[0].spans[0].name: expected a string"},
      {span_json(R"("kind":{})"), "resourceSpans[0].scopeSpans[0].spans[0].kind: "},
      {span_json(R"("startTimeUnixNano":-1)"), "resourceSpans[0].scopeSpans[0].spans[0].start"},
      {span_json(R"("startTimeUnixNano":"1x")"), "resourceSpans[0].scopeSpans[0].spans[0].start"},
      {span_json(R"("attributes":[{"key":"a","value":{"intValue":1.5}}])"),
       "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.intValue: expected an integer"},
      {span_json(R"("attributes":[{"key":"a","value":{"boolValue":1}}])"),
       "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.boolValue: expected true"},
      {span_json(R"("attributes":[{"value":{"bytesValue":"!"}}])"),
       "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue: expected base64"},
      {span_json(R"("attributes":[{"value":{"doubleValue":"many"}}])"),
       "resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.doubleValue: expected a num"},
  };
  for (const Case& c : cases) {
    const auto request = otlp_json_to_protobuf(OtlpSignal::kTraces, c.json);
    ASSERT_FALSE(request) << c.json;
    EXPECT_EQ(request.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(request.error().message, StartsWith(std::string(c.message))) << c.json;
  }
}

TEST(OtlpDecodeJson, BoundsDepth) {
  const auto nested = [](int levels) {
    std::string value = R"({"stringValue":"x"})";
    for (int i = 1; i < levels; ++i) {
      value.insert(0, R"({"arrayValue":{"values":[)").append("]}}");
    }
    return span_json(R"("attributes":[{"key":"a","value":)" + value + "}]");
  };
  EXPECT_TRUE(otlp_json_to_protobuf(OtlpSignal::kTraces, nested(limits::kOtlpValueLevelsMax)));
  const auto deeper =
      otlp_json_to_protobuf(OtlpSignal::kTraces, nested(limits::kOtlpValueLevelsMax + 1));
  ASSERT_FALSE(deeper);
  EXPECT_THAT(deeper.error().message, HasSubstr("nested too deeply"));
  const std::string brackets(5000, '[');
  EXPECT_FALSE(otlp_json_to_protobuf(OtlpSignal::kTraces, brackets));
  EXPECT_FALSE(otlp_json_to_protobuf(OtlpSignal::kTraces, R"({"x":)" + brackets));
}

TEST(OtlpDecodeJson, RefusesARequestThatIsCutAnywhere) {
  const std::string whole = span_json(
      R"("traceId":"0af7651916cd43dd8448eb211c80319c","kind":2,"attributes":[{"key":"a","value":{"intValue":"7"}}])");
  ASSERT_TRUE(otlp_json_to_protobuf(OtlpSignal::kTraces, whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(otlp_json_to_protobuf(OtlpSignal::kTraces, whole.substr(0, size))) << size;
  }
}

TEST(OtlpDecodeJson, RefusesMoreValuesThanThereIsRoomFor) {
  std::string json = R"({"x":[0)";
  for (std::int64_t i = 0; i < limits::kOtlpJsonTokensMax; ++i) json += ",0";
  json += "]}";
  const auto request = otlp_json_to_protobuf(OtlpSignal::kTraces, json);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument);
}

// --- The answer ---

TEST(OtlpResponse, SaysWhatWasRefused) {
  EXPECT_EQ(encode_export_response({}), "");
  EXPECT_EQ(encode_export_response({7, "why"}), "\x0a\x07\x08\x07\x12\x03why"s);
  EXPECT_EQ(encode_export_response_json(OtlpSignal::kTraces, {}), "{}");
  EXPECT_EQ(encode_export_response_json(OtlpSignal::kTraces, {7, "why"}),
            R"({"partialSuccess":{"rejectedSpans":"7","errorMessage":"why"}})");
  EXPECT_EQ(encode_export_response_json(OtlpSignal::kLogs, {1, ""}),
            R"({"partialSuccess":{"rejectedLogRecords":"1"}})");
  EXPECT_EQ(encode_export_response_json(OtlpSignal::kMetrics, {1, ""}),
            R"({"partialSuccess":{"rejectedDataPoints":"1"}})");
}

}  // namespace
}  // namespace apitoolkit::wire
