// Every row of the table "what to accept" in wire/README.md, member by member; whole messages of
// each SDK are golden vectors (vectors_test.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/uuid.h"
#include "src/wire/message.h"
#include "src/wire/vector_exchange.h"

namespace apitoolkit::wire {
namespace {

using testing::StartsWith;

// What a message with that one member is read as, in the words of wire/vectors/README.md.
std::string described(const std::string& member) {
  const auto exchange = decode_message(R"({"method":"GET",)" + member + "}");
  if (!exchange) return exchange.error().message;
  std::string text = describe(*exchange);
  constexpr std::string_view kMethod = R"("method":"GET")";
  text.erase(text.find(kMethod), kMethod.size());
  if (const auto comma = text.find(",}"); comma != std::string::npos) text.erase(comma, 1);
  if (const auto comma = text.find("{,"); comma != std::string::npos) text.erase(comma + 1, 1);
  if (const auto comma = text.find(",,"); comma != std::string::npos) text.erase(comma, 1);
  return text;
}

struct Row {
  const char* member;
  const char* expected;
};

class Accepts : public testing::TestWithParam<Row> {};

TEST_P(Accepts, TheMember) {
  EXPECT_EQ(described(GetParam().member), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, Accepts,
    testing::Values(
        Row{R"("duration":123456)", R"({"duration_ns":123456})"},
        Row{R"("duration":123456.0)", R"({"duration_ns":123456})"},
        Row{R"("duration":1.5e9)", R"({"duration_ns":1500000000})"},
        Row{R"("duration":0.6)", R"({"duration_ns":1})"},
        Row{R"("duration":"77")", R"({"duration_ns":77})"}, Row{R"("duration":null)", "{}"},
        Row{R"("duration":9223372036854775807)", R"({"duration_ns":9223372036854775807})"},
        Row{R"("status_code":404)", R"({"status_code":404})"},
        Row{R"("proto_major":2,"proto_minor":0)", R"({"proto_major":2,"proto_minor":0})"}));

INSTANTIATE_TEST_SUITE_P(
    Texts, Accepts,
    testing::Values(Row{R"("host":"a:5000")", R"({"host":"a:5000"})"}, Row{R"("host":null)", "{}"},
                    Row{R"("host":"")", "{}"}, Row{R"("service_version":null)", "{}"},
                    Row{R"("service_version":3.1)", R"({"service_version":"3.1"})"},
                    Row{R"("referer":["r"])", R"({"referer":"r"})"}, Row{R"("referer":[])", "{}"},
                    Row{R"("referer":null)", "{}"}, Row{R"("url_path":null)", "{}"},
                    Row{R"("raw_url":"/a?")", R"({"raw_url":"/a"})"},
                    Row{R"("raw_url":"/a?b","url_path":"/a?b")",
                        R"({"raw_url":"/a?b","url_path":"/a"})"},
                    Row{R"("url_path":"/u/:id?","raw_url":"/u/7?x")",
                        R"({"raw_url":"/u/7?x","url_path":"/u/:id?"})"},
                    Row{R"("sdk_type":"Strange")", R"({"sdk_type":"Strange"})"},
                    Row{R"("sdk_type":"TestkitOutgoing")",
                        R"({"direction":"outgoing","sdk_type":"TestkitOutgoing"})"},
                    Row{R"("project_id":"")", "{}"},
                    Row{R"("ho\u0073t":"escaped name")", R"({"host":"escaped name"})"},
                    Row{R"("host":"first","host":"last")", R"({"host":"last"})"}));

INSTANTIATE_TEST_SUITE_P(
    Parameters, Accepts,
    testing::Values(
        Row{R"("path_params":[])", "{}"}, Row{R"("path_params":null)", "{}"},
        Row{R"("path_params":{"id":7})", R"({"path_params":[["id","7","json"]]})"},
        Row{R"("path_params":{"id":"7"})", R"({"path_params":[["id","7"]]})"},
        Row{R"("path_params":{"a":["b"]})", R"({"path_params":[["a","[\"b\"]","json"]]})"},
        Row{R"("query_params":{"a":"1"})", R"({"query_params":[["a","1"]]})"},
        Row{R"("query_params":{"a":["1","2"],"b":[]})",
            R"({"query_params":[["a","1"],["a","2"]]})"},
        Row{R"("query_params":{"a":{"b":["1"]}})",
            R"({"query_params":[["a","{\"b\":[\"1\"]}","json"]]})"},
        Row{R"("query_params":{"a":[{"b":1}]})", R"({"query_params":[["a","{\"b\":1}","json"]]})"},
        Row{R"("query_params":[])", "{}"}, Row{R"("query_params":null)", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Headers, Accepts,
    testing::Values(Row{R"("request_headers":{"A":"1"})", R"({"request_headers":[["A","1"]]})"},
                    Row{R"("request_headers":{"A":["1","2"]})",
                        R"({"request_headers":[["A","1"],["A","2"]]})"},
                    Row{R"("response_headers":{"n":[17,true,null]})",
                        R"({"response_headers":[["n","17"],["n","true"],["n",""]]})"},
                    Row{R"("response_headers":{"n":17,"o":null})",
                        R"({"response_headers":[["n","17"],["o",""]]})"},
                    Row{R"("request_headers":null)", "{}"}, Row{R"("request_headers":[])", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Bodies, Accepts,
    testing::Values(
        Row{R"("request_body":"eyJhIjoxfQ==")", R"({"request_body":{"text":"{\"a\":1}"}})"},
        Row{R"("request_body":"eyJhIjoxfQ")", R"({"request_body":{"text":"{\"a\":1}"}})"},
        Row{R"("request_body":"-_8")", R"({"request_body":{"base64":"+/8="}})"},
        Row{R"("request_body":"+\/8=")", R"({"request_body":{"base64":"+/8="}})"},
        Row{R"("response_body":"bm90IEpTT04")", R"({"response_body":{"text":"not JSON"}})"},
        Row{R"("response_body":null)", "{}"}, Row{R"("response_body":"")", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Times, Accepts,
    testing::Values(
        Row{R"("timestamp":"1970-01-01T00:00:01.000002+00:00")", R"({"start_ns":1000002000})"},
        Row{R"("timestamp":"1970-01-01T00:00:01.402Z")", R"({"start_ns":1402000000})"},
        Row{R"("timestamp":"1970-01-01T02:00:01.5+02:00")", R"({"start_ns":1500000000})"},
        Row{R"("timestamp":"1970-01-01T00:00:01+00:00")", R"({"start_ns":1000000000})"},
        Row{R"("timestamp":"1970-01-01T00:00:01.1234567Z")", R"({"start_ns":1123456700})"},
        Row{R"("timestamp":null)", "{}"}, Row{R"("timestamp":"")", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Lists, Accepts,
    testing::Values(Row{R"("tags":[""])", "{}"}, Row{R"("tags":null)", "{}"},
                    Row{R"("tags":["a","b"])", R"({"tags":["a","b"]})"},
                    Row{R"("tags":[1])", R"({"tags":["1"]})"},
                    Row{R"("tags":"one")", R"({"tags":["one"]})"}, Row{R"("errors":null)", "{}"},
                    Row{R"("errors":[])", "{}"},
                    Row{R"("errors":[{"message":"m","when":null,"stack_trace":null}])",
                        R"({"errors":[{"message":"m"}]})"},
                    Row{R"("errors":[{"when":"some day"}])", R"({"errors":[{}]})"},
                    Row{R"("errors":["text",null])", R"({"errors":[{"message":"text"}]})"},
                    Row{R"("errors":[{"hash":"h","trace_id":null}])",
                        R"({"errors":[{"other_json":"{\"hash\":\"h\",\"trace_id\":null}"}]})"}));

INSTANTIATE_TEST_SUITE_P(Ids, Accepts,
                         testing::Values(Row{R"("msg_id":null)", "{}"}, Row{R"("msg_id":"")", "{}"},
                                         Row{R"("msg_id":"00000000-0000-0000-0000-000000000000")",
                                             "{}"},
                                         Row{R"("msg_id":"018F3B5E-7C1A-7ABC-8DEF-0123456789AB")",
                                             R"({"id":"018f3b5e-7c1a-7abc-8def-0123456789ab"})"},
                                         Row{R"("parent_id":"")", "{}"}));

INSTANTIATE_TEST_SUITE_P(
    Extras, Accepts,
    testing::Values(Row{R"("aborted":null,"request_body_truncated":false,"ttfb":-1)", "{}"},
                    Row{R"("sample_weight":2)", R"({"sample_weight":2})"},
                    Row{R"("unknown":{"deep":[[]]})", "{}"}));

TEST(Decode, NamesTheMemberThatItCannotRead) {
  for (const Row& row : {
           Row{R"("duration":[1])", "duration: expected an integer"},
           Row{R"("duration":"1x")", "duration: expected an integer"},
           Row{R"("duration":" 1")", "duration: expected an integer"},
           Row{R"("duration":1e19)", "duration: expected an integer of 64 bits"},
           Row{R"("status_code":4294967296)", "status_code: expected a smaller integer"},
           Row{R"("method":7)", "method: expected a string, got a number"},
           Row{R"("method":true)", "method: expected a string, got a flag"},
           Row{R"("host":{})", "host: expected a string"},
           Row{R"("path_params":"a=1")", "path_params: expected an object"},
           Row{R"("query_params":7)", "query_params: expected an object"},
           Row{R"("response_headers":true)", "response_headers: expected an object"},
           Row{R"("request_body":["a"])", "request_body: expected base64 text"},
           Row{R"("response_body":"a")", "response_body: expected base64 text"},
           Row{R"("timestamp":1700000000)", "timestamp: expected an ISO 8601 time"},
           Row{R"("msg_id":7)", "msg_id: expected a UUID"},
           Row{R"("parent_id":"x")", "parent_id: expected a UUID"},
           Row{R"("tags":{"a":1})", "tags: expected a list of strings"},
           Row{R"("errors":{"a":1})", "errors: expected a list of errors"},
           Row{R"("errors":[{},[]])", "errors[1]: expected an object"},
           Row{R"("aborted":"yes")", "aborted: expected true or false"},
           Row{R"("sample_weight":0)", "sample_weight: expected a positive number"},
       }) {
    const auto exchange = decode_message(R"({"method":"GET",)" + std::string(row.member) + "}");
    ASSERT_FALSE(exchange) << row.member;
    EXPECT_EQ(exchange.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(exchange.error().message, StartsWith(row.expected));
  }
}

TEST(Decode, DoesNotRepeatABodyInItsErrorMessage) {
  const auto exchange = decode_message(R"({"method":"GET","request_body":"hunter2!"})");
  ASSERT_FALSE(exchange);
  EXPECT_EQ(exchange.error().message, "request_body: expected base64 text");
}

TEST(Decode, RepeatsNothingThatWasCapturedInItsErrorMessage) {
  for (const Row& row : {
           Row{R"("host":{"hunter2":1})", "host: expected a string, got an object"},
           Row{R"("consumer":["hunter2"])", "consumer: expected a string, got a list"},
           Row{R"("path_params":"hunter2")", "path_params: expected an object, got a string"},
           Row{R"("query_params":"hunter2")", "query_params: expected an object, got a string"},
           Row{R"("request_headers":42)", "request_headers: expected an object, got a number"},
           Row{R"("response_headers":true)", "response_headers: expected an object, got a flag"},
           Row{R"("tags":{"a":"hunter2"})", "tags: expected a list of strings, got an object"},
           Row{R"("errors":"hunter2")", "errors: expected a list of errors, got a string"},
           Row{R"("errors":[["hunter2"]])", "errors[0]: expected an object, got a list"},
           Row{R"("duration":["hunter2"])", "duration: expected an integer, got a list"},
       }) {
    const auto exchange = decode_message(R"({"method":"GET",)" + std::string(row.member) + "}");
    ASSERT_FALSE(exchange) << row.member;
    EXPECT_EQ(exchange.error().message, row.expected);
  }
}

TEST(Decode, CutsALongValueInItsErrorMessageBetweenCharacters) {
  std::string value;
  for (int i = 0; i < 100; ++i) value += "å";
  const auto exchange = decode_message(R"({"method":"GET","timestamp":")" + value + "\"}");
  ASSERT_FALSE(exchange);
  EXPECT_TRUE(json::is_valid_utf8(exchange.error().message));
  EXPECT_LT(exchange.error().message.size(), 120U);
}

// Ten megabytes of text must not become terabytes of memory.
TEST(Decode, RefusesListsThatGrowFarBeyondTheirText) {
  const std::string name(100'000, 'n');
  const auto repeated = [](std::string_view element, int count) {
    std::string list = "[";
    for (int i = 0; i < count; ++i) list += std::string(i == 0 ? "" : ",") + std::string(element);
    return list + "]";
  };
  const std::string named = "{\"" + name + "\":" + repeated("1", 1000) + "}";
  const std::pair<const char*, std::string> cases[] = {{"query_params", named},
                                                       {"request_headers", named},
                                                       {"response_headers", named},
                                                       {"path_params", repeated("0", 1'000'000)},
                                                       {"errors", repeated("\"\"", 1'000'000)},
                                                       {"errors", repeated("{}", 1'000'000)},
                                                       {"tags", repeated("\"\"", 2'000'000)},
                                                       {"redaction", repeated("1", 2'000'000)}};
  for (const auto& [member, value] : cases) {
    const auto exchange =
        decode_message(R"({"method":"GET",")" + std::string(member) + "\":" + value + "}");
    ASSERT_FALSE(exchange) << member;
    EXPECT_EQ(exchange.error().code, ErrorCode::kCorrupt);
    EXPECT_EQ(exchange.error().message, std::string(member) + ": too large once decoded");
  }
}

// No member alone is over the bound, and repeating one does not begin anew.
TEST(Decode, BoundsTheListsOfAMessageTogether) {
  const std::string list = "[\"" + std::string(3'000'000, 't') + "\"]";
  std::string members;
  for (int i = 0; i < 3; ++i) {
    members += ",\"tags\":" + list + ",\"query_params\":{\"" + std::string(2'900'000, 'q') +
               "\":[1,2]},\"errors\":" + list;
  }
  const auto exchange = decode_message(R"({"method":"GET")" + members + "}");
  ASSERT_FALSE(exchange);
  EXPECT_EQ(exchange.error().code, ErrorCode::kCorrupt);
}

TEST(Decode, KeepsManyHeadersAndParametersOfAnotherSdk) {
  std::string headers;
  for (int i = 0; i < 5000; ++i) {
    headers += std::string(i == 0 ? "" : ",") + "\"x-" + std::to_string(i) + "\":[\"a\",\"b\"]";
  }
  const auto exchange = decode_message(R"({"method":"GET","request_headers":{)" + headers + "}}");
  ASSERT_TRUE(exchange) << exchange.error().message;
  EXPECT_EQ(exchange->request_headers.size(), 10'000u);
}

TEST(Decode, StripsNulBytesBeforeParsing) {
  const auto exchange = decode_message(std::string("{\"method\":\0\"GE\0T\"}", 18));
  ASSERT_TRUE(exchange) << exchange.error().message;
  EXPECT_EQ(exchange->method, "GET");
}

}  // namespace
}  // namespace apitoolkit::wire
